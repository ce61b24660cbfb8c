"""The results used last, kept in memory up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from oda_widgets.provenance.entry import Entry
from oda_widgets.provenance.payload import Payload


@dataclass(frozen=True)
class Kept:
    """A result with what is known about it."""

    entry: Entry
    payload: Payload


class Recent:
    """Results in memory, the least recently used out first.

    Parameters
    ----------
    most_bytes
        Size of all their arrays; a larger result is not kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, node_id: str) -> Kept | None:
        """Return a result, if it is here."""
        with self._lock:
            if node_id in self._kept:
                self._kept.move_to_end(node_id)
            return self._kept.get(node_id)

    def put(self, kept: Kept) -> None:
        """Keep a result; others make room for it."""
        if kept.payload.bytes > self._most_bytes:
            return
        with self._lock:
            self._kept[kept.entry.id] = kept
            self._kept.move_to_end(kept.entry.id)
            while sum(other.payload.bytes for other in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)
