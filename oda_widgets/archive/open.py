"""Archives by the words that people use for them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from oda_widgets.archive.base import Archive
from oda_widgets.archive.combined import CombinedArchive
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.layout import check_not_empty
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.errors import BadParameter
from oda_widgets.request.paths import file_path

SAMPLE = "sample"
SIMULATED = "simulated"


def open_archive(where: str | PathLike[str], cache_folder: Path) -> Archive:
    """Return an archive.

    Parameters
    ----------
    where
        A folder in the layout of the ISDC; "sample" for the bundled science window, "simulated"
        for the simulated mission, "simulated:7" for that of another seed; empty for the first two
        together, the real one first. A folder that is called like one of them is meant by
        ``./sample``.
    cache_folder
        Where the index of a folder is kept.

    Raises
    ------
    ArchiveError
        If the folder is not an archive, or is empty.
    BadParameter
        If the seed of the simulated mission is not a whole number.
    """
    if where == SAMPLE:
        return SampleArchive()
    if where == SIMULATED:
        return SimulatedArchive()
    if str(where).startswith(f"{SIMULATED}:"):
        return SimulatedArchive(_seed(str(where)))
    if not str(where):
        return CombinedArchive([SampleArchive(), SimulatedArchive()])
    folder = file_path("archive", where)
    archive = IsdcArchive(folder, cache_folder)
    check_not_empty(folder)
    return archive


def _seed(where: str) -> int:
    """Return the seed in the address of a simulated mission."""
    text = where.partition(":")[2]
    if text.isascii() and text.isdigit():
        return int(text)
    advice = f"Give a whole number of zero or more, for example {SIMULATED}:7."
    raise BadParameter("archive", where, "not the seed of a simulated mission", advice)
