"""The science windows of a query that a mirror has, as an archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from oda_widgets.archive.calibration import CalibrationFiles
from oda_widgets.archive.layout import is_pointing
from oda_widgets.archive.mirror.archive import MirrorArchive
from oda_widgets.archive.mirror.cache import Record
from oda_widgets.errors import ArchiveError
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow


@dataclass(frozen=True)
class Wanted:
    """The science windows that a query names, before anything is fetched.

    Parameters
    ----------
    listed
        Windows that the mirror lists.
    known
        Records of windows fetched before, by identifier without version.
    refused
        Windows that cannot be fetched, each with the reason.
    """

    listed: tuple[ScienceWindow, ...]
    known: Mapping[str, Record]
    refused: tuple[SkippedWindow, ...]

    @property
    def unknown(self) -> tuple[ScienceWindow, ...]:
        """Windows that were never fetched."""
        return tuple(w for w in self.listed if w.id[:12] not in self.known)


@dataclass(frozen=True)
class MirrorSelection:
    """An archive of only the fetched windows of a query.

    Neighbours of a window are thus searched among the windows of the query: no others are fetched,
    and a folder with the same files gives the same results.

    Parameters
    ----------
    mirror
        The mirror.
    records
        Records of the windows, by identifier without version.
    refused
        Windows that cannot be fetched, each with the reason.
    """

    mirror: MirrorArchive
    records: Mapping[str, Record]
    refused: tuple[SkippedWindow, ...] = ()

    @property
    def name(self) -> str:
        """Name for use in a sentence."""
        return self.mirror.name

    @property
    def address(self) -> str:
        """Argument of ``connect(archive=...)`` that opens the mirror."""
        return self.mirror.address

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return the windows that were fetched, in order of time."""
        return self._windows

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return the windows that cannot be fetched or used, each with the reason."""
        return self._unusable

    def content(self, identifier: str) -> str:
        """Return the digest of the event file of a window.

        Raises
        ------
        ArchiveError
            If it is not one of the windows.
        """
        record = self.records.get(identifier[:12])
        if record is None:
            raise ArchiveError(f"{identifier} is not in the {self.name}.", "Leave it out.")
        return record.content

    def version(self, identifier: str) -> str:
        """Return the version of the code that gives events."""
        return self.mirror.version(identifier)

    def calibration(self, window: ScienceWindow) -> CalibrationFiles:
        """Return the calibration files of a window."""
        return self.mirror.calibration(window)

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of a window; errors are those of the mirror."""
        return self.mirror.events(identifier)

    @cached_property
    def _windows(self) -> tuple[ScienceWindow, ...]:
        usable = [record.window for record in self.records.values() if not record.problem]
        return tuple(sorted(usable, key=lambda window: (window.start, window.id)))

    @cached_property
    def _unusable(self) -> tuple[SkippedWindow, ...]:
        problems = (r for r in self.records.values() if r.problem)
        return (*self.refused, *(SkippedWindow(r.window.id, r.problem) for r in problems))


def wanted_from(mirror: MirrorArchive, identifiers: Iterable[str]) -> Wanted:
    """Return the windows that a query names, looked up in the list of a mirror and its cache.

    Raises
    ------
    ServiceError
        If the list is not in the cache and the server does not send it.
    """
    listed: list[ScienceWindow] = []
    refused: list[SkippedWindow] = []
    for identifier in identifiers:
        window = mirror.listed(identifier)
        if window is not None:
            listed.append(window)
        elif is_pointing(identifier):
            reason = f"the {mirror.name} does not list it: it is not public, or was never observed."
            refused.append(SkippedWindow(identifier, reason))
        else:
            refused.append(SkippedWindow(identifier, "it is a slew or an engineering window."))
    known = mirror.cache.records(window.id for window in listed)
    listed.sort(key=lambda window: (window.start, window.id))
    return Wanted(tuple(listed), known, tuple(refused))
