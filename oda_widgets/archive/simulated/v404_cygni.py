"""The outburst of V404 Cygni in June 2015.

The benchmark of ODA found 44 flares above 1000 counts/s (20 to 40 keV) in revolutions 1555 and
1556, between IJD 5649.933 and 5653.366, up to 50 times the Crab. The first and the last have their
real times; the others are drawn with a fixed seed, so that the mean rate of the two revolutions is
near the measured 359 counts/s.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from oda_widgets.archive.simulated.component import CRAB_RATE
from oda_widgets.archive.simulated.light_curves import Tabulated
from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY

FIRST_FLARE, LAST_FLARE = 5649.9344, 5653.3653  # IJD, their middles
FLARES = 44
BRIGHTEST = 50 * CRAB_RATE

_PEAKS = (1500.0, 7500.0)  # counts/s
_DURATION = (150.0, 800.0)  # seconds from the start to the peak, and from there to the end

# IJD, counts/s between the flares; the first alert was on 2015-06-15.
_GLOW = (
    (5644.77, 0.0), (5647.0, 60.0), (5649.5, 120.0), (5654.0, 120.0), (5657.0, 12.0),
    (5664.0, 1.0), (5680.0, 0.0),
)  # fmt: skip


@cache
def outburst() -> Tabulated:
    """Return counts/s between 20 and 40 keV."""
    random = np.random.default_rng(404)
    peaks = np.linspace(FIRST_FLARE, LAST_FLARE, FLARES)
    peaks[1:-1] += random.uniform(-0.3, 0.3, FLARES - 2) * (peaks[1] - peaks[0])
    low, high = np.log(_PEAKS)
    heights = np.exp(random.uniform(low, high, FLARES))
    heights[FLARES // 2] = BRIGHTEST
    halves = random.uniform(*_DURATION, FLARES) / SECONDS_PER_DAY
    halves[[0, -1]] = 100 / SECONDS_PER_DAY
    glow = Tabulated(_GLOW)
    edges = np.concatenate([peaks - halves, peaks + halves])
    points = [*_GLOW, *zip(edges.tolist(), glow.level(edges).tolist(), strict=True)]
    points += zip(peaks.tolist(), heights.tolist(), strict=True)
    return Tabulated(tuple(sorted(_outside_flares(points, peaks, halves))))


def _outside_flares(
    points: list[tuple[float, float]], peaks: Floats, halves: Floats
) -> list[tuple[float, float]]:
    """Return the points without those of the glow inside a flare."""
    return [
        (time, level)
        for time, level in points
        if not np.any((np.abs(time - peaks) < 0.99 * halves) & (time != peaks))
    ]
