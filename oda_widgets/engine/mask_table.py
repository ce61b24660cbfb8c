"""A mask sampled on a grid finer than the pixels of its detector, blurred as its shadow is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles

FINER = 3
"""Samples in a pixel."""

MARGIN = 4.0
"""Pixels around the mask into which its shadow is blurred."""

_TABLES = 20  # of resolutions kept, 10 MB each


class Mask(Protocol):
    """Where a mask is open; a hashable value."""

    @property
    def open_fraction(self) -> float:
        """Fraction of its cells that is open."""
        ...

    @property
    def shading(self) -> float:
        """Part of the open area that the depth of the mask takes per tangent off axis."""
        ...

    def transmission(self, y: Floats, z: Floats) -> NDArray[np.bool_]:
        """Return True where a ray passes, for places in mm that are broadcast."""
        ...


@dataclass(frozen=True)
class Sampling:
    """How a mask is sampled.

    Parameters
    ----------
    mask
        Open and closed cells.
    radius
        Radius in mm of a circle around all cells.
    pixel
        Side of a detector pixel in mm.
    blur
        Standard deviation of recorded positions along each axis, mm.
    """

    mask: Mask
    radius: float
    pixel: float
    blur: float

    @property
    def samples(self) -> int:
        """Samples along an axis: the mask and the blur beside it."""
        return 2 * FINER * int(np.ceil(self.radius / self.pixel + MARGIN))


@lru_cache(maxsize=_TABLES)
def mask_table(sampling: Sampling) -> Singles:
    """Return the blurred mask, shape (3, 3, n, n): the phase within a pixel, then pixels."""
    from scipy import fft  # noqa: PLC0415 - heavy; the store needs none of it

    samples = sampling.samples
    along_z = _blurring(sampling, fft.fftfreq(samples))
    along_y = _blurring(sampling, fft.rfftfreq(samples))
    transformed = _transformed(replace(sampling, blur=0.0))
    blurred = fft.irfft2(transformed * along_z[:, None] * along_y, (samples, samples))
    phases = blurred.reshape(samples // FINER, FINER, samples // FINER, FINER)
    table = np.ascontiguousarray(phases.transpose(1, 3, 0, 2))
    table.setflags(write=False)
    return table


def _blurring(sampling: Sampling, frequency: Floats) -> Singles:
    """Return by what pixels and resolution multiply a frequency, per sample of the table.

    Reading the table between two samples blurs it by a sixth of the square of their distance, which
    is taken off here.
    """
    variance = max((sampling.blur * FINER / sampling.pixel) ** 2 - 1 / 6, 0.0)
    resolution = np.exp(-2 * np.pi**2 * variance * frequency**2)
    return (resolution * np.sinc(FINER * frequency)).astype(np.float32)


@lru_cache(maxsize=2)
def _transformed(sampling: Sampling) -> NDArray[np.complex64]:
    """Return the Fourier transform of the mask at the samples of the table."""
    from scipy import fft  # noqa: PLC0415 - heavy; the store needs none of it

    samples = sampling.samples
    place = (np.arange(samples) - (samples - 1) / 2) * sampling.pixel / FINER
    sampled = sampling.mask.transmission(place[None, :], place[:, None])
    transformed: NDArray[np.complex64] = fft.rfft2(sampled.astype(np.float32))
    return transformed
