"""Convert dates in columns of text to MJD."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from math import nan

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.request.timespan import SECONDS_PER_DAY

_DATE = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2}(?:\.\d{1,12})?))?)?Z?",
    re.ASCII,
)
_DAY_OF_MJD_ZERO = np.datetime64("1858-11-17", "D")


def is_date(text: str) -> bool:
    """Return whether text is a date of ISO 8601, with or without a time of day."""
    return _DATE.fullmatch(text.strip()) is not None


def days_of_dates(texts: Sequence[str], column: str) -> Floats:
    """Return dates as MJD in their own time scale, shape (n_rows,); NaN for empty cells.

    Raises
    ------
    DamagedFile
        If a cell is not a date of ISO 8601.
    """
    return np.array([_days(text.strip(), column, row) for row, text in enumerate(texts, 1)])


def _days(text: str, column: str, row: int) -> float:
    if not text:
        return nan
    found = _DATE.fullmatch(text)
    days = None if found is None else _mjd(found)
    if days is None:
        problem = f"The column {column} holds text, {shorten(text)} in row {row}, and no date."
        raise DamagedFile(problem, "Write 2017-09-04T12:30:00, or MJD as numbers.")
    return days


def _mjd(found: re.Match[str]) -> float | None:
    """Return the MJD of a date; None if the day or the time of day does not exist."""
    hour, minute, second = (float(found[part] or 0) for part in ("hour", "minute", "second"))
    if hour >= 24 or minute >= 60 or second >= 61:  # leap seconds
        return None
    with suppress(ValueError):
        day = np.datetime64(found["day"], "D") - _DAY_OF_MJD_ZERO
        return float(day.astype(int)) + (3600 * hour + 60 * minute + second) / SECONDS_PER_DAY
    return None
