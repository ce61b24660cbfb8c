"""Images of several pointings added up on one grid of the sky.

The centre of the grid is the source in question or, without one, a direction of a fixed set, and
its points have fixed places around it: another pointing leaves the resampled images of the others
unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing, unit_vector

_BETWEEN_CENTRES = 5.0  # degrees: adding a window to fifty rarely changes the centre
_FARTHEST = 1.3  # tangent of 52 degrees: farther out a gnomonic map is stretched fourfold


@dataclass(frozen=True)
class MosaicGrid:
    """A part of the gnomonic grid around a centre, with north up.

    Parameters
    ----------
    centre
        A pointing whose X axis is the centre and whose Z axis is north.
    step
        Distance of grid points in tangents.
    first
        Place of the first point along axis 2 and axis 1; the centre is between -1 and 0.
    shape
        Points along axis 2 and axis 1.
    """

    centre: Pointing
    step: float
    first: tuple[int, int]
    shape: tuple[int, int]

    @classmethod
    def under(cls, pointing: Pointing, centre: Pointing, grid: SkyGrid) -> MosaicGrid:
        """Return the part on which the image of one pointing falls."""
        # Straight lines stay straight in gnomonic maps: the corners bound the image.
        half = grid.size * grid.step / 2 * np.array([1.0, -1.0])
        corners = np.stack(centre.tangents_from(pointing, half[:, None], half)).reshape(2, -1)
        y, z = np.clip(np.nan_to_num(corners, nan=_FARTHEST), -_FARTHEST, _FARTHEST)
        places = np.array([z, -y]) / grid.step
        first = np.floor(places.min(axis=1)).astype(int)
        rows, columns = np.ceil(places.max(axis=1)).astype(int) - first + 1
        return cls(centre, grid.step, (int(first[0]), int(first[1])), (int(rows), int(columns)))

    @classmethod
    def around(cls, pointings: Sequence[Pointing], centre: Pointing, grid: SkyGrid) -> MosaicGrid:
        """Return the part that holds the images of all pointings."""
        parts = [cls.under(pointing, centre, grid) for pointing in pointings]
        firsts = np.array([part.first for part in parts])
        first = firsts.min(axis=0)
        last = (firsts + [part.shape for part in parts]).max(axis=0)
        rows, columns = last - first
        return cls(centre, grid.step, (int(first[0]), int(first[1])), (int(rows), int(columns)))

    @property
    def reference_pixel(self) -> tuple[float, float]:
        """FITS pixel of the centre."""
        return 0.5 - self.first[1], 0.5 - self.first[0]

    def tangents(self) -> tuple[Floats, Floats]:
        """Return the tangents of the grid points, shapes (1, columns) and (rows, 1)."""
        rows, columns = self.shape
        y = -(self.first[1] + np.arange(columns, dtype=float) + 0.5) * self.step
        z = (self.first[0] + np.arange(rows, dtype=float) + 0.5) * self.step
        return y[None, :], z[:, None]

    def place(self, ra: float, dec: float) -> tuple[float, float]:
        """Return row and column of a direction; NaN on the other half of the sky."""
        y, z = self.centre.tangents(ra, dec)
        row, column = float(z) / self.step - 0.5, -float(y) / self.step - 0.5
        return row - self.first[0], column - self.first[1]


@dataclass(frozen=True)
class Footprint:
    """The image of one pointing on the grid of a mosaic.

    Parameters
    ----------
    grid
        Part of the mosaic grid that the image covers.
    flux
        Counts per second, on-axis equivalent; zero outside the field of view.
    weight
        1 / variance of the flux.
    exposure
        Live seconds times coding fraction.
    """

    grid: MosaicGrid
    flux: Singles
    weight: Singles
    exposure: Singles


def footprint(
    maps: SkyMaps, pointing: Pointing, grid: SkyGrid, seconds: float, centre: Pointing
) -> Footprint:
    """Return the image of one pointing on the grid around a centre.

    Fluxes are interpolated by cubic splines, which keep the height of a peak; linear interpolation
    loses several per cent of it.
    """
    from scipy.ndimage import map_coordinates  # noqa: PLC0415 - heavy; the store needs none of it

    target = MosaicGrid.under(pointing, centre, grid)
    y, z = pointing.tangents_from(centre, *target.tangents())
    middle = (grid.size - 1) / 2
    half = middle * grid.step
    with np.errstate(invalid="ignore"):
        inside = np.flatnonzero((y > -half) & (y < half) & (z > -half) & (z < half))
    place = np.array([z.ravel()[inside], -y.ravel()[inside]]) / grid.step + middle
    weights = map_coordinates(np.nan_to_num(1.0 / maps.variance), place, order=1)
    seen = weights > 0
    place, inside = place[:, seen], inside[seen]
    flux, weight, exposure = np.zeros((3, *target.shape), np.float32)
    weight.ravel()[inside] = weights[seen]
    flux.ravel()[inside] = map_coordinates(np.nan_to_num(maps.flux), place, order=3)
    coding = map_coordinates(maps.coding, place, order=1)
    exposure.ravel()[inside] = coding * np.float32(seconds)
    return Footprint(target, flux, weight, exposure)


@dataclass
class Mosaic:
    """A weighted mean of images, filled one by one: sum(f / v) / sum(1 / v)."""

    grid: MosaicGrid
    weighted: Floats = field(init=False)
    weight: Floats = field(init=False)
    exposure: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.weighted, self.weight, self.exposure = np.zeros((3, *self.grid.shape))

    def add(self, image: Footprint) -> None:
        """Add the image of one pointing, which must lie inside the grid."""
        row, column = np.subtract(image.grid.first, self.grid.first)
        rows, columns = image.grid.shape
        here = slice(row, row + rows), slice(column, column + columns)
        self.weight[here] += image.weight
        self.weighted[here] += image.weight.astype(float) * image.flux
        self.exposure[here] += image.exposure

    @property
    def flux(self) -> Singles:
        """Mean flux; NaN where nothing was seen."""
        with np.errstate(invalid="ignore"):
            mean: Singles = (self.weighted / self.weight).astype(np.float32)
        return mean

    @property
    def variance(self) -> Singles:
        """Variance of the mean flux; NaN where nothing was seen."""
        with np.errstate(divide="ignore"):
            variance = np.where(self.weight > 0, 1.0 / self.weight, np.nan)
        return variance.astype(np.float32)


def common_centre(pointings: Sequence[Pointing]) -> Pointing:
    """Return the centre, of a fixed set, nearest to the mean of pointings; north is up."""
    directions = [p.ra for p in pointings], [p.dec for p in pointings]
    middle = unit_vector(*directions).sum(axis=0)
    dec = np.degrees(np.arctan2(middle[2], np.hypot(middle[0], middle[1])))
    dec = float(np.rint(dec / _BETWEEN_CENTRES) * _BETWEEN_CENTRES)
    number = max(round(360 * np.cos(np.radians(dec)) / _BETWEEN_CENTRES), 1)
    ra = np.degrees(np.arctan2(middle[1], middle[0])) * number / 360
    return north_up(float(np.rint(ra) * 360 / number % 360), dec)


def north_up(ra: float, dec: float) -> Pointing:
    """Return a centre in a direction, with north up."""
    if dec > 0:
        return Pointing(ra, dec, (ra + 180) % 360, 90 - dec)
    return Pointing(ra, dec, ra, dec + 90)
