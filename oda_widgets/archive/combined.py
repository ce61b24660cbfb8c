"""Several archives as one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from oda_widgets.archive.base import Archive
from oda_widgets.archive.calibration import CalibrationFiles
from oda_widgets.archive.layout import missing_window
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow, parse_identifier


class CombinedArchive:
    """Several archives behind the protocol of one.

    If two archives hold the same science window, it is read from the first: list archives of real
    data first. Their lists of windows are read once.

    Parameters
    ----------
    archives
        The archives, in order of preference.
    """

    def __init__(self, archives: Sequence[Archive]) -> None:
        self._archives = tuple(archives)

    def __reduce__(self) -> tuple[type[CombinedArchive], tuple[tuple[Archive, ...]]]:
        """Travel to worker processes without the lists of windows."""
        return CombinedArchive, (self._archives,)

    @property
    def name(self) -> str:
        """Name for use in a sentence."""
        return " and ".join(archive.name for archive in self._archives)

    @property
    def address(self) -> str:
        """Argument of ``connect(archive=...)``: empty, since this archive is the default."""
        return ""

    @property
    def archives(self) -> tuple[Archive, ...]:
        """The archives, in order of preference."""
        return self._archives

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return all windows, in order of time."""
        return self._windows

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return the windows that no archive can use, each with the reason of the first archive."""
        skipped = {
            window.id[:12]: window
            for archive in reversed(self._archives)
            for window in archive.unusable_windows()
        }
        return tuple(window for stem, window in skipped.items() if stem not in self._archive_of)

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of a window.

        Raises
        ------
        BadParameter
            If the identifier is malformed.
        ArchiveError
            If no archive has such a window.
        DamagedFile
            If its file is truncated, foreign or inconsistent.
        """
        return self.home(identifier).events(identifier)

    def content(self, identifier: str) -> str:
        """Return the digest of the data of a window; errors are those of `events`."""
        return self.home(identifier).content(identifier)

    def version(self, identifier: str) -> str:
        """Return the version of the code that gives the events; errors are those of `events`."""
        return self.home(identifier).version(identifier)

    def calibration(self, window: ScienceWindow) -> CalibrationFiles:
        """Return the calibration files of a window; errors are those of `events`."""
        return self.home(window.id).calibration(window)

    def home(self, identifier: str) -> Archive:
        """Return the archive that holds a window; errors are those of `events`."""
        wanted = parse_identifier(identifier)
        home = self._archive_of.get(wanted[:12])
        if home is None:
            raise missing_window(wanted, self._archive_of, f"The {self.name}")
        return home

    @cached_property
    def _archive_of(self) -> dict[str, Archive]:
        """The archive of each window, by its identifier without version."""
        homes: dict[str, Archive] = {}
        for archive in reversed(self._archives):
            homes.update((window.id[:12], archive) for window in archive.science_windows())
        return homes

    @cached_property
    def _windows(self) -> tuple[ScienceWindow, ...]:
        windows = [
            window
            for archive in self._archives
            for window in archive.science_windows()
            if self._archive_of[window.id[:12]] is archive
        ]
        return tuple(sorted(windows, key=lambda window: (window.start, window.id)))
