"""Count events by module, rise time and pulse height, for a calibration on lines.

Counts of neighbouring science windows of the same revolution, in which the detector is the same,
can be added to those of a window with few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.energies.pulses import Pulses

MODULES = 8

FIRST, LAST = 7, 80
"""Rise times, as recorded, that are used; OSA uses the same."""

TIMES = LAST - FIRST + 1

NEAR_BINS = 400
NEAR_WIDTH = 0.5
"""Channels of a bin of the lower part, which holds the bump of tungsten and lead."""

FAR_BINS = 500
FAR_WIDTH = 4.0
"""Channels of a bin of the whole range, which holds the line at 511 keV."""


@dataclass(frozen=True)
class LineCounts:
    """Histogram of the pulse heights of events.

    Parameters
    ----------
    near
        Heights from 0 to 200 channels, shape (8 modules, 74 rise times, 400).
    far
        Heights from 0 to 2000 channels, shape (74 rise times, 500).
    """

    near: NDArray[np.int64]
    far: NDArray[np.int64]

    def __add__(self, other: LineCounts) -> LineCounts:
        return LineCounts(self.near + other.near, self.far + other.far)


def line_counts(pulses: Pulses, height: NDArray[np.float32]) -> LineCounts:
    """Count the events by module, rise time and height.

    Parameters
    ----------
    pulses
        The events outside bursts.
    height
        Their heights on a common scale of all pixels (see `PixelGains.level`).
    """
    near = np.zeros((MODULES, TIMES, NEAR_BINS), np.int64)
    far = np.zeros((TIMES, FAR_BINS), np.int64)
    for piece, some in pulses.pieces():
        time = some.rise_time.astype(np.intp) - FIRST
        seen = (time >= 0) & (time < TIMES) & (height[piece] > 0)
        group = some.module.astype(np.intp) * TIMES + time
        _count(near, group, height[piece], seen, NEAR_WIDTH)
        _count(far, time, height[piece], seen, FAR_WIDTH)
    return LineCounts(near, far)


def _count(
    counts: NDArray[np.int64],
    group: NDArray[np.intp],
    height: NDArray[np.float32],
    seen: NDArray[np.bool_],
    width: float,
) -> None:
    """Add some events to the counts of their groups and heights."""
    bins = counts.shape[-1]
    inside = np.flatnonzero(seen & (height < bins * width))
    place = (height[inside] * np.float32(1 / width)).astype(np.intp)
    counts += np.bincount(group[inside] * bins + place, minlength=counts.size).reshape(counts.shape)
