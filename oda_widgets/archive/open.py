"""Open archives by folder, name or address."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from oda_widgets.archive.base import Archive
from oda_widgets.archive.combined import CombinedArchive
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.layout import check_not_empty
from oda_widgets.archive.mirror.address import MIRRORS, unknown_word
from oda_widgets.archive.mirror.open import open_mirror
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.errors import BadParameter
from oda_widgets.request.address import is_address
from oda_widgets.request.paths import file_path

SAMPLE = "sample"
SIMULATED = "simulated"


def open_archive(where: str | PathLike[str], cache_folder: Path, fetch_limit: int = 0) -> Archive:
    """Return an archive.

    Parameters
    ----------
    where
        A folder in the layout of the ISDC; the name or the address of a mirror; "sample" for the
        bundled science window, "simulated" for the simulated mission, "simulated:7" for that of
        another seed; empty for the last two together, the real one first. A folder with such a name
        is written ``./sample``.
    cache_folder
        Where the index of a folder is kept, and the files of mirrors.
    fetch_limit
        Largest size of the event files kept of a mirror, bytes.

    Raises
    ------
    ArchiveError
        If the folder is not an archive, or is empty.
    BadParameter
        If the seed of the simulated mission is not a whole number, or files may not be fetched from
        the address of a mirror.
    """
    if str(where) in MIRRORS or is_address(where):
        return open_mirror(str(where), cache_folder, fetch_limit)
    if where == SAMPLE:
        return SampleArchive()
    if where == SIMULATED:
        return SimulatedArchive()
    if str(where).startswith(f"{SIMULATED}:"):
        return SimulatedArchive(_seed(str(where)))
    if not str(where):
        return CombinedArchive([SampleArchive(), SimulatedArchive()])
    folder = file_path("archive", where)
    if isinstance(where, str) and _is_word(where) and not folder.exists():
        raise unknown_word(where, (SAMPLE, SIMULATED))
    archive = IsdcArchive(folder, cache_folder)
    check_not_empty(folder)
    return archive


def _is_word(text: str) -> bool:
    """Return True for a text that may be a name rather than a path."""
    return text.isalpha() and text.isascii()


def _seed(where: str) -> int:
    """Return the seed in the address of a simulated mission."""
    text = where.partition(":")[2]
    if text.isascii() and text.isdigit():
        return int(text)
    advice = f"Give a whole number of zero or more, for example {SIMULATED}:7."
    raise BadParameter("archive", where, "not the seed of a simulated mission", advice)
