"""Pixels that were off for a part of a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.engine.pauses import paused_pixels
from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.request.timespan import TimeInterval

EXISTS = isgri.existing_pixels()
LEVEL = 80.0  # counts of a pixel
FEW = 10  # pixels that may be taken for off by chance: one in 1600


@pytest.fixture(scope="module")
def steady(burst_window: WindowEvents) -> WindowEvents:
    """Give a window in which all pixels count alike."""
    rng = np.random.default_rng(21)
    start = burst_window.window.start
    return _events(burst_window, EXISTS, LEVEL, start, rng)


def _events(
    window: WindowEvents, pixels: np.ndarray, level: float, start: float, rng: np.random.Generator
) -> WindowEvents:
    """Return events of some pixels at random times of a day; only the window is another's."""
    number = int(level * np.count_nonzero(pixels))
    pixel = np.flatnonzero(pixels)[rng.integers(np.count_nonzero(pixels), size=number)]
    time = np.sort(start + rng.random(number))
    detz, dety = np.divmod(pixel, isgri.DETECTOR_SHAPE[1])
    return replace(
        window,
        time=time,
        energy=np.full(number, 50, np.float32),
        dety=dety.astype(np.uint8),
        detz=detz.astype(np.uint8),
        good_time=(TimeInterval(start, start + 1.0),),
        flagged_counts=np.zeros(isgri.DETECTOR_SHAPE, np.int32),
    )


def _chosen(events: WindowEvents, rows: np.ndarray) -> WindowEvents:
    arrays = {name: getattr(events, name)[rows] for name in ("time", "energy", "dety", "detz")}
    return replace(events, **arrays)


def _without(events: WindowEvents, pixels: np.ndarray, start: float, stop: float) -> WindowEvents:
    """Return events with some pixels off for a part of the day."""
    passed = events.time - events.good_time[0].start
    lost = pixels[events.detz, events.dety] & (passed >= start) & (passed < stop)
    return _chosen(events, ~lost)


@pytest.mark.parametrize("silence", [(0.0, 0.4), (0.3, 0.6), (0.7, 1.0)])
def test_pixels_that_were_off_are_found(steady: WindowEvents, silence: tuple[float, float]) -> None:
    off = EXISTS & (np.random.default_rng(22).random(EXISTS.shape) < 0.05)
    paused = paused_pixels(_without(steady, off, *silence))
    assert paused[off].mean() > 0.99
    assert np.count_nonzero(paused & ~off) <= FEW


def test_steady_pixels_are_not_off(steady: WindowEvents) -> None:
    assert np.count_nonzero(paused_pixels(steady)) <= FEW


def test_gaps_in_the_good_time_are_no_silence(steady: WindowEvents) -> None:
    start = steady.good_time[0].start
    everywhere = np.ones(EXISTS.shape, np.bool_)
    halves = TimeInterval(start, start + 0.3), TimeInterval(start + 0.7, start + 1.0)
    events = replace(_without(steady, everywhere, 0.3, 0.7), good_time=halves)
    assert np.count_nonzero(paused_pixels(events)) <= FEW


def test_silence_of_all_pixels_is_none_of_theirs(steady: WindowEvents) -> None:
    everywhere = np.ones(EXISTS.shape, np.bool_)
    events = _without(steady, everywhere, 0.3, 0.7)
    assert np.count_nonzero(pixel_health(events).used) > 0.999 * np.count_nonzero(EXISTS)


def test_a_flare_silences_no_pixel_in_the_dark(steady: WindowEvents) -> None:
    """Four times the background, within a hundredth of the time, on half of the columns."""
    rng = np.random.default_rng(23)
    lit = EXISTS & (np.indices(EXISTS.shape)[1] // 3 % 2 == 0)
    start = steady.good_time[0].start
    flare = _events(steady, lit, 4 * LEVEL, start, rng)
    flare = replace(flare, time=start + 0.5 + (flare.time - start) / 100)
    names = "time", "energy", "dety", "detz"
    both = {n: np.concatenate([getattr(steady, n), getattr(flare, n)]) for n in names}
    order = np.argsort(both["time"])
    events = replace(steady, **{n: values[order] for n, values in both.items()})
    assert np.count_nonzero(paused_pixels(events)) <= FEW


def test_pixels_that_were_off_are_in_no_product(steady: WindowEvents) -> None:
    off = np.zeros(EXISTS.shape, np.bool_)
    off[40:44, 20:24] = EXISTS[40:44, 20:24]
    health = pixel_health(_without(steady, off, 0.5, 1.0))
    assert not health.used[off].any()
    assert not health.silent.any()
