"""Fetch files that a mirror may lack; each is requested once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.mirror.cache import MirrorCache
from oda_widgets.archive.mirror.listing import Listings
from oda_widgets.archive.mirror.transport import Absent, Closed
from oda_widgets.archive.packed_or_not import packings
from oda_widgets.archive.whole_fits import units_of
from oda_widgets.errors import DamagedFile

Fetch = Callable[[str, Callable[[Path], None], Callable[[], bool]], object]
"""Fetches a file by its path below the base and checks it; stops when it is no longer needed."""


class OptionalFiles:
    """Files that a mirror may have or not.

    Missing files are remembered. If the server fails, it may have the file, without which results
    would differ, so the error is raised.

    Parameters
    ----------
    cache
        Where the files are kept.
    listings
        Reads the lists of folders.
    fetch
        Fetches one file.
    """

    def __init__(self, cache: MirrorCache, listings: Listings, fetch: Fetch) -> None:
        self.cache = cache
        self.listings = listings
        self._fetch = fetch

    def have(self, path: str, stopped: Callable[[], bool], *, packed: bool = True) -> bool:
        """Return True if a file is in the cache or could be fetched.

        Parameters
        ----------
        path
            Path below the base, without the suffix of a packed file.
        stopped
            Returns True when the file is no longer needed.
        packed
            Whether the server may have a packed file instead.

        Raises
        ------
        ServiceError
            If the server fails.
        StoreError
            If it cannot be written.
        """
        names = packings(path) if packed else (path,)
        if any((self.cache.root / name).is_file() for name in names):
            return True
        if self.cache.is_missing(path):
            return False
        for name in names:
            try:
                self._fetch(name, check_fits, stopped)
            except (Absent, Closed):
                continue
            return True
        self.cache.remember_missing(path)
        return False


def check_fits(path: Path) -> None:
    """Check that a file is whole FITS.

    Raises
    ------
    DamagedFile
        If it is not.
    """
    try:
        units_of(path)
    except ContentError as error:
        raise DamagedFile(f"{error}.", "Fetch it again.") from None
