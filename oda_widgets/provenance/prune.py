"""Make room in the store: remove the least recently used results."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from oda_widgets.provenance.entry import Entry, decode_entry
from oda_widgets.provenance.folder import Folder, Used

_HEADROOM = 0.9  # fraction of the limit that is left, so that not each further result prunes again
_AT_WORK = 3600.0  # seconds for which a draft may be in use


@dataclass(frozen=True)
class Pruned:
    """The outcome of removing results.

    Parameters
    ----------
    removed
        Number of results removed.
    bytes_left
        Size of the remaining results.
    kept
        Number of results that could not be removed.
    drafts
        Number of removed files that killed processes had left.
    """

    removed: int
    bytes_left: int
    kept: int = 0
    drafts: int = 0


def prune(folder: Folder, most_bytes: int) -> Pruned:
    """Remove stale drafts, and the least recently used results until the others fit.

    Parameters
    ----------
    folder
        Folder of the store.
    most_bytes
        Largest size of all results.
    """
    drafts = 0
    for path in list(folder.leftovers(time.time() - _AT_WORK)):
        with suppress(OSError):
            path.unlink()
            drafts += 1
    results = sorted(folder.results(), key=lambda used: used.last_used)
    left = sum(used.bytes for used in results)
    goal = most_bytes if left <= most_bytes else int(_HEADROOM * most_bytes)
    removed = kept = 0
    for used in results:
        if left <= goal:
            break
        if folder.remove(used.id):
            removed, left = removed + 1, left - used.bytes
        else:
            kept += 1
    return Pruned(removed, left, kept, drafts)


def versions_in(folder: Folder) -> set[str]:
    """Return the versions of this package that made the results in a store."""
    entries = (_entry(folder, used) for used in folder.results())
    return {entry.made_by for entry in entries if entry is not None}


def made_by(folder: Folder, version: str) -> list[Used]:
    """Return the results that a version of this package made.

    Parameters
    ----------
    folder
        The folder of the store.
    version
        For example "0.1".
    """
    found = ((used, _entry(folder, used)) for used in folder.results())
    return [used for used, entry in found if entry is not None and entry.made_by == version]


def _entry(folder: Folder, used: Used) -> Entry | None:
    """Return the record of a result; None if it is gone or damaged."""
    with suppress(OSError):
        return decode_entry(folder.record(used.id).read_bytes(), used.id)
    return None


def prune_version(folder: Folder, version: str) -> Pruned:
    """Remove the results that a version of this package made.

    Parameters
    ----------
    folder, version
        As for `made_by`.
    """
    results = made_by(folder, version)
    removed = sum(folder.remove(used.id) for used in results)
    left = sum(used.bytes for used in folder.results())
    return Pruned(removed, left, len(results) - removed)
