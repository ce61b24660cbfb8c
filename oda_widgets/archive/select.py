"""Choose science windows by pointing, time, chance or name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from oda_widgets.archive.layout import missing_window
from oda_widgets.errors import EmptySelection
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.instrument import Instrument
from oda_widgets.request.instruments import described
from oda_widgets.request.revolutions import LAST_REVOLUTION, revolution_start
from oda_widgets.request.science_windows import (
    ScienceWindow,
    ScienceWindowList,
    SkippedWindow,
    parse_identifiers,
)
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY, isot_utc
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.request.words import counted

Windows = Sequence[ScienceWindow]


def select(
    windows: Iterable[ScienceWindow],
    query: WindowQuery,
    answered_by: str = "",
    unusable: Sequence[SkippedWindow] = (),
) -> ScienceWindowList:
    """Return the science windows that satisfy all conditions, in order of time.

    Real and simulated windows are never mixed: simulated ones are returned only where no real one
    satisfies the conditions.

    Parameters
    ----------
    windows
        All windows of an archive.
    query
        Conditions on position, time and number.
    answered_by
        Name of the archive.
    unusable
        Windows that it cannot read.

    Raises
    ------
    EmptySelection
        If nothing is left; the message says which condition removed the last window.
    """
    found = sorted(windows, key=lambda window: (window.start, window.id))
    if not found and unusable:
        number = counted(len(unusable), "science window")
        problem = f"None of {number} can be read; the first: {unusable[0].reason}"
        raise EmptySelection(problem, "Fetch the files again.")
    if not found:
        advice = "Download some, or use the bundled sample."
        raise EmptySelection("The archive has no science windows.", advice)
    if query.source is not None:
        found = _within_radius(found, query.source, query.radius)
    found = _within_span(found, query.start, query.stop)
    found = _real_first(_switched_on(found, described(query.instrument)))
    chosen = _at_random(found, query.limit, query.seed)
    return ScienceWindowList(chosen, len(found), answered_by, tuple(_possible(unusable, query)))


def _possible(unusable: Iterable[SkippedWindow], query: WindowQuery) -> Iterator[SkippedWindow]:
    """Iterate over windows whose revolutions overlap the time of a query: no more is known."""
    start = -inf if query.start is None else query.start
    stop = inf if query.stop is None else query.stop
    for window in unusable:
        revolution = int(window.id[:4])
        if _start_of(revolution - 1) <= stop and _start_of(revolution + 2) >= start:
            yield window


def _start_of(revolution: int) -> float:
    """Return the start of a revolution, IJD days; infinity before the first and after the last."""
    if revolution < 1:
        return -inf
    return revolution_start(revolution) if revolution <= LAST_REVOLUTION else inf


def find(
    windows: Sequence[ScienceWindow], identifiers: Any, answered_by: str = ""
) -> ScienceWindowList:
    """Return the named science windows, in order of time.

    Parameters
    ----------
    windows
        All windows of an archive.
    identifiers
        Identifiers, with or without version.
    answered_by
        Name of the archive.

    Raises
    ------
    BadParameter
        If an identifier is malformed or given twice.
    ArchiveError
        If one is not among the windows; the message names near matches.
    """
    asked = parse_identifiers(identifiers)
    # An archive has many more windows than a query names: compare only candidates.
    stems = {identifier[:12] for identifier in asked}
    present = [window for window in windows if window.id[:12] in stems]
    by_identifier = {window.id: window for window in present}
    by_stem = {window.id[:12]: window for window in present}
    found = []
    for wanted in asked:
        window = by_identifier.get(wanted) or by_stem.get(wanted)
        if window is None:
            known = (window.id for window in windows)
            raise missing_window(wanted, known, answered_by or "The archive")
        found.append(window)
    found.sort(key=lambda window: (window.start, window.id))
    return ScienceWindowList(tuple(found), len(found), answered_by)


def _switched_on(windows: Windows, instrument: Instrument) -> list[ScienceWindow]:
    """Return the windows in which an instrument was on, with its good time."""
    if not instrument.sources:  # SPI-ACS always counts: all of its time is good
        return [replace(w, good_time=(w.stop - w.start) * SECONDS_PER_DAY) for w in windows]
    if instrument.name == "isgri":
        return list(windows)
    found = [window.seen_by(instrument.name) for window in windows]
    on = [window for window in found if window is not None]
    if not on and all(instrument.name in dict(window.others) for window in windows):
        problem = f"{instrument.label} was off in all {len(windows)} science windows there."
        raise EmptySelection(problem, "Choose other times, or another instrument.")
    if not on:
        problem = f"None of {len(windows)} science windows has data of {instrument.label}."
        advice = (
            "It was off, or the archive does not hold them: choose other times, or a dispatcher."
        )
        raise EmptySelection(problem, advice)
    return on


def _within_radius(windows: Windows, source: Source, radius: float) -> list[ScienceWindow]:
    pointings = [window.ra for window in windows], [window.dec for window in windows]
    angles = separations(*pointings, source.ra, source.dec)
    inside = angles <= radius
    if not inside.any():
        nearest = int(np.argmin(angles))
        problem = (
            f"None of {len(windows)} science windows points within {radius:g} deg of "
            f"{source.name}; {windows[nearest].id} is nearest, {angles[nearest]:.1f} deg away."
        )
        raise EmptySelection(problem, "Choose another source, a larger radius or more data.")
    return [window for window, chosen in zip(windows, inside, strict=True) if chosen]


def _within_span(windows: Windows, start: float | None, stop: float | None) -> list[ScienceWindow]:
    found = [
        window
        for window in windows
        if (start is None or window.stop > start) and (stop is None or window.start < stop)
    ]
    if not found:
        raise EmptySelection(
            f"None of {len(windows)} science windows {_when(start, stop)}: "
            f"{_nearest(windows, start, stop)}.",
            "Change start or stop, or leave them out.",
        )
    return found


def _when(start: float | None, stop: float | None) -> str:
    """Return in words that a window lies in a span of time."""
    if start is None:
        return f"is before {isot_utc(stop or 0.0, 0)}"
    if stop is None:
        return f"is after {isot_utc(start, 0)}"
    return f"is between {isot_utc(start, 0)} and {isot_utc(stop, 0)}"


def _nearest(windows: Windows, start: float | None, stop: float | None) -> str:
    """Return in words which windows are the last before a span of time and the first after it."""
    before = [window for window in windows if start is not None and window.stop <= start]
    after = [window for window in windows if stop is not None and window.start >= stop]
    said = []
    if before:
        last = max(before, key=lambda window: window.stop)
        said.append(f"the last before is {last.id}, until {isot_utc(last.stop, 0)}")
    if after:
        said.append(f"the first after is {after[0].id}, from {isot_utc(after[0].start, 0)}")
    return f"{', '.join(said)} UTC"


def _real_first(windows: list[ScienceWindow]) -> list[ScienceWindow]:
    real = [window for window in windows if not window.simulated]
    return real or windows


def _at_random(windows: Windows, limit: int | None, seed: int) -> tuple[ScienceWindow, ...]:
    if limit is None or len(windows) <= limit:
        return tuple(windows)
    chosen = np.random.default_rng(seed).choice(len(windows), limit, replace=False)
    return tuple(windows[index] for index in np.sort(chosen))
