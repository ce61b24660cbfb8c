"""What the next question will cost, said before it is asked."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from threading import Timer

from ipywidgets import HTML

from oda_widgets.errors import OdaError
from oda_widgets.panels.stage import Stage
from oda_widgets.request.queries import Query

_PATIENCE = 0.3  # seconds without a change before the plan is made


class PlanLine(HTML):  # type: ignore[misc]  # ipywidgets publishes no types
    """A line such as "50 windows, 37 in the store, about 12 s".

    Parameters
    ----------
    plan
        Returns the plan of a question; called in the background.
    stage
        Where it is shown.
    """

    def __init__(self, plan: Callable[[Query], object], stage: Stage) -> None:
        super().__init__()
        self._plan = plan
        self._stage = stage
        self._asked = 0
        self.add_class("oda-quiet")
        self.add_class("oda-plan")

    def ask(self, query: Query) -> None:
        """Show the plan of a question, once no other is asked for a moment."""
        self._asked += 1
        timer = Timer(_PATIENCE, self._make, (query, self._asked))
        timer.daemon = True
        timer.start()

    def explain(self, problem: str) -> None:
        """Say why there is no plan."""
        self._asked += 1
        self._show(problem, self._asked)

    def _make(self, query: Query, number: int) -> None:
        if number != self._asked:
            return
        try:
            text = f"Plan: {self._plan(query)}"
        except OdaError as error:
            text = error.problem
        except Exception as error:  # noqa: BLE001 - nobody would ever see it in this thread
            text = f"The plan could not be made: {type(error).__name__}: {error}."
        self._stage(lambda: self._show(text, number))

    def _show(self, text: str, number: int) -> None:
        if number == self._asked:
            self.value = f'<span role="status">{escape(text)}</span>'
