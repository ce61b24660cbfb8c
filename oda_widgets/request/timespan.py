"""Instants and intervals in the time of the mission.

IJD, the INTEGRAL Julian date, counts days of TT since 2000-01-01: IJD = MJD (TT) - 51544.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import erfa

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import finite_number

IJD_ZERO_MJD = 51544.0
_JD_OF_MJD_ZERO = 2400000.5
SECONDS_PER_DAY = 86400.0
_MICROSECONDS_PER_DAY = 86400e6
_LATEST_IJD = 20000.0
_HOW = 'Give an astropy Time, a date as "2022-10-12T15:25:00", or a number of days in IJD.'


def to_ijd(value: Any, parameter: str = "time") -> float:
    """Return an instant in IJD (days of TT since MJD 51544).

    Parameters
    ----------
    value
        `~astropy.time.Time`, any string it parses (UTC), "2004" or "2004-03" for their beginning,
        or a number, taken as IJD.
    parameter
        Name of the parameter, for the message.

    Raises
    ------
    BadParameter
        If the value cannot be read, or is a number that looks like an MJD.

    Examples
    --------
    >>> to_ijd("2022-10-12T15:25:00")
    8320.6431618...
    >>> to_ijd("2004-03") == to_ijd("2004-03-01")
    True
    """
    if isinstance(value, str):
        value = _parsed(value, parameter)
    with _future_years():
        tt = getattr(value, "tt", None)
    if tt is not None:
        days = float((tt.jd1 - _JD_OF_MJD_ZERO - IJD_ZERO_MJD) + tt.jd2)
        # Formats and scales of one instant differ in the last bit: whole microseconds do not.
        return round(days * _MICROSECONDS_PER_DAY) / _MICROSECONDS_PER_DAY
    number = finite_number(parameter, value)
    if not 0 <= number <= _LATEST_IJD:
        limit = f"not an IJD (0 to {_LATEST_IJD:g} days)"
        raise BadParameter(
            parameter,
            value,
            limit,
            f'{_HOW} For an MJD write Time({value!r}, format="mjd", scale="tt").',
        )
    return number


def isot_utc(ijd: float, decimals: int = 3) -> str:
    """Return an instant in UTC.

    Parameters
    ----------
    ijd
        Days.
    decimals
        Of the second.

    Examples
    --------
    >>> isot_utc(8320.643161851853, 0)
    '2022-10-12T15:25:00'
    """
    # Importing `astropy.time` takes half a second, which the first look at a page need not wait.
    with _future_years():
        utc = erfa.taiutc(*erfa.tttai(_JD_OF_MJD_ZERO + IJD_ZERO_MJD, ijd))
        year, month, day, clock = erfa.d2dtf("UTC", decimals, *utc)
    fraction = f".{clock['f']:0{decimals}d}" if decimals else ""
    date = f"{year:04d}-{month:02d}-{day:02d}"
    return f"{date}T{clock['h']:02d}:{clock['m']:02d}:{clock['s']:02d}{fraction}"


def _parsed(text: str, parameter: str) -> Any:
    from astropy.time import Time  # noqa: PLC0415 - keeps the import of the package light

    try:
        with _future_years():
            return Time(_whole_date(text))
    except ValueError:
        raise BadParameter(parameter, text, "not a date that astropy reads", _HOW) from None


@contextmanager
def _future_years() -> Iterator[None]:
    """Accept years whose leap seconds are not known yet: the mission has ended before them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        yield


def _whole_date(text: str) -> str:
    """Return a year as its first day, and a month as its first day; anything else as it is."""
    text = text.strip()
    if re.fullmatch(r"\d{4}", text):
        return f"{text}-01-01"
    return f"{text}-01" if re.fullmatch(r"\d{4}-\d{2}", text) else text


@dataclass(frozen=True, slots=True, order=True)
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
            limit = "an interval must end after it starts"
            raise BadParameter("intervals", (self.start, self.stop), limit, "Swap its two ends.")

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
        try:
            start, stop = value
        except (TypeError, ValueError):
            limit = "not a pair of instants"
            raise BadParameter(
                "intervals", value, limit, "Write intervals=[(start, stop), ...]."
            ) from None
        return cls(to_ijd(start, "intervals"), to_ijd(stop, "intervals"))

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
    """Return intervals sorted and merged where they touch or overlap.

    ``None`` and an empty list mean no restriction. A single pair is taken as one interval.

    Raises
    ------
    BadParameter
        If the value is not a list of pairs of instants.

    Examples
    --------
    >>> parse_intervals([(3.0, 4.0), (1.0, 2.0), (1.5, 2.5)])
    (TimeInterval(start=1.0, stop=2.5), TimeInterval(start=3.0, stop=4.0))
    """
    if value is None:
        return ()
    if isinstance(value, TimeInterval):
        return (value,)
    if not isinstance(value, Iterable) or isinstance(value, str):
        limit = "not a list of intervals"
        raise BadParameter("intervals", value, limit, "Write intervals=[(start, stop), ...].")
    items = list(value)
    if len(items) == 2 and not any(_is_pair(item) for item in items):
        items = [items]
    return merge(TimeInterval.parse(item) for item in items)


def merge(intervals: Iterable[TimeInterval]) -> tuple[TimeInterval, ...]:
    """Return the union of intervals as sorted, disjoint intervals.

    Examples
    --------
    >>> merge([TimeInterval(2, 3), TimeInterval(1, 2)])
    (TimeInterval(start=1, stop=3),)
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
    """Return the parts that belong to both lists of intervals.

    Examples
    --------
    >>> intersect([TimeInterval(1, 3)], [TimeInterval(2, 4)])
    (TimeInterval(start=2, stop=3),)
    """
    others = tuple(second)
    both = [(max(a.start, b.start), min(a.stop, b.stop)) for a in first for b in others]
    return merge(TimeInterval(start, stop) for start, stop in both if start < stop)


def _is_pair(item: Any) -> bool:
    return isinstance(item, TimeInterval | tuple | list)


def without(
    intervals: Iterable[TimeInterval], removed: Iterable[TimeInterval]
) -> tuple[TimeInterval, ...]:
    """Return the parts of intervals that belong to none of the removed ones.

    Examples
    --------
    >>> without([TimeInterval(1, 4)], [TimeInterval(2, 3)])
    (TimeInterval(start=1, stop=2), TimeInterval(start=3, stop=4))
    """
    left = tuple(intervals)
    for gap in removed:
        pieces = [(max(i.start, a), min(i.stop, b)) for i in left for a, b in _around(gap)]
        left = merge(TimeInterval(start, stop) for start, stop in pieces if start < stop)
    return left


def _around(gap: TimeInterval) -> tuple[tuple[float, float], tuple[float, float]]:
    return (float("-inf"), gap.start), (gap.stop, float("inf"))
