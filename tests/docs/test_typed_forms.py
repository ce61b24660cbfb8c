"""The tables of what can be typed are true, line by line."""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time

from oda_widgets.errors import BadParameter, InterpretationWarning
from oda_widgets.lookup.names import resolve
from oda_widgets.request.timespan import isot_utc, parse_span, to_ijd

PAGE = Path(__file__).parents[2] / "docs" / "times_and_positions.md"
TIMES, POSITIONS = PAGE.read_text(encoding="utf-8").split("## Positions")
NAMES = {"datetime": datetime, "date": date, "np": np, "Time": Time, "u": u, "SkyCoord": SkyCoord}


def lines(part: str) -> list[tuple[str, str, str]]:
    """Return each form of a table, what it is read as, and the remark beside it."""
    return [
        (form, row[1], row[2])
        for row in re.findall(r"^\| (`.*?) \| (.*?) \| (.*?) ?\|$", part, flags=re.MULTILINE)
        for form in re.findall(r"`(.+?)`(?:, |$)", row[0])
    ]


def refused(part: str) -> list[str]:
    """Return the forms that a page says are refused."""
    return re.findall(r"`(\"[^`]+\"|\d+)`", part.split("Refused")[1].split("Beside", maxsplit=1)[0])


def value(form: str) -> Any:
    return eval(form, dict(NAMES))  # noqa: S307 - our own page


@pytest.mark.parametrize(("form", "utc", "remark"), lines(TIMES))
def test_a_time_is_what_the_page_says(form: str, utc: str, remark: str) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert isot_utc(to_ijd(value(form)), 0) == utc
    assert [w.category for w in said] == [InterpretationWarning] * ("warning" in remark)


@pytest.mark.parametrize(("form", "degrees", "_"), lines(POSITIONS))
def test_a_position_is_what_the_page_says(form: str, degrees: str, _: str) -> None:
    assert resolve(value(form), online=False).name == degrees


def test_the_page_has_tables() -> None:
    counts = [
        len(lines(TIMES)),
        len(lines(POSITIONS)),
        len(refused(TIMES)),
        len(refused(POSITIONS)),
    ]
    assert counts == [35, 34, 7, 5]


@pytest.mark.parametrize("form", refused(TIMES))
def test_a_time_that_may_be_two_is_refused(form: str) -> None:
    with pytest.raises(BadParameter):
        to_ijd(value(form), "start")


@pytest.mark.parametrize("form", refused(POSITIONS))
def test_a_position_that_may_be_two_is_refused(form: str) -> None:
    with pytest.raises(BadParameter):
        resolve(value(form), online=False)


def test_a_number_is_a_year_beside_an_end_that_leaves_no_choice() -> None:
    assert parse_span(2003, "IJD 1500") == parse_span("2003", "IJD 1500")
