"""The query of a product as Python and as a link, written when one of them is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from oda_widgets.abilities import abilities
from oda_widgets.request.python_call import script
from oda_widgets.request.queries import Query


class Repeat(Protocol):
    """The ways to make the query of a product again."""

    @property
    def code(self) -> str:
        """Python that makes the product again."""
        ...

    @property
    def link(self) -> str:
        """The query as the part of a link behind the question mark; empty if there is no link."""
        ...


@dataclass(frozen=True)
class RepeatedQuery:
    """The query of a product, with its archive or dispatcher.

    Parameters
    ----------
    query
        Of any kind.
    address
        What ``connect(archive=...)`` opens the archive with; empty for the default.
    energies
        What ``connect(energies=...)`` was told.
    """

    query: Query
    address: str
    energies: str = "auto"

    @property
    def code(self) -> str:
        """Python that makes the query again."""
        return script(self.query, self.address, self.energies)

    @property
    def link(self) -> str:
        """The query as the part of a link behind the question mark."""
        return abilities().link(self.query)


@dataclass(frozen=True)
class RepeatedText:
    """Python and a link that were written before, by a fit or into a recording."""

    code: str
    link: str = ""
