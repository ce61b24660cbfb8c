"""The protocol of archives: an index of science windows, and the events of each."""

from __future__ import annotations

from typing import Protocol

from oda_widgets.archive.calibration import CalibrationFiles
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow


class Archive(Protocol):
    """A collection of science windows."""

    @property
    def name(self) -> str:
        """Name for use in a sentence, for example "bundled sample"."""
        ...

    @property
    def address(self) -> str:
        """Argument of ``connect(archive=...)`` that opens this archive."""
        ...

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return all windows, in order of time."""
        ...

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return the windows whose files cannot be used, each with the reason.

        As found by the last call of `science_windows`, if there was one.
        """
        ...

    def content(self, identifier: str) -> str:
        """Return the digest of the data of one window, equal for equal data only.

        Raises
        ------
        ArchiveError
            If the archive has no such window, or it cannot be read.
        """
        ...

    def version(self, identifier: str) -> str:
        """Return the version of the code that gives the events of one window.

        Raises
        ------
        ArchiveError
            If the archive has no such window.
        """
        ...

    def calibration(self, window: ScienceWindow) -> CalibrationFiles:
        """Return the files from which OSA would calibrate the energies of one window.

        Raises
        ------
        ArchiveError
            If the archive has no such window.
        """
        ...

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of one window, with the energies that its file gives.

        Raises
        ------
        ArchiveError
            If the archive has no such window.
        DamagedFile
            If its file is truncated, foreign or inconsistent.
        """
        ...
