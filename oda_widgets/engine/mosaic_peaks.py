"""Peaks of a mosaic, and its flux in a direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.identify import PEAK_WIDTH
from oda_widgets.engine.locate import summit_near
from oda_widgets.engine.mosaic import Footprint, Mosaic, MosaicGrid

_GRID_LOSS = 0.9  # a peak between grid points shows at least this part of its significance
_EDGE = 0.02  # of the largest weight: less is the rim of a field of view
_MARGIN = 10  # grid points, at which a spline no longer feels its end


@dataclass(frozen=True)
class MosaicPeak:
    """A peak of a mosaic.

    Parameters
    ----------
    ra, dec
        Where it is, degrees.
    significance
        How high it is.
    """

    ra: float
    dec: float
    significance: float


def value_at(image: Footprint | Mosaic, ra: float, dec: float) -> tuple[float, float]:
    """Return flux and weight (1 / variance) in a direction; zeros where nothing is seen."""
    from scipy.ndimage import map_coordinates  # noqa: PLC0415 - heavy; the store needs none of it

    row, column = _place(image.grid, ra, dec)
    inside = 0 <= row <= image.grid.shape[0] - 1 and 0 <= column <= image.grid.shape[1] - 1
    if not inside:
        return 0.0, 0.0
    weight = float(image.weight[round(row), round(column)])
    top, left = max(round(row) - _MARGIN, 0), max(round(column) - _MARGIN, 0)
    near = image.flux[top : round(row) + _MARGIN + 1, left : round(column) + _MARGIN + 1]
    place = [[row - top], [column - left]]
    return float(map_coordinates(np.nan_to_num(near), place, order=3)[0]), weight


def peaks(
    mosaic: Mosaic, lowest_significance: float, taken: Iterable[tuple[float, float]]
) -> Iterator[MosaicPeak]:
    """Iterate over the peaks of a mosaic away from some directions, the highest first.

    Parameters
    ----------
    mosaic
        Mosaic of all images.
    lowest_significance
        Lower ones are left out.
    taken
        Positions of known sources, (RA, Dec) in degrees, around which no peak is listed.
    """
    significance = _significance(mosaic)
    left = significance.copy()
    for ra, dec in taken:
        _blank(left, mosaic.grid, _place(mosaic.grid, ra, dec))
    while left.max() > _GRID_LOSS * lowest_significance:
        row, column = np.unravel_index(np.argmax(left), left.shape)
        _blank(left, mosaic.grid, (float(row), float(column)))
        peak = _summit(significance, mosaic.grid, int(row), int(column))
        if peak.significance >= lowest_significance:
            yield peak


def peak_near(mosaic: Mosaic, ra: float, dec: float, reach: float) -> MosaicPeak | None:
    """Return the highest point within `reach` degrees of a direction, if the mosaic has it."""
    place = _place(mosaic.grid, ra, dec)
    steps = max(round(float(np.tan(np.radians(reach))) / mosaic.grid.step), 1)
    rows, columns = mosaic.grid.shape
    if not (steps < place[0] < rows - steps - 1 and steps < place[1] < columns - steps - 1):
        return None  # NaN compares as False
    row, column = (round(x) for x in place)
    significance = _significance(mosaic)
    part = significance[row - steps : row + steps + 1, column - steps : column + steps + 1]
    down, along = np.unravel_index(np.argmax(part), part.shape)
    return _summit(significance, mosaic.grid, row - steps + int(down), column - steps + int(along))


def _significance(mosaic: Mosaic) -> Floats:
    """Return the significance, zero at the rim of the fields of view."""
    weight = mosaic.weight
    seen = weight > _EDGE * weight.max()
    return np.where(seen, mosaic.weighted / np.sqrt(np.where(seen, weight, 1.0)), 0.0)


def _place(grid: MosaicGrid, ra: float, dec: float) -> tuple[float, float]:
    """Return row and column of a direction; NaN on the other half of the sky."""
    y, z = grid.centre.tangents(ra, dec)
    row, column = float(z) / grid.step - 0.5 - grid.first[0], -float(y) / grid.step - 0.5
    return row, column - grid.first[1]


def _blank(image: Floats, grid: MosaicGrid, place: tuple[float, float]) -> None:
    """Put zeros where the peak of a source is, in place."""
    reach = PEAK_WIDTH * np.sqrt(2.0) / grid.step  # a square that has been turned by any angle
    row, column = (max(int(np.ceil(x - reach)), 0) for x in place)
    below, beyond = (max(int(np.floor(x + reach)) + 1, 0) for x in place)
    image[row:below, column:beyond] = 0.0


def _summit(significance: Floats, grid: MosaicGrid, row: int, column: int) -> MosaicPeak:
    """Return the peak around a grid point."""
    (row_top, column_top), height = summit_near(significance, row, column)
    y = -(grid.first[1] + column_top + 0.5) * grid.step
    z = (grid.first[0] + row_top + 0.5) * grid.step
    ra, dec = grid.centre.sky(y, z)
    return MosaicPeak(float(ra), float(dec), height)
