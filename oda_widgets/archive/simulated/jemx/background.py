"""Simulate the background of JEM-X, flat with a brighter rim, without calibration sources.

Its level and its spectrum are nominal. Real light curves have 6 to 9 counts/s of background for a
source that lights a quarter of the detector.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.jemx.hits import Hits, disc_over_used, on_disc, recorded
from oda_widgets.archive.simulated.light_curves import uniform_in_order
from oda_widgets.arrays import Floats
from oda_widgets.instruments.jemx.detector import RADIUS
from oda_widgets.request.timespan import SECONDS_PER_DAY

_RATE = 30.0  # counts/s from 3 to 35 keV on the used part of the detector
_RIM, _RIM_WIDTH = 0.3, 6.0  # excess at the rim, and mm over which it falls to 1/e
_LINES = ((8.05, 0.06), (29.8, 0.10))  # keV, fraction of the counts: copper and xenon
_EDGES = np.geomspace(2.0, 45.0, 1201)  # keV


def background_hits(
    level: float,
    span: tuple[float, float],
    live_fraction: float,
    living: NDArray[np.bool_],
    random: np.random.Generator,
) -> Hits:
    """Return the background events of an interval.

    Parameters
    ----------
    level
        Its rate relative to the usual one.
    span
        Start and stop, IJD days.
    live_fraction
        Fraction of the time in which events are recorded.
    living
        True for anodes that record, shape (210,).
    random
        Random generator of the window.
    """
    seconds = (span[1] - span[0]) * SECONDS_PER_DAY * live_fraction
    highest = 1 + _RIM * np.exp(3.0 / _RIM_WIDTH)  # beyond the rim, where photons hit too
    rate = _RATE * level / _in_range() / _mean_weight()
    candidates = random.poisson(rate * seconds * disc_over_used() * highest)
    y, z = on_disc(candidates, random)
    kept = random.random(candidates) * highest < _weight(np.hypot(y, z))
    number = int(kept.sum())
    time = span[0] + (span[1] - span[0]) * uniform_in_order(number, random)
    energy = np.interp(random.random(number), _below(), _EDGES)
    return recorded(time, energy, (y[kept], z[kept]), living, random)


def _weight(radius: Floats) -> Floats:
    """Return the relative background at a distance from the middle, mm; 1 far inside."""
    weight: Floats = 1 + _RIM * np.exp((radius - RADIUS) / _RIM_WIDTH)
    return weight


@cache
def _mean_weight() -> float:
    """Return the mean relative background of the used part of the detector."""
    squares = (np.arange(10_000) + 0.5) / 10_000
    return float(_weight(RADIUS * np.sqrt(squares)).mean())


@cache
def _below() -> Floats:
    """Return the fraction of the counts below each edge: a flat continuum and two lines."""
    energy = (_EDGES[1:] + _EDGES[:-1]) / 2
    density = np.full(len(energy), (1 - sum(part for _, part in _LINES)) / (35.0 - 3.0))
    for line, part in _LINES:
        density += part * np.exp(-(((energy - line) / 0.1) ** 2) / 2) / (0.1 * np.sqrt(2 * np.pi))
    below = np.concatenate([[0.0], np.cumsum(density * np.diff(_EDGES))])
    fraction: Floats = below / below[-1]
    return fraction


@cache
def _in_range() -> float:
    """Return the fraction of the counts from 3 to 35 keV."""
    low, high = np.interp([3.0, 35.0], _EDGES, _below())
    return float(high - low)
