"""Where a run finds results and puts them: the store, or what a worker has at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from oda_widgets.provenance.entry import Entry
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.recent import Kept


class Shelf(Protocol):
    """Results by the id of their node."""

    def has(self, node_id: str) -> bool:
        """Tell whether a result is there, without reading it."""
        ...

    def load(self, node_id: str) -> Kept | None:
        """Return a result; None if it is not there."""
        ...

    def save(self, entry: Entry, payload: Payload) -> None:
        """Keep a result.

        Raises
        ------
        OSError
            If it cannot be kept.
        """
        ...

    def claim(self, node_id: str, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Return a context in which nobody else computes the node."""
        ...

    def measured(self, step: str, seconds: float) -> None:
        """Take note of how long a step took."""
        ...


class Basket:
    """What a worker has at hand: results that were sent along, and those that it computes.

    Nothing is written and nothing claimed: who sent the work does both.

    Parameters
    ----------
    given
        Results that were sent along.
    """

    def __init__(self, given: Iterable[Kept] = ()) -> None:
        self._kept = {kept.entry.id: kept for kept in given}
        self._given = frozenset(self._kept)

    @property
    def computed(self) -> tuple[Kept, ...]:
        """The results that were computed here, inputs first."""
        return tuple(kept for node_id, kept in self._kept.items() if node_id not in self._given)

    def has(self, node_id: str) -> bool:
        """Tell whether a result is at hand."""
        return node_id in self._kept

    def load(self, node_id: str) -> Kept | None:
        """Return a result; None if it is not at hand."""
        return self._kept.get(node_id)

    def save(self, entry: Entry, payload: Payload) -> None:
        """Keep a result at hand."""
        self._kept[entry.id] = Kept(entry, payload)

    def claim(self, node_id: str, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Return a context that claims nothing."""
        del node_id, waiting
        return nullcontext()

    def measured(self, step: str, seconds: float) -> None:
        """Take no note: the time travels with the result."""
