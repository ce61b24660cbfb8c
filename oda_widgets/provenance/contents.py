"""Digests of files, computed once and remembered until the file changes.

A change shows in the size, the times and samples of the content of a file. The time of modification
alone is not enough: programs that restore or copy files may set it.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from oda_widgets.files import check_regular, read_mapping, write_whole

_FORMAT = "oda_widgets contents 2"
_SETTLED = 2.0  # seconds after a change before a time of modification can be relied on

_BLOCK, _BLOCKS = 4096, 8  # bytes and number of the samples: head, tail and some between

Stamp = tuple[int, int, int, str]
"""Size in bytes, times of modification and of change in ns, digest of the samples."""


class Contents:
    """Digests of files, stored beside the index of an archive.

    Parameters
    ----------
    path
        File that stores the digests between sessions; None to keep them in memory only.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, tuple[Stamp, str]] | None = None

    def digest(self, path: Path) -> str:
        """Return the SHA-256, in hex, of the content of a file.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        if self._known is None:
            self._known = _load(self._path)
        stamp = _stamp(path)
        known = self._known.get(str(path))
        if known is not None and known[0] == stamp:
            return known[1]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        # Do not remember a file that was just written: it may change again within the granularity
        # of its time stamp.
        if _stamp(path) == stamp and time.time() - max(stamp[1:3]) / 1e9 > _SETTLED:
            self._known[str(path)] = stamp, digest
            self._save(self._known)
        return digest

    def _save(self, known: Mapping[str, tuple[Stamp, str]]) -> None:
        if self._path is None:
            return
        document = {"format": _FORMAT, "checksum": _checksum(known), "files": known}
        # If digests cannot be stored, the next session computes them again.
        with suppress(OSError):
            write_whole(self._path, json.dumps(document).encode())


def _stamp(path: Path) -> Stamp:
    check_regular(path)
    with path.open("rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        last = max(status.st_size - _BLOCK, 0)
        samples = hashlib.blake2b(digest_size=16)
        for place in sorted({last * number // (_BLOCKS - 1) for number in range(_BLOCKS)}):
            file.seek(place)
            samples.update(file.read(_BLOCK))
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, samples.hexdigest()


def _load(path: Path | None) -> dict[str, tuple[Stamp, str]]:
    """Return the stored digests; empty if they are missing or damaged."""
    if path is None:
        return {}
    try:
        document = read_mapping(path)
        if (document["format"], document["checksum"]) != (_FORMAT, _checksum(document["files"])):
            return {}
        files = document["files"].items()
        return {path: ((*stamp[:3], str(stamp[3])), digest) for path, (stamp, digest) in files}
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return {}


def _checksum(known: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
