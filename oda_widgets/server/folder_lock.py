"""One server for one folder: a lock, and a note on the archive that the jobs belong to."""

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
    """Hold the lock of a folder; the system releases it when the process ends, however it does.

    Parameters
    ----------
    folder
        Folder of the server.
    archive
        Archive that the server computes from.

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
    """Return a database on which this process alone has a lock: SQLite locks on all systems."""
    with ExitStack() as opened:
        try:
            database = sqlite3.connect(folder.lock, timeout=0, isolation_level=None)
            opened.callback(database.close)
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise _taken(folder, error) from None
        opened.pop_all()
    return database


def _taken(folder: JobFolder, error: sqlite3.Error) -> BadParameter:
    """Return the error for a lock that cannot be had."""
    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
        limit = f"{folder.lock.name} in it cannot be used ({error})"
        return BadParameter("folder", str(folder.path), limit, _MAKE_ROOM)
    holder = read_mapping(folder.note).get("process", "unknown")
    limit = f"another server (process {holder}) uses it"
    return BadParameter("folder", str(folder.path), limit, _OTHER_FOLDER)


def _check_archive(folder: JobFolder, archive: str) -> None:
    before = read_mapping(folder.note).get("archive")
    if before is not None and before != archive:
        limit = f"its jobs are of the archive {before or 'that is bundled'!s}"
        advice = f"Give {archive or 'the bundled archive'} a folder of its own: --folder."
        raise BadParameter("folder", str(folder.path), limit, advice)
