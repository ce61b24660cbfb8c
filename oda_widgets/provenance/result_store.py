"""The protocol of a store of results: on disk, or in the memory of a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from oda_widgets.provenance.entry import Entry
from oda_widgets.provenance.payload import Payload


class OverLimit(OSError):
    """Raised for a result that is larger than all of a store may be."""


@dataclass(frozen=True)
class StoredResult:
    """The result of a node with its history.

    Parameters
    ----------
    entry
        History, facts and, for a failed task, the failure.
    payload
        Facts and arrays.
    """

    entry: Entry
    payload: Payload


class ResultStore(Protocol):
    """Results by the id of their node."""

    def has(self, node_id: str) -> bool:
        """Return True if the store has a result, without reading it."""
        ...

    def is_damaged(self, node_id: str) -> bool:
        """Return True if a result exists but is damaged."""
        ...

    def load(self, node_id: str) -> StoredResult | None:
        """Return a result; None if the store does not have it."""
        ...

    def save(self, entry: Entry, payload: Payload) -> None:
        """Store a result.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        ...

    def claim(self, node_id: str, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Return a context in which no other process computes the node."""
        ...

    def measured(self, step: str, seconds: float) -> None:
        """Record how long a step took."""
        ...


class MemoryStore:
    """The results in the memory of a worker: those sent with its task, and those it computes.

    It does not write or lock: the process that sent the task does.

    Parameters
    ----------
    given
        Results that were sent with the task.
    """

    def __init__(self, given: Iterable[StoredResult] = ()) -> None:
        self._results = {result.entry.id: result for result in given}
        self._given = frozenset(self._results)

    @property
    def computed(self) -> tuple[StoredResult, ...]:
        """The results that the worker computed, inputs first."""
        new = (result for node_id, result in self._results.items() if node_id not in self._given)
        return tuple(new)

    def has(self, node_id: str) -> bool:
        """Return True if a result is in memory."""
        return node_id in self._results

    def is_damaged(self, node_id: str) -> bool:
        """Return False: results in memory are never damaged."""
        del node_id
        return False

    def load(self, node_id: str) -> StoredResult | None:
        """Return a result; None if it is not in memory."""
        return self._results.get(node_id)

    def save(self, entry: Entry, payload: Payload) -> None:
        """Keep a result in memory."""
        self._results[entry.id] = StoredResult(entry, payload)

    def claim(self, node_id: str, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Return a context that does not lock."""
        del node_id, waiting
        return nullcontext()

    def measured(self, step: str, seconds: float) -> None:
        """Record nothing: the time is sent with the result."""
