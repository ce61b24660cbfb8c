"""Read a science window from the files in its folder, for archives in folders and on mirrors.

A mirror and a folder with the same files share results, so both read files by this code, whose
version they share.
"""

from __future__ import annotations

from pathlib import Path

from oda_widgets.archive.calibration import CalibrationFiles, calibration_files
from oda_widgets.archive.event_file import read_raw_window
from oda_widgets.archive.usable import usable_events
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.science_windows import ScienceWindow


def events_of_file(path: Path, identifier: str) -> WindowEvents:
    """Return the usable events of an event file.

    Parameters
    ----------
    path
        An `isgri_events.fits`, plain or gzip.
    identifier
        ``RRRRPPPPSSSF.VVV``

    Raises
    ------
    ArchiveError
        If the file is not there or may not be read.
    DamagedFile
        If it is truncated, foreign or inconsistent, or has no usable event.
    """
    return usable_events(read_raw_window(path, identifier), path)


def calibration_of(root: Path, folder: Path, window: ScienceWindow) -> CalibrationFiles:
    """Return the files that calibrate a science window.

    Parameters
    ----------
    root
        Folder of the archive, the one that holds ``ic/``.
    folder
        Folder of the science window.
    window
        The science window.
    """
    return calibration_files(root, folder, (window.start + window.stop) / 2)
