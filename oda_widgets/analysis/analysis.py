"""A query with its science windows, before anything of them is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oda_widgets.analysis.energies import CalibratedArchive
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.archive.select import find
from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.node import Node
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow
from oda_widgets.request.timespan import TimeInterval, intersect, isot_utc


@dataclass(frozen=True)
class QueryWindow:
    """A science window of a query.

    Parameters
    ----------
    science_window
        Its entry in the index of the archive.
    index, number
        Position among the windows of the query, from 0, and how many these are.
    restriction
        The part of its time that the query asks for; empty for all of it.
    events
        The node of its events.
    """

    science_window: ScienceWindow
    index: int
    number: int
    restriction: tuple[TimeInterval, ...]
    events: Node

    @property
    def id(self) -> str:
        """Identifier of the science window."""
        return self.science_window.id

    @property
    def pointing(self) -> Pointing:
        """Attitude of the telescope."""
        return pointing_of(self.science_window)

    @property
    def time(self) -> tuple[TimeInterval, ...]:
        """The part of its time that the query asks for."""
        return self.restriction or _whole(self.science_window)


@dataclass(frozen=True)
class Analysis:
    """A query with the science windows that can be used for it.

    Parameters
    ----------
    query
        The query.
    archive
        Where the events come from.
    windows
        Those that have time in the intervals of the query, in order of time.
    unusable
        Those whose files are known to be damaged.
    archive_windows
        All windows of the archive.
    """

    query: Query
    archive: CalibratedArchive
    windows: tuple[QueryWindow, ...]
    unusable: tuple[SkippedWindow, ...]
    archive_windows: tuple[ScienceWindow, ...]

    def events_node(self, window: ScienceWindow) -> Node:
        """Return the node of the events of any window of the archive.

        Raises
        ------
        ArchiveError
            If the archive cannot read its file.
        """
        return self.archive.node(window)

    def nothing_left(self, skipped: Sequence[SkippedWindow]) -> BadParameter | DamagedFile:
        """Return the error of a query none of whose windows has anything to give.

        Parameters
        ----------
        skipped
            Windows that turned out to be unusable when they were read.
        """
        return _nothing_left(self.query, self.archive_windows, (*self.unusable, *skipped))


def analysis_of(query: Query, archive: CalibratedArchive) -> Analysis:
    """Return the analysis that a query asks for.

    Raises
    ------
    ArchiveError
        If the archive has not all of the science windows.
    DamagedFile
        If none of them can be used.
    BadParameter
        If none has time in the intervals of the query.
    """
    present = archive.science_windows()
    usable, unusable = _chosen(query, archive, present)
    inside = list(_with_time(usable, query.intervals))
    if not inside:
        raise _nothing_left(query, present, unusable)
    windows = tuple(
        QueryWindow(window, index, len(inside), restriction, archive.node(window))
        for index, (window, restriction) in enumerate(inside)
    )
    return Analysis(query, archive, windows, unusable, present)


def _chosen(
    query: Query, archive: CalibratedArchive, present: Sequence[ScienceWindow]
) -> tuple[Sequence[ScienceWindow], tuple[SkippedWindow, ...]]:
    """Return the windows of a query that the archive can open, and those that it cannot."""
    damaged = {window.id: window for window in archive.unusable_windows()}
    by_stem = {identifier[:12]: window for identifier, window in damaged.items()}
    wanted: list[str] = []
    unusable: list[SkippedWindow] = []
    for identifier in query.science_windows:
        window = damaged.get(identifier) or by_stem.get(identifier[:12])
        if window is None:
            wanted.append(identifier)
        else:
            unusable.append(window)
    usable = find(present, wanted, archive.name).windows if wanted else ()
    return usable, tuple(unusable)


def _with_time(
    windows: Sequence[ScienceWindow], intervals: Sequence[TimeInterval]
) -> Iterator[tuple[ScienceWindow, tuple[TimeInterval, ...]]]:
    """Iterate over the windows that have time in the intervals, each with its restriction."""
    for window in windows:
        inside = intersect(_whole(window), intervals) if intervals else _whole(window)
        if inside:
            yield window, () if inside == _whole(window) else inside


def _whole(window: ScienceWindow) -> tuple[TimeInterval, ...]:
    return (TimeInterval(window.start, window.stop),)


def _nothing_left(
    query: Query, present: Sequence[ScienceWindow], unusable: Sequence[SkippedWindow]
) -> BadParameter | DamagedFile:
    if len(unusable) == len(query.science_windows):
        problem = f"None of the science windows can be used; {unusable[0].reason}"
        return DamagedFile(problem, "Choose others, or repair the files.")
    left = {identifier[:12] for identifier in query.science_windows}
    left -= {window.id[:12] for window in unusable}
    wanted = [window for window in present if window.id[:12] in left]
    first, last = wanted[0], wanted[-1]
    given = [(isot_utc(interval.start), isot_utc(interval.stop)) for interval in query.intervals]
    limit = "outside the good time of the science windows"
    advice = (
        f"They cover {isot_utc(first.start)} to {isot_utc(last.stop)} UTC"
        f" (IJD {first.start:.5f} to {last.stop:.5f})."
    )
    return BadParameter("intervals", given, limit, advice)
