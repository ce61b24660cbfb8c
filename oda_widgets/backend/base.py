"""The protocol of backends, which make the products of queries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import BadParameter
from oda_widgets.products.answer import Product
from oda_widgets.request.instruments import instruments
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.progress import Monitor


class Backend(Protocol):
    """Computes or fetches products: the embedded engine, a dispatcher or a recording."""

    @property
    def name(self) -> str:
        """Name of the backend in a sentence."""
        ...

    @property
    def connection(self) -> str:
        """Python that connects to it again, ``oda.connect(...)``."""
        ...

    @property
    def at_once(self) -> int:
        """Number of queries that may run at the same time."""
        ...

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        ...

    def named_windows(self, identifiers: tuple[str, ...]) -> ScienceWindowList:
        """Return the science windows with given identifiers, without unknown ones."""
        ...

    def plan(self, query: Query) -> Plan:
        """Return the expected cost of a query."""
        ...

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Return the product of a query, with all its sources; called from a worker thread.

        Raises
        ------
        OdaError
            If there is no product; nothing else may be raised.
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
        """Return an instrument that only the server of the backend has.

        Raises
        ------
        BadParameter
            If the backend has no instrument of this name.
        """
        ...


_CONNECT = 'Connect to a dispatcher: oda.connect("https://...").'


class WithoutServer(ABC):
    """A backend without a server: it uses no tokens, and has no instruments of its own."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the backend in a sentence."""

    def use_token(self, token: str) -> None:
        """Refuse a token.

        Raises
        ------
        BadParameter
            Always.
        """
        del token  # a secret, which no message repeats
        raise BadParameter("token", "...", f"{self.name} does not use tokens", _CONNECT)

    def instrument(self, name: str) -> Any:
        """Refuse an instrument: known ones are used through the methods of the site.

        Raises
        ------
        BadParameter
            Always.
        """
        names = ", ".join(one.name for one in instruments())
        limit = f"{self.name} has no instruments beyond {names}, which the methods of the site take"
        raise BadParameter("instrument", name, limit, _CONNECT)
