"""An event file that has arrived: whole, of the right window, and usable."""

from __future__ import annotations

import hashlib
from pathlib import Path

from oda_widgets.archive.damage import naming
from oda_widgets.archive.event_file import names_window, read_summary
from oda_widgets.archive.mirror.cache import Record
from oda_widgets.errors import DamagedFile
from oda_widgets.files import open_regular
from oda_widgets.request.science_windows import ScienceWindow


def checked_events(path: Path, name: str, listed: ScienceWindow) -> Record:
    """Return the record of an event file that has arrived.

    All of it is unpacked, so that checksums and lengths of gzip and FITS are checked.

    Parameters
    ----------
    path
        The file.
    name
        Name that the file will have.
    listed
        Its window, as the list of the mirror has it; its identifier is that of the folder.

    Returns
    -------
    record
        With a problem if the file is whole, has the table of events of this window, and nothing
        in it can be used: that is so whenever it is fetched.

    Raises
    ------
    DamagedFile
        If it is not whole, has no such table, or is of another window: the server may give the
        right one the next time.
    """
    window, problem = listed, ""
    try:
        window = read_summary(path, listed.id)
    except DamagedFile as damage:
        if not names_window(path, listed.id):
            raise
        problem = damage.problem.replace(f"{path} ", "its event file ")
    return Record(window, name, path.stat().st_size, content_of(path), problem)


def content_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with naming(path), open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
