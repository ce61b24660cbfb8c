"""Find files of an archive that are plain, packed, or both."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from oda_widgets.gunzip import stated_length

_BROKEN_LINK = (errno.ENOENT, errno.ELOOP)  # missing, or a link to itself


def packings(name: str) -> tuple[str, str]:
    """Return the names of a file, plain and packed."""
    return name, f"{name}.gz"


def file_in(folder: Path, name: str) -> tuple[Path, os.stat_result] | None:
    """Return a file of a folder, packed or not, and its status; None if there is none.

    If both exist, the plain one is used if it is as long as the content of the packed one.
    Otherwise it is another file, or was not completely unpacked, and the packed one is used, as on
    the servers.

    Raises
    ------
    OSError
        If the folder may not be read.
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
                    if error.errno not in _BROKEN_LINK:
                        raise
    if len(there) < 2:
        return next(iter(there.values()), None)
    plain, packed = map(there.__getitem__, wanted)
    return plain if plain[1].st_size == _length_of_content(packed[0]) else packed


def _length_of_content(path: Path) -> int:
    """Return the unpacked length that a packed file states, bytes; -1 if it cannot be read."""
    with suppress(OSError), path.open("rb") as file:
        return stated_length(file)
    return -1
