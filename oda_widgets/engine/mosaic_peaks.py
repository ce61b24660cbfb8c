"""Peaks of a mosaic, and its flux in a direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.mosaic import Footprint, Mosaic, MosaicGrid
from oda_widgets.engine.mura_aperture import PEAK_WIDTH
from oda_widgets.engine.summit import summit_near

_GRID_LOSS = 0.9  # a peak between grid points shows at least this part of its significance
_EDGE = 0.02  # of the largest weight: less is the edge of a field of view
_MARGIN = 10  # grid points, beyond which the end of a spline has no effect


@dataclass(frozen=True)
class MosaicPeak:
    """A peak of a mosaic.

    Parameters
    ----------
    ra, dec
        Position, degrees.
    significance
        Height.
    """

    ra: float
    dec: float
    significance: float


@dataclass(frozen=True)
class SignificanceMap:
    """The significance of a mosaic, computed once for all searches.

    Parameters
    ----------
    values
        Shape of the grid; 0 at the edges of the fields of view.
    """

    values: Floats
    grid: MosaicGrid

    @classmethod
    def of(cls, mosaic: Mosaic) -> SignificanceMap:
        """Return the significance of a mosaic."""
        weight = mosaic.weight
        seen = weight > _EDGE * weight.max()
        weighted = mosaic.weighted / np.sqrt(np.where(seen, weight, 1.0))
        return cls(np.where(seen, weighted, 0.0), mosaic.grid)

    def without(self, taken: Iterable[tuple[float, float]], peak_width: float) -> SignificanceMap:
        """Return the map with the peaks in some directions set to 0.

        Parameters
        ----------
        taken
            Directions, (RA, Dec) in degrees.
        peak_width
            Half width of a peak as a tangent.
        """
        left = self.values.copy()
        for ra, dec in taken:
            _blank(left, self.grid, self.grid.place(ra, dec), peak_width)
        return replace(self, values=left)


def value_at(image: Footprint | Mosaic, ra: float, dec: float) -> tuple[float, float]:
    """Return flux and weight (1 / variance) in a direction; zeros where nothing is seen."""
    from scipy.ndimage import map_coordinates  # noqa: PLC0415 - heavy; the store needs none of it

    row, column = image.grid.place(ra, dec)
    inside = 0 <= row <= image.grid.shape[0] - 1 and 0 <= column <= image.grid.shape[1] - 1
    if not inside:
        return 0.0, 0.0
    weight = float(image.weight[round(row), round(column)])
    top, left = max(round(row) - _MARGIN, 0), max(round(column) - _MARGIN, 0)
    near = image.flux[top : round(row) + _MARGIN + 1, left : round(column) + _MARGIN + 1]
    place = [[row - top], [column - left]]
    return float(map_coordinates(np.nan_to_num(near), place, order=3)[0]), weight


def peaks(
    significance: SignificanceMap,
    lowest_significance: float,
    taken: Iterable[tuple[float, float]],
    peak_width: float = PEAK_WIDTH,
) -> Iterator[MosaicPeak]:
    """Iterate over the peaks of a mosaic away from some directions, the highest first.

    Parameters
    ----------
    lowest_significance
        Lower peaks are left out.
    taken
        Positions of known sources, (RA, Dec) in degrees, around which no peak is listed.
    peak_width
        Half width of a peak as a tangent, by default that of IBIS.
    """
    grid, left = significance.grid, significance.without(taken, peak_width).values
    while True:
        row, column = np.unravel_index(np.argmax(left), left.shape)
        if not left[row, column] > _GRID_LOSS * lowest_significance:
            return
        _blank(left, grid, (float(row), float(column)), peak_width)
        peak = _summit(significance, int(row), int(column))
        if peak.significance >= lowest_significance:
            yield peak


def peak_near(
    significance: SignificanceMap, ra: float, dec: float, reach: float
) -> MosaicPeak | None:
    """Return the highest point within `reach` degrees of a direction, None near the edge."""
    grid = significance.grid
    place = grid.place(ra, dec)
    steps = max(round(float(np.tan(np.radians(reach))) / grid.step), 1)
    rows, columns = grid.shape
    if not (steps < place[0] < rows - steps - 1 and steps < place[1] < columns - steps - 1):
        return None  # NaN compares as False
    row, column = (round(x) - steps for x in place)
    part = significance.values[row : row + 2 * steps + 1, column : column + 2 * steps + 1]
    down, along = np.unravel_index(np.argmax(part), part.shape)
    return _summit(significance, row + int(down), column + int(along))


def _blank(image: Floats, grid: MosaicGrid, place: tuple[float, float], peak_width: float) -> None:
    """Set the peak of a source to 0, in place."""
    reach = peak_width * np.sqrt(2.0) / grid.step  # a square turned by any angle
    row, column = (max(int(np.ceil(x - reach)), 0) for x in place)
    below, beyond = (max(int(np.floor(x + reach)) + 1, 0) for x in place)
    image[row:below, column:beyond] = 0.0


def _summit(significance: SignificanceMap, row: int, column: int) -> MosaicPeak:
    """Return the peak around a grid point."""
    grid = significance.grid
    (row_top, column_top), height = summit_near(significance.values, row, column)
    y = -(grid.first[1] + column_top + 0.5) * grid.step
    z = (grid.first[0] + row_top + 0.5) * grid.step
    ra, dec = grid.centre.sky(y, z)
    return MosaicPeak(float(ra), float(dec), height)
