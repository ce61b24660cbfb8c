"""Correlation of a detector image with the shadows of all sky directions at once.

Because an illumination is a sum of outer products (see `oda_widgets.engine.illumination`), the
correlation with every direction of a grid in tangents is two matrix products, exact at each
direction, mask thickness included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Singles
from oda_widgets.engine.illumination import column_factors, row_factors
from oda_widgets.instruments.isgri import detector as isgri

Window = tuple[slice, slice]
Lines = tuple[NDArray[np.intp], NDArray[np.intp]]

WHOLE: Window = (slice(None), slice(None))

_PIXEL = isgri.PIXEL_PITCH / isgri.MASK_DISTANCE
_AT_ONCE = 124  # directions along Z: they see much the same of the detector
_PIXELS_PER_SIDE = 370  # of the size of a detector pixel: reaches the last ray through the mask


@dataclass(frozen=True)
class SkyGrid:
    """A square grid of tangents around the line of sight.

    Parameters
    ----------
    oversampling
        Grid points per detector pixel and axis; 1 gives OSA's pixels of 4.94', 2 half of it.
    pixel
        Size of a detector pixel as a tangent, by default that of ISGRI.
    pixels
        Such sizes per side.
    fineness
        Pixels of the detector for each pixel of ISGRI, of which a mask element has 2.4: between
        fewer the noise of a map is nearly the same.
    """

    oversampling: int = 2
    pixel: float = _PIXEL
    pixels: int = _PIXELS_PER_SIDE
    fineness: int = 1

    @property
    def noise_step(self) -> int:
        """Grid points between which the noise of a map is looked at."""
        return self.oversampling * self.fineness

    @property
    def step(self) -> float:
        """Distance of grid points in tangents."""
        return self.pixel / self.oversampling

    @property
    def size(self) -> int:
        """Points per side."""
        return self.pixels * self.oversampling

    @property
    def reference_pixel(self) -> tuple[float, float]:
        """FITS pixel of the line of sight."""
        return (self.size + 1) / 2, (self.size + 1) / 2

    def nearest(self, tangents: NDArray[np.float64]) -> tuple[int, int]:
        """Return the [Z, Y] index of the grid point next to a direction."""
        middle = (self.size - 1) / 2
        y, z = np.rint(middle + np.array([-1, 1]) * tangents / self.step).astype(int)
        return int(np.clip(z, 0, self.size - 1)), int(np.clip(y, 0, self.size - 1))

    def around(self, tangents: NDArray[np.float64], reach: float) -> Window:
        """Return the [Z, Y] part of the grid within `reach` (tangent) of a direction."""
        far = np.array([-reach, reach])
        z = np.searchsorted(self.tangent_z, tangents[1] + far)
        y = np.searchsorted(-self.tangent_y, -tangents[0] + far)
        return slice(int(z[0]), int(z[1])), slice(int(y[0]), int(y[1]))

    def crossing(self, places: NDArray[np.float64], reach: float) -> Lines:
        """Return the rows and the columns within `reach` of any of some directions, (n, 2)."""
        rows = np.abs(self.tangent_z[:, None] - places[:, 1]) < reach
        columns = np.abs(self.tangent_y[:, None] - places[:, 0]) < reach
        return np.flatnonzero(rows.any(axis=1)), np.flatnonzero(columns.any(axis=1))

    @property
    def tangent_y(self) -> NDArray[np.float64]:
        """Tangents along axis 1 of an image; falling, so that images are seen from inside."""
        return -self.tangent_z

    @property
    def tangent_z(self) -> NDArray[np.float64]:
        """Tangents along axis 2 of an image."""
        return (np.arange(self.size, dtype=float) - (self.size - 1) / 2) * self.step


@cache
def _factors(grid: SkyGrid) -> tuple[Singles, Singles]:
    """Return the factors along Z, (size, 3, 134), and along Y, (3, size, 130)."""
    rows = row_factors(grid.tangent_z).astype(np.float32)
    columns = column_factors(grid.tangent_y).astype(np.float32)
    return np.ascontiguousarray(rows.transpose(1, 0, 2)), columns


@cache
def _squared_factors(grid: SkyGrid) -> tuple[Singles, Singles]:
    """Return the factors of the square of an illumination: the six products of two terms."""
    rows, columns = _factors(grid)
    pairs = list(combinations_with_replacement(range(len(columns)), 2))
    twice = np.array([1 if i == j else 2 for i, j in pairs], np.float32)[:, None]
    first, second = (list(index) for index in zip(*pairs, strict=True))
    return twice * rows[:, first] * rows[:, second], columns[first] * columns[second]


def correlate(
    grid: SkyGrid, detector: NDArray[np.floating], window: Window | Lines = WHOLE
) -> Singles:
    """Return the sum over pixels of a detector image times the illumination of each direction.

    Parameters
    ----------
    grid
        Directions of the sky.
    detector
        Shape (134, 130); must be zero between the modules.
    window
        The part of the grid that is wanted, or its rows and columns.

    Returns
    -------
    ndarray
        Shape (size, size) as [Z, Y], or that of the window.
    """
    rows, columns = _factors(grid)
    return _contract(rows[window[0]], columns[:, window[1]], detector)


def correlate_squares(
    grid: SkyGrid, detector: NDArray[np.floating], window: Window = WHOLE
) -> Singles:
    """Return the same as `correlate` with the square of the illumination."""
    rows, columns = _squared_factors(grid)
    return _contract(rows[window[0]], columns[:, window[1]], detector)


def every(step: int) -> Window:
    """Return the part of a grid that has one of `step` points along each axis."""
    return slice(0, None, step), slice(0, None, step)


def between(values: Singles, step: int, size: int) -> Singles:
    """Interpolate linearly between every `step`-th point of a grid with `size` points a side."""
    return _rows_between(_rows_between(values, step, size).T, step, size).T


def _rows_between(values: Singles, step: int, size: int) -> Singles:
    place = np.minimum(np.arange(size) / step, len(values) - 1)
    low = np.minimum(place.astype(np.intp), len(values) - 2)
    part = (place - low).astype(np.float32)[:, None]
    rows: Singles = values[low] * (1 - part) + values[low + 1] * part
    return rows


def _contract(rows: Singles, columns: Singles, detector: NDArray[np.floating]) -> Singles:
    """Return the sum over terms of rows times image times columns.

    Parameters
    ----------
    rows, columns
        Factors of the directions, shapes (n, terms, 134) and (terms, m, 130).
    detector
        Image of the detector, shape (134, 130).
    """
    lit = np.flatnonzero(np.any(detector, axis=1))
    # What is on one module only takes a quarter of the time.
    part = slice(lit[0], lit[-1] + 1) if len(lit) else slice(0, 1)
    image = np.asarray(detector[part], np.float32)
    partial = image @ columns.transpose(0, 2, 1)  # (terms, depth, m)
    product = np.empty((len(rows), columns.shape[1]), np.float32)
    for first in range(0, len(rows), _AT_ONCE):
        some = rows[first : first + _AT_ONCE, :, part]
        # Far from the axis a part of the detector sees a direction.
        lit = np.flatnonzero(some.any(axis=(0, 1)))
        here = slice(lit[0], lit[-1] + 1) if len(lit) else slice(0, 1)
        factors = some[..., here].reshape(len(some), -1)
        inside = partial[:, here].reshape(factors.shape[1], -1)
        np.matmul(factors, inside, out=product[first : first + len(some)])
    return product
