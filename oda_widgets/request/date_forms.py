"""Rewrite calendar dates as people write them into the form of ISO 8601."""

from __future__ import annotations

import re
from datetime import date

from oda_widgets.errors import BadParameter

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip

_END = r"(?=$|[T\s,])"
_YEAR = re.compile(r"\d{4}")
_YEAR_AND_MONTH = re.compile(r"\d{4}-\d{2}")
_WITH_SLASHES = re.compile(r"(?P<year>\d{4})/(?P<month>\d\d?)(?:/(?P<day>\d\d?))?(?!\d)")
_NO_DASHES = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?=T|$)"
)
_WITH_DOTS = re.compile(rf"(?P<day>\d\d?)\.\s?(?P<month>\d\d?)\.\s?(?P<year>\d{{4}}){_END}")
_NAMED_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_WITH_NAMES = (
    re.compile(rf"(?:(?P<day>\d\d?)\.?[\s-]*)?{_NAMED_MONTH},?[\s-]*(?P<year>\d{{4}}){_END}"),
    re.compile(rf"{_NAMED_MONTH}\s*(?P<day>\d\d?),?\s+(?P<year>\d{{4}}){_END}"),
    re.compile(rf"(?P<year>\d{{4}})[\s-]*{_NAMED_MONTH}(?:[\s-]*(?P<day>\d\d?))?{_END}"),
)
_DAY_OR_MONTH = re.compile(rf"(\d\d?)/(\d\d?)/(\d{{4}}){_END}")


def in_iso_form(day: str, parameter: str) -> str:
    """Return a date, perhaps with a time of day, in the form of ISO 8601.

    A year or a month becomes its first day; other text is returned unchanged.

    Parameters
    ----------
    day
        Text without a scale or an offset from UTC.
    parameter
        Name of the parameter, for the message.

    Raises
    ------
    BadParameter
        If day and month can be exchanged, as in "03/04/2005".

    Examples
    --------
    >>> in_iso_form("15 Mar 2003 12:00", "start"), in_iso_form("15.03.2003", "start")
    ('2003-03-15 12:00', '2003-03-15')
    """
    for pattern in (_WITH_SLASHES, _NO_DASHES, _WITH_DOTS, *_WITH_NAMES):
        found = pattern.match(day)
        month = _month(found["month"]) if found else ""
        if found and month:
            parts = (found["year"], month, found["day"])
            day = "-".join(part.zfill(2) for part in parts if part) + day[found.end() :]
            break
    either = _DAY_OR_MONTH.match(day)
    if either:
        day = _unambiguous_date(either, day, parameter) + day[either.end() :]
    if _YEAR.fullmatch(day):
        return f"{day}-01-01"
    return f"{day}-01" if _YEAR_AND_MONTH.fullmatch(day) else day


def _month(written: str) -> str:
    """Return the number of a month as text; empty if the word is not a month."""
    if written.isdecimal():
        return written
    numbers = (n for n, name in enumerate(_MONTHS, 1) if name.startswith(written.casefold()))
    return str(next(numbers, ""))


def _unambiguous_date(found: re.Match[str], day: str, parameter: str) -> str:
    """Return the only possible date of a/b/year; the text itself if there is none."""
    first, second, year = (int(part) for part in found.groups())
    meanings = sorted({*_valid_date(year, first, second), *_valid_date(year, second, first)})
    if len(meanings) > 1:
        ways = " or ".join(f'"{meaning}"' for meaning in meanings)
        raise BadParameter(parameter, day, "may be two days", f"Write {ways}.")
    return meanings[0] if meanings else found[0]


def _valid_date(year: int, month: int, day: int) -> tuple[str, ...]:
    """Return the date in the form of ISO 8601, or nothing if the calendar has no such day."""
    try:
        return (date(year, month, day).isoformat(),)
    except ValueError:
        return ()
