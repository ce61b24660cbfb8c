"""A query with its science windows, before any of them is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.field_of_view import measurable, pointing_of
from oda_widgets.analysis.out_of_view import out_of_view
from oda_widgets.archive.jemx_events import is_jemx, jemx_events_node
from oda_widgets.archive.layout import is_pointing, missing_window
from oda_widgets.archive.select import find
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.coding import LEAST_CODING
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.node import Node
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import energy_range
from oda_widgets.request.queries import ImageQuery, Query
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow
from oda_widgets.request.timespan import TimeInterval, intersect, isot_utc

_BLIND = f"none of the sources has a coding fraction of at least {LEAST_CODING:g} in it"


@dataclass(frozen=True)
class QueryWindow:
    """A science window of a query.

    Parameters
    ----------
    science_window
        Its entry in the index of the archive.
    index, number
        Position among the windows of the query, from 0, and the number of these.
    restriction
        The part of its time that the query asks for; empty for all of it.
    events
        The node of its events.
    instrument
        Instrument that recorded the events.
    """

    science_window: ScienceWindow
    index: int
    number: int
    restriction: tuple[TimeInterval, ...]
    events: Node
    instrument: str = "isgri"

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
    archive
        Source of the events.
    windows
        Windows with time in the intervals of the query, in order of time.
    unusable
        Windows whose files are known to be damaged.
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
        known = self._events.get(window.id)
        if known is None:
            known = self._events[window.id] = self.archive.node(window)
        return known

    @cached_property
    def _events(self) -> dict[str, Node]:
        return {window.id: window.events for window in self.windows}

    def nothing_left(self, skipped: Sequence[SkippedWindow]) -> BadParameter | DamagedFile:
        """Return the error of a query none of whose windows can be used.

        Parameters
        ----------
        skipped
            Windows that turned out to be unusable when they were read.
        """
        return _nothing_left(self.query, self.archive_windows, (*self.unusable, *skipped))


def analysis_of(query: Query, archive: CalibratedArchive) -> Analysis:
    """Return the analysis of a query.

    Raises
    ------
    ArchiveError
        If the archive has none of the science windows.
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
    blind = _blind(query, [window for window, _ in inside], present)
    inside = [pair for pair in inside if pair[0].id not in blind]
    unusable = (*unusable, *(SkippedWindow(identifier, _BLIND) for identifier in blind))
    windows = tuple(
        QueryWindow(
            window,
            index,
            len(inside),
            restriction,
            node_of_events(archive, window, query.instrument),
            query.instrument,
        )
        for index, (window, restriction) in enumerate(inside)
    )
    return Analysis(query, archive, windows, unusable, present)


def node_of_events(archive: CalibratedArchive, window: ScienceWindow, instrument: str) -> Node:
    """Return the node of the events of a window as the archive has them now.

    Raises
    ------
    ArchiveError
        If the archive cannot read its file.
    """
    if is_jemx(instrument):
        return jemx_events_node(archive.archive, window, instrument)
    return archive.node(window)


def aperture_of(query: Query) -> Aperture:
    """Return the aperture of the instrument of a query, for all its energies."""
    if is_jemx(query.instrument):
        return jemx_aperture(EnergyBand(*energy_range(query.instrument)))
    return IBIS


def _chosen(
    query: Query, archive: CalibratedArchive, present: Sequence[ScienceWindow]
) -> tuple[Sequence[ScienceWindow], tuple[SkippedWindow, ...]]:
    """Return the windows of a query that the archive can open, and those that it cannot.

    Raises
    ------
    ArchiveError
        If the archive has none of them.
    """
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
    found = _in_archive(wanted, present)
    if found or unusable:
        unusable += [_missing(w, present, archive.name) for w in wanted if w not in found]
        wanted = [identifier for identifier in wanted if identifier in found]
    usable = find(present, wanted, archive.name).windows if wanted else ()
    return usable, tuple(unusable)


def _in_archive(wanted: Sequence[str], present: Sequence[ScienceWindow]) -> set[str]:
    """Return the identifiers, with or without version, of windows that an archive has."""
    stems = {identifier[:12] for identifier in wanted}
    near = [window.id for window in present if window.id[:12] in stems]
    return {*near, *(identifier[:12] for identifier in near)}.intersection(wanted)


def _missing(identifier: str, present: Sequence[ScienceWindow], archive: str) -> SkippedWindow:
    """Return a window that an archive does not have, with the reason."""
    if not is_pointing(identifier):
        return SkippedWindow(identifier, "it is a slew or an engineering window.")
    error = missing_window(identifier, (window.id for window in present), f"the {archive}")
    return SkippedWindow(identifier, error.problem)


def _with_time(
    windows: Sequence[ScienceWindow], intervals: Sequence[TimeInterval]
) -> Iterator[tuple[ScienceWindow, tuple[TimeInterval, ...]]]:
    """Iterate over the windows with time in the intervals, each with its restriction."""
    for window in windows:
        inside = intersect(_whole(window), intervals) if intervals else _whole(window)
        if inside:
            yield window, () if inside == _whole(window) else inside


def _blind(
    query: Query, windows: Sequence[ScienceWindow], present: Sequence[ScienceWindow]
) -> set[str]:
    """Return the identifiers of windows that measure no source of a query.

    Raises
    ------
    BadParameter
        If none measures any.
    """
    if isinstance(query, ImageQuery):
        return set()
    sources = tuple(query.catalog.selected)
    aperture = aperture_of(query)
    blind = {w.id for w in windows if not measurable(pointing_of(w), sources, aperture)}
    if len(blind) == len(windows):
        raise out_of_view("catalog", sources, windows, present, query.instrument)
    return blind


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
    given = [(isot_utc(interval.start), isot_utc(interval.stop)) for interval in query.intervals]
    within = [window for window in wanted if intersect(_whole(window), query.intervals)]
    if within:
        return BadParameter("intervals", given, *_in_a_gap(within[0]))
    return BadParameter("intervals", given, *_outside(wanted, query.intervals))


def _in_a_gap(window: ScienceWindow) -> tuple[str, str]:
    """Return the error for intervals in a gap of a science window."""
    limit = f"in a gap of the good time of science window {window.id}"
    advice = f"The window is {_in_words(window.start, window.stop)}; "
    return (
        limit,
        f"{advice}{window.good_time:,.0f} s of it are good time. Choose a longer interval.",
    )


def _outside(
    windows: Sequence[ScienceWindow], intervals: Sequence[TimeInterval]
) -> tuple[str, str]:
    """Return the error for intervals outside all science windows."""
    first, last = windows[0], windows[-1]
    cover = f"They cover {_in_words(first.start, last.stop)}."
    inside = intersect((TimeInterval(first.start, last.stop),), intervals)
    if inside:
        return "between the science windows, when none was taken", cover
    return "outside the time of the science windows", cover


def _in_words(start: float, stop: float) -> str:
    return f"{isot_utc(start)} to {isot_utc(stop)} UTC (IJD {start:.5f} to {stop:.5f})"
