"""Making room in the store: the least recently used results out."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from oda_widgets.provenance.entry import decode_entry
from oda_widgets.provenance.folder import Folder, Used

_HEADROOM = 0.9  # of the limit is left, so that not every further result makes room again
_AT_WORK = 3600.0  # seconds in which a draft may still be in use


@dataclass(frozen=True)
class Pruned:
    """The outcome of removing results.

    Parameters
    ----------
    removed
        Number of results removed.
    bytes_left
        Size of the others.
    """

    removed: int
    bytes_left: int


def prune(folder: Folder, most_bytes: int) -> Pruned:
    """Remove the least recently used results until the others fit, and what killed processes left.

    Parameters
    ----------
    folder
        The folder of the store.
    most_bytes
        Size that the folder may have.
    """
    for path in list(folder.leftovers(time.time() - _AT_WORK)):
        with suppress(OSError):
            path.unlink(missing_ok=True)
    results = sorted(folder.results(), key=lambda used: used.last_used)
    left = sum(used.bytes for used in results)
    goal = most_bytes if left <= most_bytes else int(_HEADROOM * most_bytes)
    removed = 0
    for used in results:
        if left <= goal:
            break
        folder.remove(used.id)
        removed, left = removed + 1, left - used.bytes
    return Pruned(removed, left)


def made_by(folder: Folder, version: str) -> list[Used]:
    """Return the results that a version of this package made.

    Parameters
    ----------
    folder
        The folder of the store.
    version
        For example "0.1".
    """
    found = []
    for used in folder.results():
        with suppress(OSError):
            entry = decode_entry(folder.record(used.id).read_bytes(), used.id)
            if entry is not None and entry.made_by == version:
                found.append(used)
    return found


def prune_version(folder: Folder, version: str) -> Pruned:
    """Remove the results that a version of this package made.

    Parameters
    ----------
    folder, version
        As for `made_by`.
    """
    results = made_by(folder, version)
    for used in results:
        folder.remove(used.id)
    return Pruned(len(results), sum(used.bytes for used in folder.results()))
