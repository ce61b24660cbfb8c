"""Bursts in light curves of SPI-ACS: chance, recovery and the errors of T90.

Counts are drawn here from Poisson's law and showers, by code that shares nothing with the simulated
mission; GRB 230307A is real.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.products.curve_search import Bins, excesses, window_lengths
from oda_widgets.products.shield import NATIVE_BIN, NOISE_FACTOR, ShieldCounts
from oda_widgets.products.shield_curve import shield_curve
from tests.real_data import GRB_230307A
from tests.validation.parallel import over
from tests.validation.results import Table

_HOUR = 72_000  # bins
_START = 8466.0  # IJD
_SHOWER = NOISE_FACTOR**2  # variance over mean: counts come in groups
_T90_IN_SCALES = 4.7439 - 0.3554  # of a gamma distribution of shape 2


def test_chance(table: Callable[[str], Table]) -> None:
    hours = over(_hour, range(24))
    with table("SPI-ACS: windows of background, 24 hours") as row:
        for position, length in enumerate(hours[0][0]):
            deviations = [deviation for _, found, _ in hours for deviation in [found[position]]]
            words = f"significance in windows of {length * NATIVE_BIN:g} s: standard deviation"
            # The level follows the bins of a window a little, which takes 5 % off the longest.
            row.between(words, float(np.mean(deviations)), 0.95, 1.03)
        highest = np.concatenate([found for *_, found in hours])
        row.below("bursts above 5 σ, in 24 hours", int((highest > 5).sum()), 3)
        row.below("bursts above 6 σ, in 24 hours", int((highest > 6).sum()), 0)


def test_recovery(table: Callable[[str], Table]) -> None:
    with table("SPI-ACS: bursts of 30,000 counts, 60 each") as row:
        for t90 in (0.5, 5.0, 20.0):
            found = np.array(over(_pulls, [(t90, seed) for seed in range(60)]))
            row.above(f"T90 {t90:g} s: found, of 60", int(np.isfinite(found[:, 0]).sum()), 60)
            row.between(f"T90 {t90:g} s: mean of measured over true", found[:, 0].mean(), 0.9, 1.1)
            row.between(f"T90 {t90:g} s: scatter over its error", found[:, 1].std(), 0.4, 2.2)
            row.between(f"T90 {t90:g} s: counts over true", found[:, 2].mean(), 0.97, 1.03)


def test_grb_230307a(table: Callable[[str], Table]) -> None:
    found = oda.LightCurve.read(GRB_230307A).burst()
    data = fits.getdata(GRB_230307A, 1)
    time, rate, error = (np.array(data[name], float) for name in ("TIME", "RATE", "ERROR"))
    width = rate / error**2
    quiet = ((time > -270) & (time < -100)) | (time > 70)
    level = np.polyval(np.polyfit(time[quiet], rate[quiet], 1), time)
    burst = (time > -100) & (time < 50)
    net = np.cumsum(((rate - level) * width)[burst])
    ends = np.interp([0.05 * net[-1], 0.95 * net[-1]], net, (time + width / 2)[burst])
    with table("SPI-ACS: GRB 230307A against numpy on its file") as row:
        row.between("T90, ratio", found.t90.value / (ends[1] - ends[0]), 0.98, 1.02)
        row.between("peak, ratio", found.peak.value / float((rate - level).max()), 0.98, 1.02)
        row.between("counts, ratio", found.counts.value / float(net[-1]), 0.98, 1.02)


def _hour(seed: int) -> tuple[list[int], list[float], NDArray[np.float64]]:
    """Return the lengths of windows, the scatter of their significance, and the bursts found."""
    curve = _drawn(seed, np.zeros(_HOUR))
    start = (curve.edges[:, 0] - curve.edges[0, 0]) * 86400
    bins = Bins(start, start + curve.width, curve.rate, curve.error, curve.exposure)
    lengths = window_lengths(NATIVE_BIN, len(bins), 13.0)
    found = excesses(bins, lengths)
    scatter = [float(found.significance(length)[::length].std()) for length in lengths]
    return lengths, scatter, np.array([one.significance for one in curve.bursts(above=4.5)])


def _pulls(what: tuple[float, int]) -> tuple[float, float, float]:
    """Return T90 over the true one, its pull, and the counts over the true ones."""
    t90, seed = what
    edges = np.arange(6001) * NATIVE_BIN - 150.0
    x = np.maximum(edges, 0.0) * _T90_IN_SCALES / t90
    burst = 30_000 * np.diff(1 - (1 + x) * np.exp(-x))
    found = _drawn(1000 + seed, burst).burst()
    ratio = found.t90.value / t90
    return ratio, (found.t90.value - t90) / found.t90.error, found.counts.value / 30_000


def _drawn(seed: int, burst: NDArray[np.float64]) -> oda.LightCurve:
    """Return a light curve: a drift, showers of counts and a burst."""
    random = np.random.default_rng(seed)
    time = np.arange(len(burst)) * NATIVE_BIN
    drift = 1 + 0.02 * np.sin(2 * np.pi * time / random.uniform(3000, 9000) + random.uniform(0, 6))
    mean = 95_000 * NATIVE_BIN * drift + burst
    # Poisson's groups of one or two counts have the variance over mean 1 + p for a share p of twos.
    share = _SHOWER - 1
    twos = random.poisson(mean * share / 2)
    counts = random.poisson(mean * (1 - share)) + 2 * twos
    return shield_curve(ShieldCounts.native(_START + time / 86400, counts.astype(np.float64)))
