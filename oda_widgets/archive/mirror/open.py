"""Open mirrors by name or address."""

from __future__ import annotations

from pathlib import Path

from oda_widgets.archive.mirror.address import MIRRORS, checked_base
from oda_widgets.archive.mirror.archive import WINDOW_LIST, MirrorArchive
from oda_widgets.archive.mirror.cache import MirrorCache, cache_root
from oda_widgets.archive.mirror.patience import Patience
from oda_widgets.archive.mirror.transport import Transport
from oda_widgets.errors import BadParameter


def open_mirror(
    where: str, cache_folder: Path, limit: int | None, patience: Patience | None = None
) -> MirrorArchive:
    """Return the archive on a mirror, without contacting the server.

    Parameters
    ----------
    where
        Its name (see `address.MIRRORS`) or its address.
    cache_folder
        Folder of all caches.
    limit
        Largest size of the fetched event files in bytes; None for any.
    patience
        How long to wait for the server.

    Raises
    ------
    BadParameter
        If it is not an address, or files may not be fetched from it.
    """
    base = checked_base(MIRRORS.get(where, where))
    cache = MirrorCache(cache_root(cache_folder, base), limit)
    return MirrorArchive(Transport(base, patience), cache, where if where in MIRRORS else "")


def is_known_mirror(where: str, cache_folder: Path) -> bool:
    """Return True for the address of a named or cached mirror, without contacting the server."""
    try:
        base = checked_base(where)
        cache = MirrorCache(cache_root(cache_folder, base))
        return base in MIRRORS.values() or (cache.lists / WINDOW_LIST).is_file()
    except BadParameter:
        return False
