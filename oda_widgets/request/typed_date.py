"""Read dates as users write them, with the help of astropy."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import erfa
import numpy as np

from oda_widgets.errors import BadParameter
from oda_widgets.request.date_forms import in_iso_form

if TYPE_CHECKING:
    from astropy.time import Time

ADVICE = (
    'Give a date in UTC ("2003-03-15T12:00:00", "2003-03", "2003"), "IJD 1169.5", "MJD 52713.5", '
    '"rev 51", an astropy Time, or a number of days in IJD.'
)
_FURTHEST_ZONE = 14  # hours
_MINUTES = 60

_WITH_SCALE = re.compile(
    r"(?P<date>.*\d)\s*\(?(?P<scale>UTC|UT|GMT|Z|TT|TDB|TAI)\)?", re.IGNORECASE
)
# Offsets follow a time of day: the end of 2003-03 is a month.
_WITH_OFFSET = re.compile(
    r"(?P<date>.+[T ].*\d)\s*(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?", re.IGNORECASE
)


def date_from_text(text: str, parameter: str) -> Time:
    """Return the instant of a date, in UTC unless a scale or an offset from UTC follows it.

    A year, a month or a day means its beginning.

    Raises
    ------
    BadParameter
        If it is not a date.
    """
    with_offset = _WITH_OFFSET.fullmatch(text)
    if with_offset:
        local = _read(with_offset["date"], None, text, parameter)
        return local - _offset(with_offset, text, parameter)
    with_scale = _WITH_SCALE.fullmatch(text)
    if with_scale is None:
        return _read(text, None, text, parameter)
    scale = with_scale["scale"].lower()
    known = scale if scale in {"tt", "tdb", "tai"} else "utc"
    return _read(with_scale["date"], known, text, parameter)


def date_from_calendar(value: date | np.datetime64, parameter: str) -> Time:
    """Return the instant of a date of Python or NumPy, in UTC unless it has a time zone.

    Raises
    ------
    BadParameter
        If it is NaT, the "not a time" of NumPy and pandas.
    """
    from astropy.time import Time  # noqa: PLC0415 - keeps the import of the package light

    if value != value:  # noqa: PLR0124 - true of NaT only
        raise BadParameter(parameter, value, "not a time", ADVICE)
    with future_years():
        if isinstance(value, np.datetime64):
            return Time(str(value.astype("datetime64[us]")), scale="utc")
        if isinstance(value, datetime):
            return Time(value, scale="utc")
        return Time(value.isoformat(), scale="utc")


@contextmanager
def future_years() -> Iterator[None]:
    """Silence warnings about years whose leap seconds are unknown: the mission ended earlier."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        yield


def _read(day: str, scale: str | None, text: str, parameter: str) -> Time:
    """Return the instant of a date; astropy chooses the scale, UTC or TT, if it is None."""
    from astropy.time import Time  # noqa: PLC0415 - keeps the import of the package light

    whole = in_iso_form(day.strip(), parameter)
    for form in (lambda: whole, lambda: datetime.fromisoformat(whole)):
        try:
            with future_years():
                return Time(form(), scale=scale)
        except (ValueError, TypeError):
            continue
    raise BadParameter(parameter, text, "not a date that astropy reads", ADVICE)


def _offset(found: re.Match[str], text: str, parameter: str) -> Any:
    """Return the offset of a local time from UTC, positive if ahead."""
    hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
    if hours > _FURTHEST_ZONE or minutes >= _MINUTES:
        raise BadParameter(parameter, text, "no such offset from UTC", ADVICE)
    ahead = timedelta(hours=hours, minutes=minutes)
    return -ahead if found["sign"] == "-" else ahead
