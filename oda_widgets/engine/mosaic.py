"""Images of several pointings added up on one grid of the sky."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing, unit_vector

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_MARGIN = 0.378  # corner of the field of view as a tangent


@dataclass(frozen=True)
class MosaicGrid:
    """A gnomonic grid with north up.

    Parameters
    ----------
    centre
        A pointing whose X axis is the centre and whose Z axis is north.
    step
        Distance of grid points in tangents.
    shape
        Points along axis 2 and axis 1.
    """

    centre: Pointing
    step: float
    shape: tuple[int, int]

    @classmethod
    def around(cls, pointings: Sequence[Pointing], step: float) -> MosaicGrid:
        """Return a grid that holds the fields of view of pointings."""
        middle = np.sum([unit_vector(p.ra, p.dec) for p in pointings], axis=0)
        ra = float(np.degrees(np.arctan2(middle[1], middle[0])) % 360)
        dec = float(np.degrees(np.arctan2(middle[2], np.hypot(middle[0], middle[1]))))
        centre = _north_up(ra, dec)
        tangents = centre.tangents([p.ra for p in pointings], [p.dec for p in pointings])
        half = np.nan_to_num(np.max(np.abs(np.array(tangents)), axis=1), nan=1.0) + _MARGIN
        columns, rows = (2 * int(np.ceil(size / step)) for size in half)
        return cls(centre, step, (rows, columns))

    @property
    def reference_pixel(self) -> tuple[float, float]:
        """FITS pixel of the centre."""
        return (self.shape[1] + 1) / 2, (self.shape[0] + 1) / 2

    def directions(self) -> tuple[Floats, Floats]:
        """Return right ascension and declination of the grid points, degrees."""
        rows, columns = self.shape
        y = -(np.arange(columns) - (columns - 1) / 2) * self.step
        z = (np.arange(rows) - (rows - 1) / 2) * self.step
        return self.centre.sky(y[None, :], z[:, None])


@dataclass
class Mosaic:
    """A weighted mean of images, filled one by one: sum(f / v) / sum(1 / v)."""

    grid: MosaicGrid
    weighted: Floats = field(init=False)
    weight: Floats = field(init=False)
    exposure: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.weighted, self.weight, self.exposure = np.zeros((3, *self.grid.shape))
        self._directions = unit_vector(*self.grid.directions())

    def add(self, maps: SkyMaps, pointing: Pointing, grid: SkyGrid, seconds: float) -> None:
        """Add the image of one pointing.

        Fluxes are interpolated by cubic splines, which keep the height of a peak; linear
        interpolation loses several per cent of it.
        """
        y, z = pointing.tangents_of(self._directions)
        middle = (grid.size - 1) / 2
        with np.errstate(invalid="ignore"):
            seen = np.maximum(np.abs(y), np.abs(z)) < middle * grid.step
        place = np.array([middle + z[seen] / grid.step, middle - y[seen] / grid.step])
        weight = map_coordinates(np.nan_to_num(1.0 / maps.variance), place, order=1)
        self.weight[seen] += weight
        self.weighted[seen] += weight * map_coordinates(np.nan_to_num(maps.flux), place, order=3)
        coding = map_coordinates(maps.coding, place, order=1)
        self.exposure[seen] += np.where(weight > 0, coding, 0.0) * seconds

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


def _north_up(ra: float, dec: float) -> Pointing:
    """Return a pointing whose Z axis is towards north."""
    if dec > 0:
        return Pointing(ra, dec, (ra + 180) % 360, 90 - dec)
    return Pointing(ra, dec, ra, dec + 90)
