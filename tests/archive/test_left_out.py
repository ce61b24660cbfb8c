"""What of a file is no good time and no event: silences of the detector, and rows twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.usable import usable_events
from oda_widgets.request.timespan import SECONDS_PER_DAY
from tests.archive.conftest import MakeWindow

RATE, LENGTH = 100.0, 1000.0


def window_with(make_window: MakeWindow, seconds: np.ndarray, **changes: object) -> RawWindow:
    """Return a window with events at some seconds after its start."""
    number, rng = len(seconds), np.random.default_rng(1)
    start = make_window().window.start
    columns = {
        "time": start + seconds / SECONDS_PER_DAY,
        "energy": rng.uniform(15, 1000, number).astype(np.float32),
        "dety": rng.integers(0, 130, number).astype(np.uint8),
        "detz": rng.integers(0, 134, number).astype(np.uint8),
        "select_flag": np.zeros(number, np.uint8),
        "intervals": None,
    }
    return make_window(**(columns | changes))


def steady(seed: int = 2, rate: float = RATE) -> np.ndarray:
    """Return the seconds of events of a steady rate."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0, LENGTH, rng.poisson(rate * LENGTH)))


def ontime(raw: RawWindow) -> float:
    return usable_events(raw, "file").ontime


@pytest.mark.parametrize(
    ("gaps", "missing"),
    [
        ([(600, 750)], 150.0),
        ([(0, 100)], 100.0),
        ([(400, 1000)], 600.0),
        ([(0, 700)], 700.0),
        ([(n, n + 2) for n in range(0, 1000, 10)], 200.0),
        ([(0, 50), (300, 301.5), (990, 1000)], 61.5),
    ],
    ids=["middle", "start", "end", "most of it", "one after another", "several"],
)
def test_good_time_without_events_is_none(
    gaps: list[tuple[float, float]], missing: float, make_window: MakeWindow
) -> None:
    seconds = steady()
    for low, high in gaps:
        seconds = seconds[(seconds < low) | (seconds >= high)]
    raw = window_with(make_window, seconds)
    events = usable_events(raw, "file")
    longer = 0.1 * len(gaps)  # by the waits for the events beside
    assert LENGTH - missing - longer < events.ontime < LENGTH - missing + 0.001
    assert len(events) == len(raw)
    assert "s of its good time are left out: no event in them" in events.left_out
    for interval in events.good_time:
        assert interval.start <= interval.stop
    inside = [(events.time >= i.start) & (events.time < i.stop) for i in events.good_time]
    assert np.all(np.sum(inside, axis=0) == 1)  # each event is in one interval


def test_gaps_of_the_list_of_good_time_stay(make_window: MakeWindow) -> None:
    seconds = steady()
    seconds = seconds[(seconds < 395) | (seconds > 520)]
    start = make_window().window.start
    days = np.array([[0.0, 400.0], [500.0, 1000.0]]) / SECONDS_PER_DAY
    events = usable_events(window_with(make_window, seconds, intervals=start + days), "file")
    assert len(events.good_time) == 2
    assert events.ontime == pytest.approx(875.0, abs=0.2)


def test_a_time_in_disorder_hides_no_silence(make_window: MakeWindow) -> None:
    seconds = steady()
    seconds = np.random.default_rng(3).permutation(seconds[(seconds < 200) | (seconds > 300)])
    assert ontime(window_with(make_window, seconds)) == pytest.approx(900.0, abs=0.2)


def test_events_that_are_not_used_break_a_silence(make_window: MakeWindow) -> None:
    seconds = steady()
    flagged = ((seconds > 200) & (seconds < 300)).astype(np.uint8)
    raw = window_with(make_window, seconds, select_flag=flagged)
    assert ontime(raw) == pytest.approx(LENGTH)


@pytest.mark.parametrize("rate", [0.05, 0.5, 3.0, 30.0])
def test_a_silence_by_chance_is_good_time(rate: float, make_window: MakeWindow) -> None:
    for seed in range(20):
        raw = window_with(make_window, steady(seed, rate))
        assert ontime(raw) == pytest.approx(LENGTH)
        assert usable_events(raw, "file").left_out == ""


def test_bursts_make_no_silence_of_a_quiet_file(make_window: MakeWindow) -> None:
    """The rate beside the bursts is what a silence is judged by."""
    burst = np.random.default_rng(4).uniform(500.0, 501.0, 2000)
    seconds = np.sort(np.concatenate([steady(5, 0.2), burst]))
    assert ontime(window_with(make_window, seconds)) == pytest.approx(LENGTH)


def test_rows_that_are_there_twice_count_once(make_window: MakeWindow) -> None:
    raw = window_with(make_window, steady())
    rows = np.concatenate([np.arange(len(raw)), np.arange(100, 200), np.arange(len(raw))])
    columns = {n: getattr(raw, n)[rows] for n in ("time", "energy", "dety", "detz", "select_flag")}
    events, once = usable_events(replace(raw, **columns), "file"), usable_events(raw, "file")
    for name in ("time", "energy", "dety", "detz", "flagged_counts"):
        np.testing.assert_array_equal(getattr(events, name), getattr(once, name))
    assert events.ontime == once.ontime
    again, number = len(raw) + 100, len(rows)
    assert events.left_out == f"{again:,} of its {number:,} events are there twice and count once"


@pytest.mark.parametrize("name", ["dety", "detz", "energy"])
def test_rows_that_differ_are_all_events(name: str, make_window: MakeWindow) -> None:
    """Showers light many pixels in one tick of the clock."""
    raw = window_with(make_window, np.repeat(steady(), 2))
    columns = {n: np.repeat(getattr(raw, n)[::2], 2) for n in ("dety", "detz", "energy")}
    columns["dety"] //= 2
    columns["detz"] //= 2
    columns[name][1::2] += columns[name].dtype.type(1)
    events = usable_events(replace(raw, **columns), "file")
    assert len(events) == len(raw)
    assert events.left_out == ""


def test_repeats_of_a_pulse_need_its_height(make_window: MakeWindow) -> None:
    raw = window_with(make_window, np.repeat(steady(), 3))
    number = len(raw)
    columns = {n: np.repeat(getattr(raw, n)[::3], 3) for n in ("dety", "detz")}
    height = np.tile(np.array([100, 200, 100], np.int16), number // 3)
    raw = replace(raw, **columns, height=height, rise_time=np.full(number, 30, np.uint8))
    events = usable_events(raw, "file")
    assert len(events) == number // 3 * 2
    assert events.pulses is not None
    np.testing.assert_array_equal(events.pulses.height, np.tile([100, 200], number // 3))


def test_events_without_a_time_are_told(make_window: MakeWindow) -> None:
    raw = window_with(make_window, steady())
    time = raw.time.copy()
    time[500:600] = np.nan
    events = usable_events(replace(raw, time=time), "file")
    assert f"100 of its {len(raw):,} events have no time and are missing" in events.left_out


@pytest.mark.parametrize(("height", "rise_time"), [(0, 0), (0, 30), (100, 0)])
def test_columns_of_zeros_are_no_pulses(
    height: int, rise_time: int, make_window: MakeWindow
) -> None:
    raw = window_with(make_window, steady())
    pulses = {
        "height": np.full(len(raw), height, np.int16),
        "rise_time": np.full(len(raw), rise_time, np.uint8),
    }
    assert usable_events(replace(raw, **pulses), "file").pulses is None
