"""An archive in the layout of the ISDC, as downloaded from its servers."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from oda_widgets.archive.calibration import CalibrationFiles
from oda_widgets.archive.damage import naming
from oda_widgets.archive.index import Progress, up_to_date_index
from oda_widgets.archive.index_file import Entries, contents_path
from oda_widgets.archive.layout import check_root, is_pointing, locate
from oda_widgets.archive.window_folder import calibration_of, events_of_file
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.contents import Contents
from oda_widgets.request.paths import file_path
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow


class IsdcArchive:
    """A folder in the layout of the ISDC (see `oda_widgets.archive.layout`).

    It is never written to. Nothing is read before it is needed. Event files carry no dead time,
    so `live_fraction` of their events is None.

    Parameters
    ----------
    root
        The folder that holds ``scw``, or directly the folders of the revolutions.
    cache_folder
        Where the index is kept between sessions; None reads the archive once per session.
    progress
        Called while the index is made, with the number of files read and the number to read.

    Raises
    ------
    ArchiveError
        If `root` is not a folder.
    """

    def __init__(
        self,
        root: str | PathLike[str],
        cache_folder: str | PathLike[str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.root = file_path("archive", root).resolve()
        check_root(self.root)
        self._cache_folder = None if cache_folder is None else Path(cache_folder)
        self._progress = progress
        self._entries: Entries = {}
        self._contents = Contents(
            None if cache_folder is None else contents_path(Path(cache_folder), self.root)
        )

    def __reduce__(self) -> tuple[type[IsdcArchive], tuple[Path, Path | None]]:
        """Travel to worker processes without the index, which reading events does not need."""
        return IsdcArchive, (self.root, self._cache_folder)

    @property
    def name(self) -> str:
        """Name for use in a sentence."""
        return f"archive {self.root}"

    @property
    def address(self) -> str:
        """Argument of ``connect(archive=...)`` that opens this archive."""
        return str(self.root)

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return all usable pointings, in order of time.

        The folder is searched at each call, so that new files are found; only new or changed files
        are read.

        Raises
        ------
        ArchiveError
            If the folder holds no science windows.
        """
        entries = self._refreshed().values()
        found = [e.window for e in entries if e.window is not None and is_pointing(e.id)]
        return tuple(sorted(found, key=lambda window: (window.start, window.id)))

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return the science windows whose files cannot be used, each with the reason.

        As found by the last search of the folder.
        """
        entries = (self._entries or self._refreshed()).values()
        return tuple(SkippedWindow(e.id, e.problem) for e in entries if e.problem)

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of one science window, given with or without its version.

        Raises
        ------
        BadParameter
            If the identifier is malformed.
        ArchiveError
            If the archive has no such window, or its file may not be read.
        DamagedFile
            If its file is truncated, foreign or inconsistent, or has no usable event.
        """
        file = locate(self.root, identifier)
        return events_of_file(file.path, file.id)

    def content(self, identifier: str) -> str:
        """Return the digest of the event file of one science window.

        Raises
        ------
        ArchiveError
            If the archive has no such window, or its file may not be read.
        """
        path = self._path(identifier)
        with naming(path):
            return self._contents.digest(path)

    def version(self, identifier: str) -> str:
        """Return the version of the code that gives the events of a window."""
        del identifier  # all windows are read alike
        return code_version(__name__)

    def calibration(self, window: ScienceWindow) -> CalibrationFiles:
        """Return the files from which OSA would calibrate the energies of a window.

        Raises
        ------
        ArchiveError
            If the archive has no such window.
        """
        return calibration_of(self.root, self._path(window.id).parent, window)

    def _path(self, identifier: str) -> Path:
        entry = self._entries.get(identifier)
        return locate(self.root, identifier).path if entry is None else Path(entry.path)

    def _refreshed(self) -> Entries:
        self._entries = up_to_date_index(
            self.root, self._cache_folder, self._entries, self._progress
        )
        return self._entries
