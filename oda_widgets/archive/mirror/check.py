"""Check that a fetched event file is complete, of the right window, and usable."""

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
    """Return the record of a fetched event file.

    It is unpacked completely, which checks the checksums and lengths of gzip and FITS.

    Parameters
    ----------
    path
        The file.
    name
        Name that the file will have.
    listed
        Its window in the list of the mirror, with the identifier of the folder.

    Returns
    -------
    record
        With a problem if the file is complete and of this window but unusable, which fetching it
        again would not change.

    Raises
    ------
    DamagedFile
        If it is incomplete, has no table of events, or is of another window: fetching it again may
        help.
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
