"""Fetch the files that calibrate a science window into the cache of a mirror."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from fnmatch import fnmatch

from oda_widgets.archive.calibration_index import EFFICIENCIES, MASTER
from oda_widgets.archive.members import CONTEXT, OF_WINDOW, TABLES, context_at
from oda_widgets.archive.mirror.cache import MirrorCache
from oda_widgets.archive.mirror.optional import OptionalFiles
from oda_widgets.archive.mirror.tables import CalibrationTables
from oda_widgets.archive.mirror.traffic import TABLES_BYTES, member_bytes
from oda_widgets.archive.packed_or_not import packings
from oda_widgets.forking import renew_in_children
from oda_widgets.request.science_windows import ScienceWindow

_ALL = " ".join((*OF_WINDOW, *TABLES, CONTEXT))
"""Members of a complete window; if one is added, cached windows become incomplete."""


class WindowMembers:
    """The files, other than events, that calibrate a science window.

    Parameters
    ----------
    files
        The files of the mirror.
    """

    def __init__(self, files: OptionalFiles) -> None:
        self._files = files
        self._tables = CalibrationTables(files)
        self._contexts: dict[str, list[str]] = {}
        self._renew()
        renew_in_children(self._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()

    def fetch(self, window: ScienceWindow, stopped: Callable[[], bool]) -> None:
        """Fetch all files that a folder would read for a window, if the server has them.

        Parameters
        ----------
        window
            The window.
        stopped
            Returns True when the files are no longer needed.

        Raises
        ------
        ServiceError
            If the server fails, because rates would be wrong without a file that it has.
        StoreError
            If they cannot be written.
        """
        cache = self._files.cache
        if cache.is_complete(window.id, _ALL):
            return
        middle = (window.start + window.stop) / 2
        with self._lock:
            tables = self._tables.prepare(middle, stopped)
            if EFFICIENCIES in tables:
                self._context(window.id[:4], middle, stopped)
        self._of_window(window, stopped)
        cache.remember_complete(window.id, _ALL)

    def _of_window(self, window: ScienceWindow, stopped: Callable[[], bool]) -> None:
        folder = f"scw/{window.id[:4]}/{window.id}"
        listed = self._files.listings.names(f"{folder}/")
        for name in OF_WINDOW:
            if listed is None or not listed.isdisjoint(packings(name)):
                self._files.have(f"{folder}/{name}", stopped)

    def _context(self, revolution: str, time: float, stopped: Callable[[], bool]) -> None:
        folder = f"scw/{revolution}"
        if revolution not in self._contexts:
            self._contexts[revolution] = list(self._listed_contexts(folder))
        path = context_at(self._contexts[revolution], time)
        if path is not None:
            self._files.have(f"{folder}/{path}", stopped, packed=False)

    def _listed_contexts(self, folder: str) -> Iterator[str]:
        """Iterate over the files beside the contexts of a revolution, as the server lists them."""
        versions, inside, _ = CONTEXT.split("/")
        for name in sorted(self._files.listings.names(f"{folder}/") or ()):
            if fnmatch(name, versions):
                files = self._files.listings.names(f"{folder}/{name}/{inside}/") or ()
                yield from (f"{name}/{inside}/{file}" for file in sorted(files))


def has_members(cache: MirrorCache, identifier: str) -> bool:
    """Return True if all calibration files of a window that the server has were fetched."""
    return cache.is_complete(identifier, _ALL)


def expected_member_bytes(cache: MirrorCache, windows: Collection[ScienceWindow]) -> int:
    """Return the estimated size of missing calibration files of windows, bytes."""
    missing = [window for window in windows if not has_members(cache, window.id)]
    known = (cache.root / MASTER).is_file() or cache.is_missing(MASTER)
    tables = 0 if known or not missing else TABLES_BYTES
    return tables + sum(member_bytes(window) for window in missing)
