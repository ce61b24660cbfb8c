"""The cost of the query in the form, before it is submitted."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ipywidgets import HTML, HBox

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import BadParameter, EmptySelection, OdaError
from oda_widgets.panels.card import button
from oda_widgets.panels.stage import Act, Later, Stage
from oda_widgets.request.survey_query import AnyQuery
from oda_widgets.views.field_words import in_field_words
from oda_widgets.views.message import in_words

_PATIENCE = 0.3  # seconds without a change before the plan is made


class PlanLine(HBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A line such as "50 windows, 37 in the store, about 12 s", with a button for the steps.

    Parameters
    ----------
    plan
        Returns the plan of a query; called in a background thread.
    stage
        Makes the changes that come from the background thread.
    on_show
        Called with the plan when the button is clicked.
    on_refused
        Called if there is no plan because the query cannot be answered.
    """

    def __init__(
        self,
        plan: Callable[[AnyQuery], Plan],
        stage: Stage,
        on_show: Callable[[Plan], object],
        on_refused: Callable[[], object],
    ) -> None:
        self.plan: Plan | None = None
        self._on_refused = on_refused
        self._make_plan = plan
        self._on_show = on_show
        self._later = Later(stage, _PATIENCE)
        self.text = HTML()
        self.text.add_class("oda-quiet")
        self.button = button("Plan", "Show the steps, and which are in the store", "oda-chip")
        self.button.on_click(lambda _button: self._show_steps())
        super().__init__([self.text, self.button])
        self.add_class("oda-plan")
        self._show("", None)

    def update(self, query: AnyQuery) -> None:
        """Show the plan of a query, once no other follows for a moment."""
        self._later(lambda: self._change_for(query))

    def explain(self, problem: OdaError) -> None:
        """Show why the form has no plan and no query."""
        self._later.drop()
        self._show(_not_ready(problem), None)

    def _show_steps(self) -> None:
        if self.plan is not None:
            self._on_show(self.plan)

    def _change_for(self, query: AnyQuery) -> Act:
        """Return the change that shows the plan of a query, or why there is none."""
        try:
            plan = self._make_plan(query)
        except Exception as error:  # noqa: BLE001 - shown on the page; this thread would hide it
            problem = in_words(error)
            return lambda: self._show_problem(problem)
        return lambda: self._show(str(plan), plan)

    def _show_problem(self, problem: OdaError) -> None:
        """Show why there is no plan, and what to change if the query is at fault."""
        if not isinstance(problem, BadParameter | EmptySelection):
            self._show(in_field_words(problem.problem), None)
            return
        self._show(_not_ready(problem), None)
        self._on_refused()

    def _show(self, text: str, plan: Plan | None) -> None:
        self.plan = plan
        self.text.value = f'<span role="status">{_kind_of_data(plan)}{escape(text)}</span>'
        self.button.layout.display = "" if plan is not None and plan.whole is not None else "none"


def _kind_of_data(plan: Plan | None) -> str:
    """Return whether the data of a plan are real, where the windows of the form do not tell."""
    if plan is None or plan.simulated is None:
        return ""
    return '<b class="oda-simulated">SIMULATED</b> · ' if plan.simulated else "real data · "


def _not_ready(problem: OdaError) -> str:
    return f"Not ready: {in_field_words(str(problem))}"
