"""Instants and intervals in IJD, the time of the mission.

IJD, the INTEGRAL Julian date, counts days of TT since 2000-01-01: IJD = MJD (TT) - 51544.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import erfa

from oda_widgets.errors import BadParameter, shorten
from oda_widgets.request.arguments import listed, pair
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.typed_date import future_years
from oda_widgets.request.typed_time import (
    doubt_days_outside_mission,
    may_be_year,
    read_instant,
)

IJD_ZERO_MJD = 51544.0
_JD_OF_MJD_ZERO = 2400000.5
SECONDS_PER_DAY = 86400.0
_MICROSECONDS_PER_DAY = 86400e6
_MOST_INTERVALS = 100_000
FARTHEST = 365_250.0  # days from IJD 0, a thousand years
OUTSIDE = "not an instant within a thousand years of 2000"
_ADVICE = 'Give for example "2004-03-01" or "MJD 53065".'
_SHORT = 600.0  # seconds, up to which instants are written to the millisecond
_SHORTEST = 1e-3  # seconds, all intervals together
NO_SPAN = "an interval must end after it starts"
SWAP_OR_EXTEND = "Swap the two, or give a later end: a date stands for its beginning."


def to_ijd(value: Any, parameter: str = "time", *, any_mission: bool = False) -> float:
    """Return an instant in IJD (days of TT since MJD 51544).

    Parameters
    ----------
    value
        `~astropy.time.Time`, `~datetime.datetime`, `~datetime.date`, `~numpy.datetime64`, a number
        of days in IJD, or text: a date that astropy parses, in UTC unless "TT" or an offset such
        as "+01:00" follows it, "2004" or "2004-03" for their beginning, "IJD 1200",
        "MJD 52744", "JD 2452744.5", or "rev 60" for the beginning of a revolution. Numbers that
        can only be an MJD or a JD are read as such.
    parameter
        Name of the parameter, for the message.
    any_mission
        False to refuse numbers before the launch of INTEGRAL or after the end of the mission.

    Raises
    ------
    BadParameter
        If the value cannot be read, or may be a year or a revolution as well as an IJD.

    Warns
    -----
    InterpretationWarning
        If a number without a name was read as an MJD or a JD, or is an IJD outside the mission.

    Examples
    --------
    >>> to_ijd("2022-10-12T15:25:00")
    8320.6431618...
    >>> to_ijd("2004-03") == to_ijd("2004-03-01T01:00+01:00") == to_ijd("MJD 53065")
    True
    """
    instant = read_instant(value, parameter)
    if not isinstance(instant, float):
        return _ijd_of(instant, parameter)
    if not any_mission:
        doubt_days_outside_mission(instant, value, parameter)
    return instant


def parse_span(start: Any, stop: Any) -> tuple[float | None, float | None]:
    """Return the two ends of a span of time in IJD; None where it is open.

    Parameters
    ----------
    start, stop
        Instants (see `to_ijd`), or None. A whole number that may be a year or an IJD is read as
        whichever makes the span end after it starts.

    Raises
    ------
    BadParameter
        If an end cannot be read, or the span does not end after it starts.

    Examples
    --------
    >>> parse_span(2003, "IJD 1500") == parse_span("2003", "IJD 1500")
    True
    """
    if start is None or stop is None:
        return (
            None if start is None else to_ijd(start, "start"),
            None if stop is None else to_ijd(stop, "stop"),
        )
    return _closed_span(start, stop)


def _closed_span(start: Any, stop: Any) -> tuple[float, float]:
    """Return both ends of a span of time in IJD, neither of them open."""
    ends = _start_and_stop(start, stop, ("start", "stop"))
    if ends is None:
        raise BadParameter("stop", stop, f"not after start={shorten(start)}", SWAP_OR_EXTEND)
    return ends


def isot_utc(ijd: float, decimals: int = 3) -> str:
    """Return an instant in UTC.

    Parameters
    ----------
    ijd
        Days.
    decimals
        Number of decimals of the second.

    Examples
    --------
    >>> isot_utc(8320.643161851853, 0)
    '2022-10-12T15:25:00'
    """
    # Use erfa: importing `astropy.time` takes half a second and would delay the page.
    with future_years():
        utc = erfa.taiutc(*erfa.tttai(_JD_OF_MJD_ZERO + IJD_ZERO_MJD, ijd))
        year, month, day, clock = erfa.d2dtf("UTC", decimals, *utc)
    fraction = f".{clock['f']:0{decimals}d}" if decimals else ""
    date = f"{year:04d}-{month:02d}-{day:02d}"
    return f"{date}T{clock['h']:02d}:{clock['m']:02d}:{clock['s']:02d}{fraction}"


def mjd_utc(ijd: float) -> float:
    """Return an instant as MJD in UTC, days.

    Parameters
    ----------
    ijd
        Days.

    Examples
    --------
    >>> round(mjd_utc(8320.643161851853), 6)
    59864.642361
    """
    with future_years():
        whole, rest = erfa.taiutc(*erfa.tttai(_JD_OF_MJD_ZERO + IJD_ZERO_MJD, ijd))
    return float(whole - _JD_OF_MJD_ZERO + rest)


def _ijd_of(instant: Any, parameter: str) -> float:
    """Return an astropy time in IJD."""
    from astropy.time import ScaleValueError  # noqa: PLC0415 - keeps the import of the package light

    if not instant.isscalar or instant.masked:
        raise BadParameter(parameter, instant, "not one instant", "Give a single Time.")
    try:
        with future_years():
            tt = instant.tt
    except erfa.ErfaError:  # beyond the calendar
        raise BadParameter(parameter, instant.jd, OUTSIDE, _ADVICE) from None
    except ScaleValueError:
        limit = f"its scale, {instant.scale}, cannot be converted to TT"
        raise BadParameter(parameter, instant, limit, 'Give Time(..., scale="utc").') from None
    days = float((tt.jd1 - _JD_OF_MJD_ZERO - IJD_ZERO_MJD) + tt.jd2)
    if not abs(days) <= FARTHEST:  # or not a number
        raise BadParameter(parameter, days, OUTSIDE, _ADVICE)
    # One instant differs by a last bit between formats and scales: round to microseconds.
    return round(days * _MICROSECONDS_PER_DAY) / _MICROSECONDS_PER_DAY


def _start_and_stop(
    start: Any, stop: Any, parameters: tuple[str, str]
) -> tuple[float, float] | None:
    """Return both ends of a span in IJD, or None if it does not end after it starts.

    If a number has two meanings, only one of which makes a span, take that one.
    """
    ends = [
        (first, last)
        for first in _meanings(start, parameters[0])
        for last in _meanings(stop, parameters[1])
        if first < last
    ]
    if len(ends) > 1:
        # Both meanings make a span: `to_ijd` raises the error that asks which is meant.
        return to_ijd(start, parameters[0]), to_ijd(stop, parameters[1])
    return ends[0] if ends else None


def _meanings(value: Any, parameter: str) -> tuple[float, ...]:
    """Return the instants that a value may mean: two for a number that may be a year."""
    if may_be_year(value):
        return to_ijd(str(value), parameter), float(value)
    return (to_ijd(value, parameter),)


@suggesting_class
@dataclass(frozen=True, slots=True, order=True, repr=False)
class TimeInterval:
    """A half-open interval ``start <= t < stop``.

    Parameters
    ----------
    start, stop
        IJD days.

    Raises
    ------
    BadParameter
        If it does not end after it starts.

    Examples
    --------
    >>> TimeInterval(8320.5, 8320.75).seconds
    21600.0
    """

    start: float
    stop: float

    def __post_init__(self) -> None:
        if not self.start < self.stop:
            ends = self.start, self.stop
            raise BadParameter("intervals", ends, NO_SPAN, SWAP_OR_EXTEND)

    def __str__(self) -> str:
        """Return both ends in UTC, to the second, or to the millisecond below ten minutes."""
        if max(abs(self.start), abs(self.stop)) >= FARTHEST:
            return f"IJD {self.start:g} to {self.stop:g}"
        decimals = 3 if self.seconds < _SHORT else 0
        return f"{isot_utc(self.start, decimals)} to {isot_utc(self.stop, decimals)} UTC"

    def __repr__(self) -> str:
        return str(self)

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Return an interval from an interval or a pair of instants (see `to_ijd`).

        Raises
        ------
        BadParameter
            If it is neither, or does not end after it starts.

        Examples
        --------
        >>> round(TimeInterval.parse(("2022-10-12T15:25:00", "2022-10-12T15:28:00")).seconds, 3)
        180.0
        """
        if isinstance(value, cls):
            return value
        advice = "Write intervals=[(start, stop), ...]."
        start, stop = pair("intervals", value, "not a pair of instants", advice)
        ends = _start_and_stop(start, stop, ("intervals", "intervals"))
        if ends is None:
            raise BadParameter("intervals", (start, stop), NO_SPAN, SWAP_OR_EXTEND)
        return cls(*ends)

    @property
    def seconds(self) -> float:
        """Length in seconds.

        Examples
        --------
        >>> TimeInterval(8320.0, 8321.0).seconds
        86400.0
        """
        return (self.stop - self.start) * SECONDS_PER_DAY


def parse_intervals(value: Any) -> tuple[TimeInterval, ...]:
    """Return intervals in order of time, merged where they touch or overlap.

    ``None`` and an empty list mean no restriction. A single pair is taken as one interval.

    Raises
    ------
    BadParameter
        If the value is not a list of pairs of instants, or the intervals are too short in total.

    Examples
    --------
    >>> found = parse_intervals([(2003.0, 2004.0), (2001.0, 2002.0), (2001.5, 2002.5)])
    >>> [(interval.start, interval.stop) for interval in found]
    [(2001.0, 2002.5), (2003.0, 2004.0)]
    """
    if value is None:
        return ()
    if isinstance(value, TimeInterval):
        return (value,)
    if not isinstance(value, Iterable) or isinstance(value, str):
        limit = "not a list of intervals"
        raise BadParameter("intervals", value, limit, "Write intervals=[(start, stop), ...].")
    items = listed("intervals", value, _MOST_INTERVALS)
    if len(items) == 2 and not any(_is_pair(item) for item in items):
        items = [items]
    found = merge(TimeInterval.parse(item) for item in items)
    if found and sum(interval.seconds for interval in found) < _SHORTEST:
        limit = f"together shorter than {_SHORTEST:g} s, in which nothing can be measured"
        raise BadParameter("intervals", value, limit, "Give longer intervals.")
    return found


def intervals_of(intervals: Any, start: Any, stop: Any) -> tuple[TimeInterval, ...]:
    """Return intervals from a list of them, or from the two ends of one.

    Parameters
    ----------
    intervals
        See `parse_intervals`.
    start, stop
        The ends of a single interval, or None.

    Raises
    ------
    BadParameter
        If both are given, one end is missing, or a value is not an interval.

    Examples
    --------
    >>> intervals_of(None, 2001.0, 2002.0) == intervals_of([(2001.0, 2002.0)], None, None)
    True
    """
    if start is None and stop is None:
        return parse_intervals(intervals)
    if intervals is not None:
        limit = "start and stop are given too"
        raise BadParameter("intervals", intervals, limit, "Give one or the other.")
    if start is None or stop is None:
        name = "start" if start is None else "stop"
        raise BadParameter(name, None, "only the other end is given", "Give both.")
    # Pass an interval, not a pair of numbers: those might be taken for years.
    return parse_intervals(TimeInterval(*_closed_span(start, stop)))


def merge(intervals: Iterable[TimeInterval]) -> tuple[TimeInterval, ...]:
    """Return the union of intervals as sorted, disjoint intervals.

    Examples
    --------
    >>> (joined,) = merge([TimeInterval(2, 3), TimeInterval(1, 2)])
    >>> joined.start, joined.stop
    (1, 3)
    """
    merged: list[TimeInterval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].stop:
            last = merged.pop()
            interval = TimeInterval(last.start, max(last.stop, interval.stop))  # noqa: PLW2901
        merged.append(interval)
    return tuple(merged)


def intersect(
    first: Iterable[TimeInterval], second: Iterable[TimeInterval]
) -> tuple[TimeInterval, ...]:
    """Return the times that belong to both lists of intervals.

    Examples
    --------
    >>> (both,) = intersect([TimeInterval(1, 3)], [TimeInterval(2, 4)])
    >>> both.start, both.stop
    (2, 3)
    """
    left, right = merge(first), merge(second)
    both: list[TimeInterval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start = max(left[i].start, right[j].start)
        stop = min(left[i].stop, right[j].stop)
        if start < stop:
            both.append(TimeInterval(start, stop))
        if left[i].stop <= right[j].stop:
            i += 1
        else:
            j += 1
    return merge(both)


def _is_pair(item: Any) -> bool:
    return isinstance(item, TimeInterval | tuple | list)


def without(
    intervals: Iterable[TimeInterval], removed: Iterable[TimeInterval]
) -> tuple[TimeInterval, ...]:
    """Return the times of intervals that belong to none of the removed ones.

    Examples
    --------
    >>> left = without([TimeInterval(1, 4)], [TimeInterval(2, 3)])
    >>> [(interval.start, interval.stop) for interval in left]
    [(1, 2), (3, 4)]
    """
    gaps = merge(removed)
    starts = (-math.inf, *(gap.stop for gap in gaps))
    stops = (*(gap.start for gap in gaps), math.inf)
    return intersect(intervals, map(TimeInterval, starts, stops))
