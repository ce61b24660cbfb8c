"""A mask sampled on a grid finer than the detector pixels, with the blur of its shadow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.position_blur import PositionBlur

FINER = 3
"""Samples per pixel and axis."""

MARGIN = 4.0
"""Margin around the mask, in pixels, for the blur of its shadow."""

_SHARP = PositionBlur((0.0,))
_POINTS = 5  # along each axis of a square of the table that lies across the edge of a cell
_TABLES = 20  # cached, one for each resolution, 10 MB each


class Mask(Protocol):
    """Where a mask is open; a hashable value."""

    @property
    def open_fraction(self) -> float:
        """Fraction of its cells that is open."""
        ...

    @property
    def shading(self) -> float:
        """Fraction of the open area that the depth of the mask hides, per tangent off axis."""
        ...

    def transmission(self, y: Floats, z: Floats) -> NDArray[np.bool_]:
        """Return True where a ray passes, for places in mm, broadcast together."""
        ...


@dataclass(frozen=True)
class Sampling:
    """The sampling of a mask.

    Parameters
    ----------
    mask
        Open and closed cells.
    radius
        Radius in mm of a circle around all cells.
    pixel
        Side of a detector pixel in mm.
    blur
        Blur of recorded positions.
    """

    mask: Mask
    radius: float
    pixel: float
    blur: PositionBlur

    @property
    def step(self) -> float:
        """Distance of samples, mm."""
        return self.pixel / FINER

    @property
    def samples(self) -> int:
        """Samples along an axis: the mask and the blur beside it."""
        return 2 * FINER * int(np.ceil(self.radius / self.pixel + MARGIN))


@lru_cache(maxsize=_TABLES)
def mask_table(sampling: Sampling) -> Singles:
    """Return the blurred mask, shape (3, 3, n, n): the phase within a pixel, then pixels."""
    from scipy import fft  # noqa: PLC0415 - heavy; the store needs none of it

    samples, step = sampling.samples, sampling.step
    along_z, along_y = fft.fftfreq(samples, step), fft.rfftfreq(samples, step)
    transformed = _transformed(replace(sampling, blur=_SHARP))
    transformed = transformed * sampling.blur.transfer(along_z, along_y)
    transformed *= np.outer(*(np.sinc(sampling.pixel * one) for one in (along_z, along_y)))
    blurred = fft.irfft2(transformed, (samples, samples))
    phases = blurred.reshape(samples // FINER, FINER, samples // FINER, FINER)
    table = np.ascontiguousarray(phases.transpose(1, 3, 0, 2), np.float32)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=2)
def _transformed(sampling: Sampling) -> NDArray[np.complex64]:
    """Return the Fourier transform of the mask at the samples of the table.

    Each sample is the open fraction of a square; the blur by these squares is removed here.
    """
    from scipy import fft  # noqa: PLC0415 - heavy; the store needs none of it

    transformed = fft.rfft2(_open_fractions(sampling))
    along_z, along_y = fft.fftfreq(sampling.samples), fft.rfftfreq(sampling.samples)
    sharp: NDArray[np.complex64] = transformed / np.outer(np.sinc(along_z), np.sinc(along_y))
    return sharp.astype(np.complex64)


def _open_fractions(sampling: Sampling) -> Singles:
    """Return the open fraction of the square around each sample.

    Squares that differ from a neighbour lie across the edge of a cell: they get more points.
    """
    samples, step = sampling.samples, sampling.step
    place: Floats = (np.arange(samples, dtype=np.float64) - (samples - 1) / 2) * step
    passes = sampling.mask.transmission(place[None, :], place[:, None])
    z, y = np.nonzero(_beside_others(passes))
    inside = ((np.arange(_POINTS) + 0.5) / _POINTS - 0.5) * step
    opened = np.zeros(len(z), np.float32)
    for shift_z in inside:
        for shift_y in inside:
            opened += sampling.mask.transmission(place[y] + shift_y, place[z] + shift_z)
    fractions = passes.astype(np.float32)
    fractions[z, y] = opened / _POINTS**2
    return fractions


def _beside_others(passes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True for values that differ from one of their eight neighbours."""
    from scipy.ndimage import maximum_filter, minimum_filter  # noqa: PLC0415 - heavy

    differ: NDArray[np.bool_] = maximum_filter(passes, 3) != minimum_filter(passes, 3)
    return differ
