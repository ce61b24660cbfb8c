"""Recently used results in memory, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict

from oda_widgets.forking import renew_in_children
from oda_widgets.provenance.result_store import StoredResult


class Recent:
    """Results in memory; the least recently used are removed first.

    Parameters
    ----------
    most_bytes
        Largest size of all arrays together; larger results are not kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._results: OrderedDict[str, StoredResult] = OrderedDict()
        self._renew()
        renew_in_children(self._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()

    def get(self, node_id: str) -> StoredResult | None:
        """Return a result, or None if it is not in memory."""
        with self._lock:
            if node_id in self._results:
                self._results.move_to_end(node_id)
            return self._results.get(node_id)

    def put(self, result: StoredResult) -> None:
        """Keep a result, and remove the least recently used ones if needed."""
        if result.payload.bytes > self._most_bytes:
            return
        with self._lock:
            self._results[result.entry.id] = result
            self._results.move_to_end(result.entry.id)
            while sum(other.payload.bytes for other in self._results.values()) > self._most_bytes:
                self._results.popitem(last=False)
