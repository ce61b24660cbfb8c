"""Correlation of a detector image with the shadows of all sky directions at once.

Because an illumination is a sum of outer products (see `oda_widgets.engine.illumination`), the
correlation with every direction of a grid in tangents is two matrix products, exact at each
direction, mask thickness included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Singles, unwritable
from oda_widgets.engine.illumination import column_factors, row_factors
from oda_widgets.instruments.isgri import detector as isgri

Window = tuple[slice, slice]
Lines = tuple[NDArray[np.intp], NDArray[np.intp]]

WHOLE: Window = (slice(None), slice(None))

_PIXEL = isgri.PIXEL_PITCH / isgri.MASK_DISTANCE
_AT_ONCE = 62  # directions along Z: they see nearly the same part of the detector
_PIXELS_PER_SIDE = 370  # of the size of a detector pixel: out to the last ray through the mask


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
        Number of such sizes per side.
    fineness
        Detector pixels per pixel of ISGRI (a mask element has 2.4 of ISGRI's): the noise of a map
        is nearly the same within so many.
    """

    oversampling: int = 2
    pixel: float = _PIXEL
    pixels: int = _PIXELS_PER_SIDE
    fineness: int = 1

    @property
    def noise_step(self) -> int:
        """Step in grid points at which the noise of a map is measured."""
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
        middle, last = (self.size - 1) / 2, self.size - 1
        y, z = (float(one) / self.step for one in tangents)
        return min(max(round(middle + z), 0), last), min(max(round(middle - y), 0), last)

    def around(self, tangents: NDArray[np.float64], reach: float) -> Window:
        """Return the [Z, Y] part of the grid within `reach` (tangent) of a direction."""
        far = np.array([-reach, reach])
        z = np.searchsorted(self.tangent_z, tangents[1] + far)
        y = np.searchsorted(self.tangent_z, far - tangents[0])
        return slice(int(z[0]), int(z[1])), slice(int(y[0]), int(y[1]))

    def crossing(self, places: NDArray[np.float64], reach: float) -> Lines:
        """Return the rows and the columns within `reach` of any of the directions, (n, 2)."""
        rows = np.abs(self.tangent_z[:, None] - places[:, 1]) < reach
        columns = np.abs(self.tangent_y[:, None] - places[:, 0]) < reach
        return np.flatnonzero(rows.any(axis=1)), np.flatnonzero(columns.any(axis=1))

    @cached_property
    def tangent_y(self) -> NDArray[np.float64]:
        """Tangents along axis 1 of an image; falling, as the sky is seen from inside."""
        return unwritable(-self.tangent_z)

    @cached_property
    def tangent_z(self) -> NDArray[np.float64]:
        """Tangents along axis 2 of an image."""
        return unwritable((np.arange(self.size, dtype=float) - (self.size - 1) / 2) * self.step)


@cache
def _factors(grid: SkyGrid) -> tuple[Singles, Singles]:
    """Return the factors along Z, (size, 134, 3), and along Y, (130, 3, size)."""
    rows = row_factors(grid.tangent_z).astype(np.float32)
    columns = column_factors(grid.tangent_y).astype(np.float32)
    return rows.transpose(1, 2, 0), columns.transpose(2, 0, 1)


@cache
def _squared_factors(grid: SkyGrid) -> tuple[Singles, Singles]:
    """Return the factors of the square of an illumination: the six products of two terms."""
    rows, columns = _factors(grid)
    pairs = list(combinations_with_replacement(range(rows.shape[2]), 2))
    twice = np.array([1 if i == j else 2 for i, j in pairs], np.float32)
    first, second = (list(index) for index in zip(*pairs, strict=True))
    return twice * rows[..., first] * rows[..., second], columns[:, first] * columns[:, second]


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
        The part of the grid to compute, or its rows and columns.

    Returns
    -------
    ndarray
        Shape (size, size) as [Z, Y], or that of the window.
    """
    return _contract(grid, _factors, detector, window)


def correlate_squares(
    grid: SkyGrid, detector: NDArray[np.floating], window: Window = WHOLE
) -> Singles:
    """Return `correlate` with the square of the illumination."""
    return _contract(grid, _squared_factors, detector, window)


def every(step: int) -> Window:
    """Return the part of a grid with every `step`-th point along each axis."""
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


@dataclass(frozen=True)
class _Band:
    """Directions along Z, and their factors for the rows of the detector that they light.

    Parameters
    ----------
    factors
        Shape (n, depth, terms).
    first
        Index of the first of these rows of the detector.
    """

    factors: Singles
    first: int

    @classmethod
    def of(cls, factors: Singles) -> _Band:
        """Return the band of factors for all rows, shape (n, 134, terms)."""
        # Far from the axis, only a part of the detector sees a direction.
        here = _reach(np.any(factors, axis=(0, 2)))
        return cls(np.ascontiguousarray(factors[:, here]), here.start)

    def within(self, part: slice) -> tuple[slice, Singles]:
        """Return the rows of a part of the detector that are lit, and their factors, (n, m)."""
        begin = max(part.start, self.first)
        end = max(min(part.stop, self.first + self.factors.shape[1]), begin)
        factors = self.factors[:, begin - self.first : end - self.first]
        return slice(begin - part.start, end - part.start), factors.reshape(len(factors), -1)


_Factors = Callable[[SkyGrid], tuple[Singles, Singles]]
_Prepared = tuple[Sequence[_Band], Singles]


def _contract(
    grid: SkyGrid, of: _Factors, detector: NDArray[np.floating], window: Window | Lines
) -> Singles:
    """Return the sum over terms of rows times image times columns.

    Parameters
    ----------
    grid, of
        Directions, and the function that gives their factors.
    detector
        Image of the detector, shape (134, 130).
    window
        The part of the grid to compute, or its rows and columns.
    """
    bands, columns = _prepared(grid, of, window)
    # An image with one module only takes a quarter of the time.
    part = _reach(np.any(detector, axis=1))
    image = np.asarray(detector[part], np.float32)
    _, terms, size = columns.shape
    partial = (image @ columns.reshape(len(columns), -1)).reshape(-1, size)
    product = np.empty((sum(len(band.factors) for band in bands), size), np.float32)
    done = 0
    for band in bands:
        rows, factors = band.within(part)
        out = product[done : done + len(factors)]
        np.matmul(factors, partial[terms * rows.start : terms * rows.stop], out=out)
        done += len(factors)
    return product


def _prepared(grid: SkyGrid, of: _Factors, window: Window | Lines) -> _Prepared:
    """Return the factors of a part of a grid; those of regular parts are computed once."""
    rows, columns = window
    if isinstance(rows, slice) and rows == columns and not (rows.start or rows.stop):
        return _regular(grid, of, rows.step or 1)
    along_z, along_y = of(grid)
    return _bands(along_z[rows]), along_y[..., columns]


@cache
def _regular(grid: SkyGrid, of: _Factors, step: int) -> _Prepared:
    rows, columns = of(grid)
    return _bands(rows[::step]), np.ascontiguousarray(columns[..., ::step])


def _bands(rows: Singles) -> Sequence[_Band]:
    return [_Band.of(rows[first : first + _AT_ONCE]) for first in range(0, len(rows), _AT_ONCE)]


def _reach(lit: NDArray[np.bool_]) -> slice:
    """Return the slice from the first to the last lit element; the first element if none is."""
    numbers = np.flatnonzero(lit)
    return slice(int(numbers[0]), int(numbers[-1]) + 1) if len(numbers) else slice(0, 1)
