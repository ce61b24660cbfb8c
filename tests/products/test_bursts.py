"""Bursts in light curves: the search, T90, peaks and the level below them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products.curve_search import Bins, excesses, window_lengths
from oda_widgets.products.shield import NATIVE_BIN, NOISE_FACTOR, ShieldCounts
from oda_widgets.products.shield_curve import shield_curve
from oda_widgets.request.timespan import to_ijd
from tests.real_data import GRB_230307A

_LEVEL = 90_000.0  # counts/s
_START = 8466.0  # IJD


def noisy(seed: int, seconds: float, burst: NDArray[np.float64] | float = 0.0) -> oda.LightCurve:
    """Return a light curve of the shield: a slow drift, noise and counts of a burst in its bins."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds / NATIVE_BIN)) * NATIVE_BIN
    mean = (_LEVEL * (1 + 0.01 * np.sin(time / 900))) * NATIVE_BIN + burst
    counts = np.round(rng.normal(mean, NOISE_FACTOR * np.sqrt(mean)))
    return shield_curve(ShieldCounts.native(_START + time / 86400, counts))


def pulse(seconds: float, at: float, length: float, counts: float) -> NDArray[np.float64]:
    """Return the counts in bins of a burst that is as bright from start to end."""
    start = np.arange(round(seconds / NATIVE_BIN)) * NATIVE_BIN
    overlap = np.minimum(start + NATIVE_BIN, at + length) - np.maximum(start, at)
    return counts * np.maximum(overlap, 0.0) / length


def duration_and_peak_by_numpy() -> tuple[float, float]:
    """Return T90 and the net peak of GRB 230307A, from nothing but its file and numpy."""
    table = fits.getdata(GRB_230307A, 1)
    time, rate, error = (np.array(table[n], float) for n in ("TIME", "RATE", "ERROR"))
    width = rate / error**2
    quiet = ((time > -270) & (time < -100)) | (time > 70)
    level = np.polyval(np.polyfit(time[quiet], rate[quiet], 1), time)
    burst = (time > -100) & (time < 50)
    net = np.cumsum(((rate - level) * width)[burst])
    first, last = np.interp([0.05 * net[-1], 0.95 * net[-1]], net, (time + width / 2)[burst])
    return last - first, float((rate - level).max())


@pytest.fixture(scope="module")
def grb() -> oda.LightCurve:
    """Give the light curve of GRB 230307A."""
    return oda.LightCurve.read(GRB_230307A)


def test_grb_230307a_has_the_duration_and_the_peak_of_its_file(grb: oda.LightCurve) -> None:
    duration, peak = duration_and_peak_by_numpy()
    found = grb.burst()
    assert found.t90.value == pytest.approx(duration, rel=0.02)
    assert found.peak.value == pytest.approx(peak, rel=0.02)
    assert found.peak.value + found.level.at(np.zeros(1))[0] == pytest.approx(1_743_640, rel=1e-3)
    assert found.t90.error < 0.2
    assert found.t50.value < found.t90.value


def test_grb_230307a_begins_when_fermi_saw_it(grb: oda.LightCurve) -> None:
    """GBM triggered at 15:44:06.67 UTC (GCN 33405); light passed the Earth 0.47 s earlier."""
    found = grb.burst()
    at_earth = found.trigger + found.light_travel_time((60.82, -75.38)) / 86400
    assert (at_earth - to_ijd("2023-03-07T15:44:06.67")) * 86400 == pytest.approx(0, abs=0.2)


def test_the_file_of_grb_230307a_holds_one_burst(grb: oda.LightCurve) -> None:
    assert len(grb.bursts()) == 1


@given(
    constant=st.floats(-50_000, 200_000),
    days=st.floats(-3000, 500),
)
@settings(max_examples=8)
def test_a_constant_and_a_later_time_leave_t90_as_it_is(constant: float, days: float) -> None:
    curve = noisy(1, 200.0, pulse(200.0, 90.0, 8.0, 30_000.0))
    moved = replace(curve, rate=curve.rate + constant, time=curve.time + days)
    first, second = curve.burst(), moved.burst()
    assert second.t90.value == pytest.approx(first.t90.value, abs=1e-3)
    assert second.counts.value == pytest.approx(first.counts.value, rel=1e-6)
    assert second.trigger - first.trigger == pytest.approx(days, abs=1e-8)


@pytest.mark.parametrize("length", [0.2, 2.0, 20.0])
def test_the_t90_of_an_even_burst_is_nine_tenths_of_it(length: float) -> None:
    curve = noisy(2, 300.0, pulse(300.0, 120.0, length, 60_000.0))
    found = curve.burst()
    assert abs(found.t90.value - 0.9 * length) < max(4 * found.t90.error, 0.02)
    assert abs(found.counts.value - 60_000) < 4 * found.counts.error
    assert found.t90.error > 0


def test_the_errors_of_t90_and_counts_are_those_of_many_bursts() -> None:
    burst = pulse(300.0, 140.0, 4.0, 20_000.0)
    found = [noisy(seed, 300.0, burst).burst() for seed in range(30, 55)]
    for values in ([one.t90 for one in found], [one.counts for one in found]):
        # One in fifty has a chance excess beside it, which no error foresees.
        low, high = np.quantile([one.value for one in values], [0.16, 0.84])
        stated = np.median([one.error for one in values])
        assert 0.5 < (high - low) / 2 / stated < 1.5


def test_windows_of_background_scatter_as_gauss_says() -> None:
    curve = noisy(3, 1800.0)
    start = (curve.edges[:, 0] - curve.edges[0, 0]) * 86400
    bins = Bins(start, start + curve.width, curve.rate, curve.error, curve.exposure)
    lengths = window_lengths(NATIVE_BIN, len(bins), 13.0)
    assert lengths == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    found = excesses(bins, lengths)
    for length in lengths:
        pulls = found.significance(length)[::length]  # windows side by side share no bin
        assert np.std(pulls) == pytest.approx(1.0, abs=4 / np.sqrt(2 * len(pulls)))
        assert np.mean(pulls) == pytest.approx(0.0, abs=5 / np.sqrt(len(pulls)))


def test_chance_makes_few_bursts_in_an_hour_of_background() -> None:
    """Of 650,000 windows, 9 lengths that overlap, 5 sigma is passed by 0.2 in the mean."""
    curve = noisy(4, 3600.0)
    assert len(curve.bursts(above=5.0)) <= 2
    assert curve.bursts() == ()


def test_a_weak_burst_is_found_where_it_is() -> None:
    curve = noisy(5, 600.0, pulse(600.0, 333.0, 1.0, 3500.0))  # 10 sigma in a second
    (found,) = curve.bursts()
    assert found.significance == pytest.approx(10, abs=3)
    assert (found.trigger - _START) * 86400 == pytest.approx(333.0, abs=1.0)


def test_two_bursts_are_two_if_they_are_apart() -> None:
    both = pulse(600.0, 200.0, 1.0, 20_000.0) + pulse(600.0, 400.0, 1.0, 20_000.0)
    curve = noisy(6, 600.0, both)
    assert len(curve.bursts()) == 2
    assert len(curve.bursts(apart=300.0)) == 1


def test_a_gap_is_no_burst() -> None:
    curve = noisy(7, 600.0)
    start, stop = _START + 100 / 86400, _START + 160 / 86400
    kept = (curve.time < start) | (curve.time > stop)
    whole = curve.cut(stop=start).join(curve.cut(start=stop))
    assert len(whole) == kept.sum()
    assert whole.bursts() == ()


def test_a_burst_between_given_instants_has_all_their_counts() -> None:
    curve = noisy(8, 300.0, pulse(300.0, 100.0, 10.0, 40_000.0))
    found = curve.burst(_START + 95 / 86400, _START + 115 / 86400)
    assert found.interval.seconds == pytest.approx(20.0, abs=0.06)
    assert abs(found.counts.value - 40_000) < 4 * found.counts.error
    assert found.significance == pytest.approx(
        40_000 / (NOISE_FACTOR * (_LEVEL * 20) ** 0.5), rel=0.1
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda curve: curve.bursts(above=2), "above=2: outside 4 to"),
        (lambda curve: curve.bursts(longest=-1), "longest"),
        (lambda curve: curve.burst(start=_START), "stop=None: only the other end"),
        (lambda curve: curve.burst(_START + 1, _START), "stop=.*not after start"),
    ],
)
def test_bad_values_are_refused(call: object, words: str) -> None:
    with pytest.raises(BadParameter, match=words):
        call(noisy(9, 20.0))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda curve: curve.burst(), "No burst is in the light curve"),
        (lambda curve: curve.burst(_START + 1, _START + 2), "No bins .* left for the burst"),
        (lambda curve: curve.burst(_START - 1, _START + 2), "left for the level"),
        (lambda curve: curve.cut(stop=_START + 0.2 / 86400).bursts(), "4 bins with a rate"),
    ],
)
def test_a_light_curve_that_holds_no_burst_says_so(call: object, words: str) -> None:
    with pytest.raises(EmptySelection, match=words):
        call(noisy(10, 20.0))  # type: ignore[operator]


def test_the_place_of_the_satellite_is_needed_for_times_at_the_earth() -> None:
    found = noisy(11, 200.0, pulse(200.0, 90.0, 2.0, 30_000.0)).burst()
    with pytest.raises(BadParameter, match=r"orbit=None.*Give orbit="):
        found.light_travel_time((10.0, 20.0))
