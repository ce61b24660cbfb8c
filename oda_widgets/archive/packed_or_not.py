"""A file of an archive that is there plain, packed, or both."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from oda_widgets.gunzip import stated_length

_LEADS_NOWHERE = (errno.ENOENT, errno.ELOOP)  # missing, or a link to itself


def packings(name: str) -> tuple[str, str]:
    """Return the names of a file, not packed and packed."""
    return name, f"{name}.gz"


def file_in(folder: Path, name: str) -> tuple[Path, os.stat_result] | None:
    """Return a file of a folder and its status, packed or not; None if it is not there.

    Of two the one that need not be unpacked counts, unless it is not as long as what the other
    holds: then it is the rest of an unpacking that was broken off, or another file, and what the
    servers have counts, the packed one.

    Raises
    ------
    OSError
        If the folder may not be looked into.
    """
    wanted = packings(name)
    there = {}
    # A folder may vanish while an archive is being synchronised.
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in wanted:
                try:
                    there[entry.name] = Path(entry.path), entry.stat()
                except OSError as error:
                    if error.errno not in _LEADS_NOWHERE:
                        raise
    if len(there) < 2:
        return next(iter(there.values()), None)
    plain, packed = map(there.__getitem__, wanted)
    return plain if plain[1].st_size == _length_of_content(packed[0]) else packed


def _length_of_content(path: Path) -> int:
    """Return how many bytes a packed file says that it holds; -1 if it cannot be looked into."""
    with suppress(OSError), path.open("rb") as file:
        return stated_length(file)
    return -1
