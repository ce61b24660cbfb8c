"""Instants and intervals."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter
from oda_widgets.request.timespan import (
    TimeInterval,
    intersect,
    intervals_of,
    isot_utc,
    merge,
    parse_intervals,
    parse_span,
    to_ijd,
    without,
)

instants = st.integers(0, 60).map(float)
intervals = st.lists(
    st.tuples(instants, instants).filter(lambda pair: pair[0] < pair[1]), max_size=6
).map(lambda pairs: [TimeInterval(*pair) for pair in pairs])


def astropy_time(ijd: float) -> Time:
    return Time(51544.0, ijd, format="mjd", scale="tt")


def covered(parts: tuple[TimeInterval, ...] | list[TimeInterval], time: float) -> bool:
    return any(part.start <= time < part.stop for part in parts)


def test_a_year_after_the_mission_is_a_date_like_any_other() -> None:
    assert isot_utc(to_ijd("2030-01-01T12:00:00")) == "2030-01-01T12:00:00.000"
    assert to_ijd(Time("2030-01-01", scale="tt")) == 10958.0


def test_dates_are_utc_and_numbers_are_ijd() -> None:
    # The real window starts at TSTART = 8320.63230042977, which its header calls 15:09:21.6 UTC.
    ijd = to_ijd("2022-10-12T15:09:21.573")
    assert ijd == pytest.approx(8320.6323, abs=1e-6)
    assert to_ijd(ijd) == ijd
    assert to_ijd(Time(59864.6323, format="mjd", scale="tt")) == pytest.approx(8320.6323, abs=1e-9)


@given(st.floats(1000, 9000))
def test_an_instant_survives_being_a_date(ijd: float) -> None:
    assert to_ijd(astropy_time(ijd)) == pytest.approx(ijd, abs=1e-10)
    assert to_ijd(isot_utc(ijd)) == pytest.approx(ijd, abs=1.0e-3 / 86400)


@given(st.integers(1000 * 86_400_000, 9500 * 86_400_000))
def test_dates_are_those_of_astropy(milliseconds: int) -> None:
    ijd = milliseconds / 86_400_000  # between two milliseconds, either is a right rounding
    assert isot_utc(ijd) == str(astropy_time(ijd).utc.isot)


def test_dates_know_leap_seconds() -> None:
    new_year = 6210.0 + 69.184 / 86400  # 2017-01-01T00:00:00 UTC
    assert isot_utc(new_year + 1e-9) == "2017-01-01T00:00:00.000"
    assert isot_utc(new_year - 0.4 / 86400, 1) == "2016-12-31T23:59:60.6"
    assert isot_utc(8320.642361, 0) == "2022-10-12T15:23:51"


def test_intervals_are_given_in_any_of_the_usual_forms() -> None:
    one = TimeInterval(8320.64, 8320.65)
    assert parse_intervals(None) == ()
    assert parse_intervals([(8320.64, 8320.65)]) == (one,)
    assert parse_intervals((8320.64, 8320.65)) == (one,)
    assert parse_intervals(one) == (one,)


@pytest.mark.parametrize("value", ["now", 3, [(8320.65, 8320.64)], [(1,)], [(1, 1)], ["a", "b"]])
def test_bad_intervals_are_refused(value: object) -> None:
    with pytest.raises(BadParameter):
        parse_intervals(value)


@given(intervals)
def test_merging_changes_no_coverage_and_leaves_gaps(parts: list[TimeInterval]) -> None:
    merged = merge(parts)
    assert all(a.stop < b.start for a, b in pairwise(merged))
    for time in range(61):
        assert covered(merged, time) == covered(parts, time)


@given(intervals, intervals)
def test_intersection_and_difference_are_those_of_sets(
    first: list[TimeInterval], second: list[TimeInterval]
) -> None:
    # Both may be iterated over only once.
    both, rest = intersect(iter(first), iter(second)), without(iter(first), iter(second))
    for time in range(61):
        assert covered(both, time) == (covered(first, time) and covered(second, time))
        assert covered(rest, time) == (covered(first, time) and not covered(second, time))


@pytest.mark.parametrize(
    ("start", "stop"),
    [("2004", "2003"), (1300, 1200), ("MJD 53000", "MJD 52000"), (date(2004, 1, 2), "2004-01-01")],
)
def test_a_swapped_interval_is_answered_in_the_words_that_were_typed(
    start: object, stop: object
) -> None:
    with pytest.raises(BadParameter) as interval:
        parse_intervals([(start, stop)])
    with pytest.raises(BadParameter) as span:
        parse_span(start, stop)
    assert interval.value.value == (start, stop)
    assert span.value.value == stop
    assert repr(start) in str(span.value)


def test_a_number_is_a_year_where_days_would_make_no_span() -> None:
    assert parse_span(2003, "IJD 1500") == parse_span("2003", "IJD 1500")
    assert parse_span("IJD 1600", 2003) == (1600.0, 2003.0)
    assert parse_intervals((2003, "2004")) == parse_intervals(("2003", "2004"))


@pytest.mark.parametrize("span", [(2003, 2005), (2003, None), (None, 2003), (2003, "IJD 2500")])
def test_years_that_may_be_days_are_asked_about(span: tuple[object, object]) -> None:
    with pytest.raises(BadParameter, match='Write "2003" for the year, "IJD 2003" for days'):
        parse_span(*span)


def test_the_ends_of_a_span_are_read_once() -> None:
    """Before the mission an instant as a number of days would be doubted, under another name."""
    (before,) = intervals_of(None, "1990-10-09", "1990-10-09T00:10")
    assert before.start == to_ijd("1990-10-09")
    assert intervals_of(None, "IJD 2003", "IJD 2004")[0].start == 2003.0
