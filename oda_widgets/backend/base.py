"""Backends: one small protocol, interchangeable ways to answer a query."""

from __future__ import annotations

from typing import Any, Protocol

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import BadParameter
from oda_widgets.products.answer import Product
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.progress import Monitor


class Backend(Protocol):
    """What answers queries: our engine, a dispatcher or a recording."""

    @property
    def name(self) -> str:
        """Name of the backend in a sentence."""
        ...

    @property
    def at_once(self) -> int:
        """How many queries it can be given at the same time."""
        ...

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        ...

    def plan(self, query: Query) -> Plan:
        """Return what a query will cost."""
        ...

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Return the product of a query, with all its sources; called from a worker thread.

        Raises
        ------
        OdaError
            If there is none; nothing else may be raised.
        """
        ...

    def use_token(self, token: str) -> None:
        """Use a token from now on.

        Raises
        ------
        BadParameter
            If the text is not a token, or the backend needs none.
        NotAllowed
            If the token is expired, or would travel unencrypted.
        """
        ...

    def instrument(self, name: str) -> Any:
        """Return an instrument that only the server of the backend knows.

        Raises
        ------
        BadParameter
            If the backend has no instrument of this name.
        """
        ...


_CONNECT = 'Connect to a dispatcher: oda.connect("https://...").'


def no_token_needed(backend: str) -> BadParameter:
    """Return the error of giving a token to a backend of some name that needs none."""
    return BadParameter("token", "...", f"{backend} does not use tokens", _CONNECT)


def no_other_instrument(name: str, backend: str) -> BadParameter:
    """Return the error of asking a backend for an instrument that it does not have."""
    limit = f"{backend} answers for ISGRI, by its own methods"
    return BadParameter("instrument", name, limit, _CONNECT)
