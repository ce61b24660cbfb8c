"""The query of a product as Python and as a link, both written only when needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl

from oda_widgets.abilities import abilities
from oda_widgets.request.instruments import on_the_wire
from oda_widgets.request.python_call import script
from oda_widgets.request.queries import Query


class Repeat(Protocol):
    """The query of a product as Python and as a link."""

    @property
    def code(self) -> str:
        """Python that makes the product again."""
        ...

    @property
    def link(self) -> str:
        """The query string of the link that repeats the query; empty if it has no link."""
        ...

    @property
    def dispatcher(self) -> str:
        """Address of the dispatcher that made the product; empty if none did."""
        ...

    @property
    def instrument(self) -> str:
        """Our name of the instrument."""
        ...


@dataclass(frozen=True)
class RepeatedQuery:
    """The query of a product, with its archive or dispatcher.

    Parameters
    ----------
    query
        Query of any kind.
    address
        Argument of ``connect(archive=...)``; empty for the default.
    energies
        Argument of ``connect(energies=...)``.
    dispatcher
        Address of the dispatcher that made the product; empty if none did.
    linked
        Query for the link: for SPI-ACS it has the times of the science windows in their place; None
        if it is the same.
    """

    query: Query
    address: str
    energies: str = "auto"
    dispatcher: str = ""
    linked: Query | None = None

    @property
    def code(self) -> str:
        """Python that makes the query again."""
        return script(self.query, self.address, self.energies)

    @property
    def link(self) -> str:
        """The query string of the link that repeats the query."""
        return abilities().link(self.linked or self.query)

    @property
    def instrument(self) -> str:
        """Our name of the instrument."""
        return self.query.instrument


@dataclass(frozen=True)
class RepeatedText:
    """Python and a link that were written earlier, by a fit or in a recording.

    Parameters
    ----------
    code, link, dispatcher
        See `Repeat`.
    made_with
        Our name of the instrument; empty if the link names it.
    """

    code: str
    link: str = ""
    dispatcher: str = ""
    made_with: str = ""

    @property
    def instrument(self) -> str:
        """Our name of the instrument; by default ISGRI."""
        if self.made_with:
            return self.made_with
        parameters = dict(parse_qsl(self.link))
        found = on_the_wire(parameters.get("instrument", ""), parameters)
        return "isgri" if found is None else found.name
