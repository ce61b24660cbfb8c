"""A store that lets the results of some steps pass: they are used and not kept."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass

from oda_widgets.provenance.entry import Entry
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.result_store import ResultStore, StoredResult


@dataclass(frozen=True)
class PassingStore:
    """A place for results that keeps none of some steps; what is there of them is found.

    Failures of these steps are kept: they are small, and save computing in vain.

    Parameters
    ----------
    store
        Keeps the others.
    passing
        Names of the steps.
    """

    store: ResultStore
    passing: Collection[str]

    def __str__(self) -> str:
        return str(self.store)

    def has(self, node_id: str) -> bool:
        """Return True if the store has a result, without reading it."""
        return self.store.has(node_id)

    def is_damaged(self, node_id: str) -> bool:
        """Return True if a result is there, but not as it was stored."""
        return self.store.is_damaged(node_id)

    def load(self, node_id: str) -> StoredResult | None:
        """Return a result; None if the store does not have it."""
        return self.store.load(node_id)

    def save(self, entry: Entry, payload: Payload) -> None:
        """Store a result unless it is one that passes.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        if entry.failure is not None or entry.steps[-1].name not in self.passing:
            self.store.save(entry, payload)

    def claim(self, node_id: str, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Return a context in which no other process computes the node."""
        return self.store.claim(node_id, waiting)

    def measured(self, step: str, seconds: float) -> None:
        """Record how long a step took."""
        self.store.measured(step, seconds)
