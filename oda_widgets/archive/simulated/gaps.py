"""Simulate gaps in the good time: a short one in each window, a long one in every tenth.

Real windows lose some seconds to telemetry, and now and then minutes to veto problems, solar flares
or the radiation belts. In long gaps the background is higher, as in reality.
"""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY

SURGE = 2.0
"""Rate of the background in a long gap relative to good time."""

_LONG_IN = 0.1  # fraction of windows
_SHORT = (2.0, 30.0)  # seconds
_LONG = (0.05, 0.25)  # of the window


def good_seconds(start: Floats, stop: Floats) -> Floats:
    """Return the good time of windows, seconds, shape (n,).

    Parameters
    ----------
    start, stop
        IJD days, shape (n,).
    """
    intervals = good_intervals(start, stop)
    seconds: Floats = np.sum(intervals[..., 1] - intervals[..., 0], axis=-1) * SECONDS_PER_DAY
    return seconds


def good_intervals(start: Floats, stop: Floats) -> Floats:
    """Return the good time intervals of windows, IJD days, shape (n, 3, 2).

    The short gap lies in the first half of the window and the long one in the second; without a
    long one, the last two intervals adjoin.
    """
    length = stop - start
    chance = _chances(start)
    short = start + (0.05 + 0.4 * chance[0]) * length
    short_length = (_SHORT[0] + chance[1] * (_SHORT[1] - _SHORT[0])) / SECONDS_PER_DAY
    long = start + (0.5 + 0.2 * chance[2]) * length
    share = np.where(chance[3] < _LONG_IN, _LONG[0] + chance[4] * (_LONG[1] - _LONG[0]), 0.0)
    edges = [start, short, short + short_length, long, long + share * length, stop]
    return np.stack(edges, axis=-1).reshape(*np.shape(start), 3, 2)


def _chances(start: Floats) -> Floats:
    """Return five numbers from 0 to 1 for each window, shape (5, n).

    They are a multiplicative hash of its start time, so that they do not depend on the other
    windows of a call.
    """
    ticks = np.round(np.asarray(start) * SECONDS_PER_DAY).astype(np.uint64)
    multipliers = np.array([_GOLDEN * odd % 2**64 for odd in (1, 3, 5, 7, 9)], np.uint64)
    mixed = ticks * multipliers.reshape(-1, *[1] * ticks.ndim)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(_MIXER)
    chances: Floats = (mixed >> np.uint64(40)).astype(float) / 2**24
    return chances


_GOLDEN = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio
_MIXER = 0xBF58476D1CE4E5B9  # of splitmix64 (Steele et al. 2014)
