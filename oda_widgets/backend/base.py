"""Who answers: one small protocol with interchangeable backends."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from oda_widgets.analysis.plan import Plan
from oda_widgets.products.answer import Product
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.monitor import Monitor


class Backend(Protocol):
    """One who answers questions."""

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        ...

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        ...

    def plan(self, query: Query) -> Plan:
        """Return what a question will cost."""
        ...

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Answer a question; called from a worker thread.

        Raises
        ------
        OdaError
            If it cannot be answered; nothing else may be raised.
        """
        ...


@runtime_checkable
class TakesToken(Protocol):
    """A backend that asks somebody who wants to know who asks."""

    def use_token(self, token: str) -> None:
        """Ask with a token from now on."""
        ...


@runtime_checkable
class HasInstruments(Protocol):
    """A backend that offers instruments of which we know nothing but what it tells."""

    def instrument(self, name: str) -> Any:
        """Return an instrument, asked by its own parameters."""
        ...
