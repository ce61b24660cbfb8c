"""Instants as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter, InterpretationWarning
from oda_widgets.request.revolutions import revolution_start
from oda_widgets.request.timespan import to_ijd

NOON = to_ijd(Time("2003-03-15T12:00:00", scale="utc"))

# Whole milliseconds between 2003 and 2024, which every form can say.
moments = st.integers(0, 660_000_000_000).map(
    lambda ms: datetime(2003, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    "value",
    [
        "2003-03-15T12:00:00", "2003-03-15 12:00", "2003-03-15T12:00:00Z",
        "2003-03-15T12:00:00 UTC",
        "2003-03-15T12:00:00+00:00", "2003-03-15T13:30+01:30", "2003-03-15T07:00:00.000-05",
        "2003-03-15T12:01:04.184 TT", "2003/03/15 12:00",
        "15 Mar 2003 12:00", "15-MAR-2003T12:00", "March 15, 2003 12:00", "2003 Mar 15 12:00 UTC",
        "15.03.2003 12:00", "15/3/2003 12:00", "2003-03-15T07:00\u221205:00",
        "20030315T120000", "2003:074:12:00",
        "MJD 52713.5", "mjd=52713.5", "52713.5 MJD", "MJD 52713.500742870 TT", "JD 2452714.0",
        "IJD 1169.5007428704", "1169.5007428704 (IJD)", "1169.5007428704", 1169.5007428704,
        datetime(2003, 3, 15, 12), datetime(2003, 3, 15, 10, tzinfo=timezone(-timedelta(hours=2))),  # noqa: DTZ001
        np.datetime64("2003-03-15T12:00"), np.datetime64("2003-03-15T12:00:00.000000001"),
        Time(52713.5, format="mjd"), Time("2003-03-15T12:00:00").tdb,
    ],
)  # fmt: skip
def test_one_instant_is_the_same_in_every_form(value: Any) -> None:
    assert to_ijd(value) == pytest.approx(NOON, abs=1e-9)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("2004", "2004-01-01"),
        (" 2004-03 ", "2004-03-01T00:00:00"),
        ("2004-03-15", "2004-03-15T00:00:00"),
        ("20040315", "2004-03-15"),
        ("2004-03-15Z", "2004-03-15"),
        ("Mar 2004", "2004-03-01"),
        ("15 sept. 2004", "2004-09-15"),
        (date(2004, 3, 15), "2004-03-15"),
        (np.datetime64("2004"), "2004-01-01"),
        ("J2004.0", "2004-01-01T12:00:00 TT"),
    ],
)
def test_a_year_a_month_or_a_day_is_its_beginning(short: Any, long: str) -> None:
    assert to_ijd(short) == to_ijd(long)


@pytest.mark.parametrize("text", ["rev 100", "Rev. 0100", "revolution 100", "orbit 100"])
def test_a_revolution_is_its_beginning(text: str) -> None:
    assert to_ijd(text) == revolution_start(100)


@given(moments, zones)
@settings(deadline=None)  # astropy, the judge, takes its time
def test_a_moment_survives_every_form_and_time_zone(moment: datetime, zone: timezone) -> None:
    time = Time(moment)
    truth = to_ijd(time)
    forms = (
        time.isot,
        f"{time.iso} UTC",
        moment.astimezone(zone).isoformat(),
        moment.astimezone(zone).isoformat(sep=" ", timespec="milliseconds"),
        moment.isoformat().replace("+00:00", "Z"),
        f"{time.tt.isot} TT",
        f"IJD {truth!r}",
        f"MJD {time.to_value('mjd', 'str')}",
        f"JD {time.to_value('jd', 'str')}",
        time.yday,
        moment.astimezone(zone),
        moment.replace(tzinfo=None),
        np.datetime64(moment.replace(tzinfo=None)),
    )
    for form in forms:
        assert to_ijd(form) == pytest.approx(truth, abs=2e-9), form


@given(st.floats(50001, 60000))
@settings(deadline=None)
def test_a_number_that_can_only_be_an_mjd_or_a_jd_is_read_with_a_word(mjd: float) -> None:
    for number, kind in ((mjd, "MJD"), (mjd + 2400000.5, "JD"), (str(mjd), "MJD")):
        with pytest.warns(InterpretationWarning, match=f"start=.* was read as {kind} .* UTC"):
            assert to_ijd(number, "start") == pytest.approx(
                to_ijd(Time(mjd, format="mjd")), abs=1e-8
            )


@pytest.mark.parametrize("value", [2003, np.int32(2015), "2003.5", "2003.0", 2000, 2030, "2010.25"])
def test_what_may_be_a_year_or_days_is_asked_about(value: Any) -> None:
    with pytest.raises(BadParameter, match=f'may be a year or an IJD. Write "J?{value}"'):
        to_ijd(value)


def test_computed_numbers_stay_days() -> None:
    assert to_ijd(2003.0) == 2003.0
    assert to_ijd(np.float64(2003.25)) == 2003.25


@pytest.mark.parametrize(("text", "number"), [("51", 51), ("0051", 51), ("2559", 2559)])
def test_digits_that_may_be_a_revolution_are_asked_about(text: str, number: int) -> None:
    ways = f'Write "rev {number}" for the revolution, "IJD {number}" for days'
    with pytest.raises(BadParameter, match=ways):
        to_ijd(text)
    assert to_ijd(f"IJD {number}") == number


def test_a_revolution_that_may_be_a_year_before_the_launch_is_asked_about() -> None:
    with pytest.raises(BadParameter, match=r'"rev 1999" .*, "1999-01" for the year'):
        to_ijd("1999")


@pytest.mark.parametrize(
    ("value", "words"),
    [(51, "2000-02-21, before the launch"), ("51.5", "before"), (9999, "after the end")],
)
def test_typed_days_without_integral_are_asked_about(value: Any, words: str) -> None:
    with pytest.raises(BadParameter, match=f'{words}.* Write "IJD {value}"'):
        to_ijd(value)


@pytest.mark.parametrize("value", [51.5, 9999.0])
def test_computed_days_without_integral_are_read_with_a_warning(value: float) -> None:
    with pytest.warns(InterpretationWarning, match=f"start={value}: as an IJD it is .* INTEGRAL"):
        assert to_ijd(value, "start") == value


@pytest.mark.parametrize("text", ["03/04/2003", "3/4/2003 12:00"])
def test_a_day_that_may_be_the_month_is_asked_about(text: str) -> None:
    with pytest.raises(BadParameter, match='Write "2003-03-04" or "2003-04-03"'):
        to_ijd(text)


@pytest.mark.parametrize("value", [1047686400, "1047686400", 1047686400.5])
def test_unix_times_are_refused_with_the_reason_and_the_way_to_write_them(value: Any) -> None:
    with pytest.raises(BadParameter, match=r'Unix counts since 1970 .*format="unix"') as caught:
        to_ijd(value)
    assert f"Time({value}" in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "yesterday", "", float("inf"), [], None, True, "2003-13-01", "2003-02-30", "1/2/2003",
        "12:30", "15 Foo 2003", "31 Apr 2003", "32.01.2003", "13/13/2003", "5 nov",
        "IJD 30000", "IJD 1200 UTC", "MJD 52000 IJD", "rev 0", "rev 9999", "2003-03-15T12:00+25:00",
        -3, 30000, 1e7, np.datetime64("NaT", "s"), Time(["2003-03-15"]),
        Time("2003-03-15", scale="local"),
    ],
)  # fmt: skip
def test_what_is_no_instant_is_refused_by_the_name_of_its_parameter(value: Any) -> None:
    with pytest.raises(BadParameter, match=r"^start="):
        to_ijd(value, "start")
