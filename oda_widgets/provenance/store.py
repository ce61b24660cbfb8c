"""The store: results by the id of their node, on disk.

A result is written completely or not at all, and all bytes are checked when it is read. Damaged
results count as missing. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

from oda_widgets.files import read_regular, write_whole
from oda_widgets.provenance.entry import Entry, decode_entry
from oda_widgets.provenance.folder import Folder
from oda_widgets.provenance.lock import only_one
from oda_widgets.provenance.payload import Payload, decoded, encoded
from oda_widgets.provenance.prune import prune
from oda_widgets.provenance.recent import Recent
from oda_widgets.provenance.result_store import OverLimit, StoredResult
from oda_widgets.provenance.times import Times

_IN_MEMORY = 256 << 20
_CHECKED_FOR_PLAN = 128 << 20  # bytes, which takes about a third of a second
_MANY = 1000  # results, above which listing the folder is faster than looking for each
_SAVES_BETWEEN_LOOKS = 100  # before the folder is measured, which other processes fill too


class Store:
    """Results of nodes.

    Parameters
    ----------
    root
        Path of the folder.
    most_bytes
        Largest size of the folder; the least recently used results are removed. If 0, nothing is
        stored.

    Raises
    ------
    StoreError
        If a newer version of this package wrote the folder.
    """

    def __init__(self, root: Path, most_bytes: int) -> None:
        self.folder = Folder(root)
        self.times = Times(self.folder.times)
        self._most_bytes = most_bytes
        self._recent = Recent(min(_IN_MEMORY, most_bytes))
        self._bytes = 0
        self._saves = 0

    def __str__(self) -> str:
        return str(self.folder.root)

    @property
    def keeps_results(self) -> bool:
        """Whether the store keeps results at all."""
        return self._most_bytes > 0

    def has(self, node_id: str) -> bool:
        """Return True if the store has a result, without reading it."""
        if not self._most_bytes:
            return False
        return self._recent.get(node_id) is not None or self.folder.has(node_id)

    def having(self, node_ids: Iterable[str]) -> set[str]:
        """Return the results that the store has, of many, without reading them.

        A plan of thousands of windows asks for tens of thousands, most of them missing: listing the
        folder once is faster than looking for each.
        """
        asked = set(node_ids)
        if len(asked) > _MANY and self._most_bytes:
            there = self.folder.listed()
            asked = {one for one in asked if one in there or self._recent.get(one) is not None}
        return set(filter(self.has, asked))

    def held(self, node_ids: Iterable[str]) -> set[str]:
        """Return the results that the store has, of many, checked as far as is quick.

        All bytes of the first 128 MB are checked; flipped bits in arrays beyond are noticed only
        when they are read.
        """
        left, held = _CHECKED_FOR_PLAN, set[str]()
        asked = list(node_ids)
        there = self.having(asked)
        for node_id in asked:
            if node_id not in there:
                continue
            left -= 0 if self._recent.get(node_id) else self.folder.size(node_id)
            if left < 0 or self._remembered(node_id) is not None:
                held.add(node_id)
        return held

    def is_damaged(self, node_id: str) -> bool:
        """Return True if a result exists but is damaged."""
        try:
            return bool(self._most_bytes) and self._read(node_id) is None
        except OSError:
            return False

    def load(self, node_id: str) -> StoredResult | None:
        """Return a result; None if it is missing or damaged."""
        if not self._most_bytes:
            return None
        result = self._remembered(node_id)
        if result is not None:
            with suppress(OSError):
                os.utime(self.folder.record(node_id))  # marks the result as used
        return result

    def _remembered(self, node_id: str) -> StoredResult | None:
        """Return a result from memory or from disk."""
        result = self._recent.get(node_id)
        if result is None:
            result = self.read(node_id)
            if result is not None:
                self._recent.put(result)
        return result

    def read(self, node_id: str) -> StoredResult | None:
        """Return a result from disk; None if it is missing or damaged."""
        try:
            return self._read(node_id)
        except OSError:
            return None

    def _read(self, node_id: str) -> StoredResult | None:
        """Return a result from disk, None if it is damaged; raise `OSError` if it is missing."""
        entry = decode_entry(read_regular(self.folder.record(node_id)), node_id)
        if entry is None or not entry.arrays:
            return None if entry is None else StoredResult(entry, Payload(entry.facts))
        content = read_regular(self.folder.arrays(node_id))
        if _digest(content) != entry.arrays:
            return None
        return StoredResult(entry, Payload(entry.facts, decoded(content)))

    def save(self, entry: Entry, payload: Payload) -> None:
        """Store a result on disk and in memory.

        Raises
        ------
        OSError
            If it cannot be written; it is then in memory only.
        OverLimit
            If it is larger than the limit of the store.
        """
        if not self._most_bytes:
            return
        content = encoded(payload) if payload.arrays else b""
        entry = replace(entry, arrays=_digest(content) if content else "")
        self._recent.put(StoredResult(entry, payload))
        record = entry.encode()
        if len(content) + len(record) > self._most_bytes:
            size = (len(content) + len(record)) / 1e9
            raise OverLimit(f"{size:.2g} GB are more than the limit, {self._most_bytes / 1e9:g} GB")
        self.folder.prepare()
        if content:
            write_whole(self.folder.arrays(entry.id), content)
        write_whole(self.folder.record(entry.id), record)
        self._make_room(len(content) + len(record))

    def claim(self, node_id: str, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Return a context in which no other process computes the node.

        A store that keeps no results does not lock.
        """
        return only_one(self.folder.lock(node_id), waiting) if self._most_bytes else nullcontext()

    def measured(self, kind: str, seconds: float) -> None:
        """Record how long a step of a kind took."""
        self.times.measured(kind, seconds)

    def _make_room(self, added: int) -> None:
        """Remove the least recently used results if the folder is too large."""
        if self._saves % _SAVES_BETWEEN_LOOKS == 0:
            self.folder.remove_abandoned()
            self._bytes = sum(used.bytes for used in self.folder.results())
        else:
            self._bytes += added
        self._saves += 1
        if self._bytes > self._most_bytes:
            self._bytes = prune(self.folder, self._most_bytes).bytes_left


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
