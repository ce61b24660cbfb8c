"""Lock the folder of a server, and note the archive that its jobs belong to."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from oda_widgets.errors import BadParameter
from oda_widgets.files import read_mapping, write_whole
from oda_widgets.server.job_folder import JobFolder

_MAKE_ROOM = "Make room there and check who may write there, or give another folder: --folder."
_OTHER_FOLDER = "Stop that server, or give this one a folder of its own: --folder."


@contextmanager
def only_server(folder: JobFolder, archive: str) -> Iterator[None]:
    """Hold the lock of a folder; the system releases it even if the process is killed.

    Parameters
    ----------
    folder
        Folder of the server.
    archive
        Archive of the server, see `connect`.

    Raises
    ------
    BadParameter
        If another server uses the folder, its jobs belong to another archive, or its lock
        cannot be taken.
    """
    with closing(_lock(folder)):
        _check_archive(folder, archive)
        note = {"archive": archive, "process": os.getpid()}
        try:
            write_whole(folder.note, json.dumps(note).encode())
        except OSError as error:
            limit = f"{folder.note.name} in it cannot be written ({error.strerror})"
            raise BadParameter("folder", str(folder.path), limit, _MAKE_ROOM) from None
        yield


def _lock(folder: JobFolder) -> sqlite3.Connection:
    """Return a database that this process has locked: SQLite can lock on all systems."""
    with ExitStack() as opened:
        try:
            database = sqlite3.connect(folder.lock, timeout=0, isolation_level=None)
            opened.callback(database.close)
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise _lock_error(folder, error) from None
        opened.pop_all()
    return database


def _lock_error(folder: JobFolder, error: sqlite3.Error) -> BadParameter:
    """Return the error for a lock that cannot be taken."""
    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
        limit = f"{folder.lock.name} in it cannot be used ({error})"
        return BadParameter("folder", str(folder.path), limit, _MAKE_ROOM)
    holder = read_mapping(folder.note).get("process", "unknown")
    limit = f"another server (process {holder}) uses it"
    return BadParameter("folder", str(folder.path), limit, _OTHER_FOLDER)


def _check_archive(folder: JobFolder, archive: str) -> None:
    """Check that the jobs in the folder belong to this archive."""
    before = read_mapping(folder.note).get("archive")
    if before is not None and before != archive:
        limit = f"its jobs are of the archive {before or 'that is bundled'!s}"
        advice = f"Give {archive or 'the bundled archive'} a folder of its own: --folder."
        raise BadParameter("folder", str(folder.path), limit, advice)
