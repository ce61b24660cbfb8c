"""Who answers: one small protocol with interchangeable backends."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from oda_widgets.backend.plan import Plan
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery

Product = SkyImage | BySource[Spectrum] | BySource[LightCurve]


class Monitor(Protocol):
    """How a backend tells how far it is, and learns that it should stop."""

    def step(self, name: str, done: float, total: float) -> None:
        """Say what begins now, and which part of the whole is done.

        Raises
        ------
        JobCancelled
            If the job was asked to stop.
        """
        ...

    def warn(self, text: str) -> None:
        """Tell the user something that does not stop the job."""
        ...


class Silent:
    """A monitor for what nobody waits for."""

    def step(self, name: str, done: float, total: float) -> None:
        """Take no note."""

    def warn(self, text: str) -> None:
        """Take no note."""


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
