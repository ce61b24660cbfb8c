"""Archives by the words that people use for them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from oda_widgets.archive.base import Archive
from oda_widgets.archive.combined import CombinedArchive
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive

SAMPLE = "sample"
SIMULATED = "simulated"


def open_archive(where: str | PathLike[str], cache_folder: Path) -> Archive:
    """Return an archive.

    Parameters
    ----------
    where
        A folder in the layout of the ISDC; "sample" for the bundled science window, "simulated"
        for the simulated mission; empty for these two together, the real one first. A folder that
        is called like one of them is meant by ``./sample``.
    cache_folder
        Where the index of a folder is kept.

    Raises
    ------
    ArchiveError
        If the folder is not an archive.
    """
    if where == SAMPLE:
        return SampleArchive()
    if where == SIMULATED:
        return SimulatedArchive()
    if not str(where):
        return CombinedArchive([SampleArchive(), SimulatedArchive()])
    return IsdcArchive(Path(where), cache_folder)
