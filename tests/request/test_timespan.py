"""Instants and intervals."""

from __future__ import annotations

from itertools import pairwise

import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.errors import BadParameter
from oda_widgets.request.timespan import (
    TimeInterval,
    intersect,
    isot_utc,
    merge,
    parse_intervals,
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


@given(st.floats(1000, 9500))
def test_dates_are_those_of_astropy(ijd: float) -> None:
    assert isot_utc(ijd) == str(astropy_time(ijd).utc.isot)


def test_dates_know_leap_seconds() -> None:
    new_year = 6210.0 + 69.184 / 86400  # 2017-01-01T00:00:00 UTC
    assert isot_utc(new_year + 1e-9) == "2017-01-01T00:00:00.000"
    assert isot_utc(new_year - 0.4 / 86400, 1) == "2016-12-31T23:59:60.6"
    assert isot_utc(8320.642361, 0) == "2022-10-12T15:23:51"


def test_a_number_that_looks_like_an_mjd_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(BadParameter, match='format="mjd"'):
        to_ijd(59864.6)


@pytest.mark.parametrize("value", ["yesterday", "", float("inf"), [], None])
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(BadParameter):
        to_ijd(value, "start")


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
    ("short", "long"), [("2004", "2004-01-01"), (" 2004-03 ", "2004-03-01T00:00:00")]
)
def test_a_year_or_a_month_is_its_beginning(short: str, long: str) -> None:
    assert to_ijd(short) == to_ijd(long)
