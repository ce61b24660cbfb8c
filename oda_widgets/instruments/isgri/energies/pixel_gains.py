"""Derive relative gains and offsets of the pixels from the energies in an archive.

Even if those energies are wrong, they were computed with a gain and an offset of each pixel
measured before the launch. The energies of pulses of the same height and rise time, in one pixel
relative to all pixels, reveal them. Without them the 511 keV line has 6 sigma instead of 11 in an
hour of 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.energies.pulses import SIDE, Pulses

_PIXELS = SIDE * SIDE
_RISE_TIMES = 64
_HEIGHTS = (15, 200)
_SMOOTHING = 4
_SLOPE_LIMITS = (0.5, 3.0)
_FARTHEST = 25.0
"""Larger differences from the mean, channels, have other causes."""

_GAIN_SPREAD, _OFFSET_SPREAD = 0.06, 2.0
"""Spread of the pixels, which draws poorly measured ones to the mean."""


@dataclass(frozen=True)
class PixelGains:
    """Gains and offsets that bring all pixels to one scale: ``height * gain + offset``.

    Parameters
    ----------
    gain
        Shape (16384,), in the order of `Pulses.pixel`; about 1.
    offset
        Channels, shape (16384,); about 0.
    """

    gain: NDArray[np.float32]
    offset: NDArray[np.float32]

    @classmethod
    def equal(cls) -> PixelGains:
        """Return the gains and offsets of a detector with equal pixels."""
        return cls(np.ones(_PIXELS, np.float32), np.zeros(_PIXELS, np.float32))

    def level(self, pulses: Pulses) -> NDArray[np.float32]:
        """Return the pulse heights on the common scale, in channels, with rounding undone."""
        level = np.empty(len(pulses), np.float32)
        for piece, some in pulses.pieces():
            height = some.height + some.random[0].astype(np.float32)
            level[piece] = height * self.gain.take(some.pixel) + self.offset.take(some.pixel)
        return level


def pixel_gains(pulses: Pulses, energy: NDArray[np.float32]) -> PixelGains:
    """Return the gains and offsets contained in the energies of events.

    Parameters
    ----------
    pulses
        The events.
    energy
        Energies in the archive, keV; zero or NaN where missing.
    """
    low, high = _HEIGHTS
    used = np.flatnonzero(
        (pulses.height >= low)
        & (pulses.height < high)
        & (pulses.rise_time < _RISE_TIMES)
        & (energy > 0)
        & (energy < np.inf)
    )
    some, energy = pulses[used], energy[used]
    height = some.height.astype(np.intp)
    cell = height * _RISE_TIMES + some.rise_time
    mean, slope = _mean_energies(cell, energy, high)
    shift = (energy - mean.take(cell)) / slope.take(cell)
    return _lines(some.pixel.astype(np.intp), height, shift.clip(-_FARTHEST, _FARTHEST))


def _mean_energies(
    cell: NDArray[np.intp], energy: NDArray[np.float32], heights: int
) -> tuple[Floats, Floats]:
    """Return the mean energy at each height and rise time, and its slope with height."""
    size = heights * _RISE_TIMES
    number = np.bincount(cell, minlength=size)
    total = np.bincount(cell, energy, minlength=size)
    mean = total / np.maximum(number, 1)
    table = mean.reshape(heights, _RISE_TIMES)
    wide = np.gradient(table, axis=0)
    kernel = np.ones(2 * _SMOOTHING + 1) / (2 * _SMOOTHING + 1)
    slope = np.apply_along_axis(np.convolve, 0, wide, kernel, mode="same")
    return mean, np.clip(slope, *_SLOPE_LIMITS).ravel()


def _lines(pixel: NDArray[np.intp], height: NDArray[np.intp], shift: Floats) -> PixelGains:
    """Fit a line to the shifts of each pixel; their spread is the prior around no shift."""
    scale = np.arange(float(_HEIGHTS[1]))
    weight: Floats = 1.0 / (1.0 + 0.05 * scale) ** 2

    def total(of_height: Floats, of_event: Floats | float = 1.0) -> Floats:
        return np.bincount(pixel, of_height.take(height) * of_event, minlength=_PIXELS).astype(
            float
        )

    ones = total(weight) + _OFFSET_SPREAD**-2
    first, second = total(weight * scale), total(weight * scale**2) + _GAIN_SPREAD**-2
    level, tilt = total(weight, shift), total(weight * scale, shift)
    determinant = ones * second - first**2
    gain = 1.0 + (ones * tilt - first * level) / determinant
    offset = (second * level - first * tilt) / determinant
    return PixelGains(gain.astype(np.float32), offset.astype(np.float32))
