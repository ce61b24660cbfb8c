"""Read instants as users write them.

A value that may mean two instants is refused, and the message shows how to write each.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from oda_widgets.errors import BadParameter, InterpretationWarning
from oda_widgets.request.numbers import finite_number, with_plain_minus
from oda_widgets.request.revolutions import (
    FIRST_REVOLUTION,
    LAST_REVOLUTION,
    revolution_start,
)
from oda_widgets.request.typed_date import (
    ADVICE,
    date_from_calendar,
    date_from_text,
    future_years,
)

if TYPE_CHECKING:
    from astropy.time import Time

LATEST_IJD = 20000.0
_LAUNCH, _END = 1020, 9191  # IJD of 2002-10-17 and of the day after the last observation
_MJD = (50000.0, 80000.0)  # 1995 to 2077
_JD = (2440000.0, 2500000.0)  # 1968 to 2132
# Limits of days that are named so: a thousand years before and after 2000.
_LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"MJD": (-313_706.0, 416_794.0), "JD": (2_086_294.5, 2_816_794.5)}
)
_UNIX = (5e8, 5e9)  # 1985 to 2128
_YEARS = (2000, 2030)  # numbers in this range may be years or IJD of the mission

_REVOLUTION = re.compile(r"(?:rev\.?|revolution|orbit)\s*[:=#]?\s*(\d{1,5})", re.IGNORECASE)
_NUMBER = re.compile(r"[\d.+eE]+")
_DIGITS = re.compile(r"\d{1,4}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_COMPACT_DATE = re.compile(r"(?:19|20)\d{6}")
_DAYS = re.compile(
    r"(?:(?P<before>IJD|MJD|JD)\s*[:=]?\s*)?"
    r"(?P<number>[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"
    r"(?:\s*\(?(?P<after>IJD|MJD|JD)\)?)?"
    r"(?:\s*\(?(?P<scale>UTC|TT|TDB|TAI)\)?)?",
    re.IGNORECASE,
)


def read_instant(value: Any, parameter: str) -> Time | float:
    """Return an instant as an astropy time, or as a float in IJD days.

    Parameters
    ----------
    value
        See `oda_widgets.request.timespan.to_ijd`.
    parameter
        Name of the parameter, for the message.

    Raises
    ------
    BadParameter
        If it cannot be read, or may be more than one instant.

    Warns
    -----
    InterpretationWarning
        If a number without a name was read as an MJD or a JD.
    """
    if isinstance(value, str):
        return _from_text(with_plain_minus(value.strip()), parameter)
    if isinstance(value, date | np.datetime64):
        return date_from_calendar(value, parameter)
    if hasattr(value, "jd1"):
        return value  # an astropy Time
    number = finite_number(parameter, value)
    if may_be_year(value):
        raise _year_or_ijd(value, parameter)
    return _from_number(number, value, parameter)


def may_be_year(value: Any) -> bool:
    """Return whether a whole number may be a year of the mission as well as an IJD.

    Examples
    --------
    >>> may_be_year(2003), may_be_year(1200), may_be_year(2003.0)
    (True, False, False)
    """
    # Floats are computed, or written by `image.code()`: as documented, they are IJD.
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and _YEARS[0] <= value <= _YEARS[1]


def _from_text(text: str, parameter: str) -> Time | float:
    revolution = _REVOLUTION.fullmatch(text)
    if revolution:
        return _revolution_start(int(revolution[1]), text, parameter)
    if _may_be_revolution(text):
        raise _revolution_or_ijd(text, parameter)
    if not (_YEAR.fullmatch(text) or _COMPACT_DATE.fullmatch(text)):
        days = _DAYS.fullmatch(text)
        if days:
            return _from_days(days, text, parameter)
    return date_from_text(text, parameter)


def _revolution_start(revolution: int, text: str, parameter: str) -> float:
    """Return the start of a revolution; name the parameter and its text in the error."""
    try:
        return revolution_start(revolution)
    except BadParameter as error:
        raise BadParameter(parameter, text, error.limit, error.advice) from None


def _from_days(found: re.Match[str], text: str, parameter: str) -> Time | float:
    """Return the instant of a number of days, which may name its kind: IJD, MJD or JD."""
    number = float(found["number"])
    kinds = {kind.upper() for kind in (found["before"], found["after"]) if kind}
    scale = (found["scale"] or "").lower()
    if not kinds and not scale:
        if _YEARS[0] <= number <= _YEARS[1]:
            raise _year_or_ijd(text, parameter)
        return _from_number(number, text, parameter)
    if len(kinds) != 1:
        raise BadParameter(parameter, text, "not one kind of days", ADVICE)
    kind = kinds.pop()
    if kind in _LIMITS and not _LIMITS[kind][0] <= number <= _LIMITS[kind][1]:
        low, high = _LIMITS[kind]
        raise BadParameter(parameter, text, f"an {kind} here is {low:g} to {high:g}", ADVICE)
    if kind != "IJD":
        return _time(number, kind, scale or "utc")
    if not 0 <= number <= LATEST_IJD or scale not in {"", "tt"}:
        raise BadParameter(parameter, text, f"IJD are 0 to {LATEST_IJD:g} days of TT", ADVICE)
    return number


def _from_number(number: float, value: object, parameter: str) -> Time | float:
    """Return the instant of a number that does not name its kind, if only one is possible."""
    if 0 <= number <= LATEST_IJD:
        return number
    for kind, (low, high) in {"MJD": _MJD, "JD": _JD}.items():
        if low <= number <= high:
            instant = _time(number, kind, "utc")
            text = (
                f"{parameter}={value} was read as {kind} {number!r}, which is {instant.isot} UTC."
            )
            warnings.warn(text, InterpretationWarning, stacklevel=4)
            return instant
    raise _not_days(number, value, parameter)


def _may_be_revolution(text: str) -> bool:
    """Return whether text is digits that may be the directory of a revolution, but not a year."""
    if not _DIGITS.fullmatch(text):
        return False
    number = int(text)
    return FIRST_REVOLUTION <= number <= LAST_REVOLUTION and not _YEARS[0] <= number <= _YEARS[1]


def _revolution_or_ijd(text: str, parameter: str) -> BadParameter:
    number = int(text)
    year = f', "{text}-01" for the year' if _YEAR.fullmatch(text) else ""
    advice = f'Write "rev {number}" for the revolution, "IJD {number}" for days since 2000{year}.'
    return BadParameter(parameter, text, "may be a revolution or an IJD", advice)


def doubt_days_outside_mission(number: float, value: object, parameter: str) -> None:
    """Refuse days outside the mission if they were typed; warn of them if they were computed.

    Parameters
    ----------
    number
        IJD days.
    value
        Value from which they were read.
    parameter
        Name of the parameter, for the message.

    Raises
    ------
    BadParameter
        If the value is a whole number, or text that does not say that it is an IJD.

    Warns
    -----
    InterpretationWarning
        If it is a float.
    """
    named = isinstance(value, str) and not _NUMBER.fullmatch(value.strip())
    if named or _LAUNCH <= number <= _END:
        return
    day = date(2000, 1, 1) + timedelta(days=int(number))
    where = "before the launch" if number < _LAUNCH else "after the end"
    limit = f"as an IJD it is {day}, {where} of INTEGRAL"
    if not isinstance(value, float):
        advice = f'Write "IJD {value}" for that day, "rev 51" for a revolution, or a date.'
        raise BadParameter(parameter, value, limit, advice)
    warnings.warn(f"{parameter}={value}: {limit}.", InterpretationWarning, stacklevel=4)


def _not_days(number: float, value: object, parameter: str) -> BadParameter:
    """Return the error for a number that is neither an IJD, an MJD nor a JD."""
    if not _UNIX[0] <= number <= _UNIX[1]:
        limit = f"neither an IJD (0 to {LATEST_IJD:g} days), an MJD nor a JD"
        return BadParameter(parameter, value, limit, ADVICE)
    limit = "looks like seconds, which Unix counts since 1970 and other missions since other years"
    advice = f'If it is a Unix time, write Time({number:.15g}, format="unix").'
    return BadParameter(parameter, value, limit, advice)


def _time(number: float, kind: str, scale: str) -> Time:
    from astropy.time import Time  # noqa: PLC0415 - keeps the import of the package light

    with future_years():
        return Time(number, format=kind.lower(), scale=scale)


def _year_or_ijd(value: object, parameter: str) -> BadParameter:
    """Return the error for a number that may be a year or an IJD; it shows how to write each."""
    year = f'"{value}"' if may_be_year(value) else f'"J{value}"'
    advice = f'Write {year} for the year, "IJD {value}" for days since 2000.'
    return BadParameter(parameter, value, "may be a year or an IJD", advice)
