"""Mosaics of the whole sky, of any number of pointings, in a constant amount of memory.

A gnomonic mosaic ends some fifty degrees from its centre. Here an image is resampled at the centres
of HEALPix pixels; fluxes are averaged, weighted by 1 / variance. A peak is narrower than two pixels
of the usual grid, so a source between pixels is too faint in the map, by a tenth on average:
sources are therefore measured at their positions, in the image of each pointing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.coding import LEAST_CODING
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.healpix import GALACTIC_AXES, HealpixGrid, Pixels

_ROUNDING = 1e-4  # relative, of a single-precision sum of a thousand images; no image weighs less
_CORNER = 20.6  # degrees from the line of sight to the corner of the field of view


@dataclass(frozen=True)
class Measurement:
    """Values of an image in some directions, shapes (n,).

    Parameters
    ----------
    flux
        Counts per second, on-axis equivalent.
    weight
        1 / variance of the flux; 0 outside the image.
    coding
        Fraction of the detector that the direction lights.
    """

    flux: Singles
    weight: Singles
    coding: Singles


def measured(maps: SkyMaps, grid: SkyGrid, tangent_y: Floats, tangent_z: Floats) -> Measurement:
    """Interpolate maps in some directions, by cubic splines that keep the height of peaks.

    Parameters
    ----------
    maps, grid
        The image of one pointing.
    tangent_y, tangent_z
        Directions, shape (n,); NaN behind the telescope.
    """
    from scipy.ndimage import map_coordinates  # noqa: PLC0415 - heavy; the store needs none of it

    middle = (grid.size - 1) / 2
    with np.errstate(invalid="ignore"):
        seen = np.maximum(np.abs(tangent_y), np.abs(tangent_z)) < middle * grid.step
    place = np.array([middle + tangent_z[seen] / grid.step, middle - tangent_y[seen] / grid.step])
    flux, weight, coding = np.zeros((3, len(seen)), np.float32)
    weight[seen] = map_coordinates(np.nan_to_num(1.0 / maps.variance), place, order=1)
    flux[seen] = map_coordinates(np.nan_to_num(maps.flux), place, order=3)
    coding[seen] = map_coordinates(maps.coding, place, order=1)
    blind = (weight <= 0) | (coding < LEAST_CODING)
    flux[blind] = weight[blind] = coding[blind] = 0
    return Measurement(flux, weight, coding)


@dataclass
class AllSkySums:
    """A weighted mean of images of the whole sky, filled one by one: sum(f / v) / sum(1 / v).

    Parameters
    ----------
    weighted, weight, exposure
        Sums of flux / variance, of 1 / variance, and of live seconds times coding fraction; one
        value for each pixel.
    """

    grid: HealpixGrid
    weighted: Singles
    weight: Singles
    exposure: Singles

    @classmethod
    def empty(cls, grid: HealpixGrid) -> AllSkySums:
        """Return the sums of no image."""
        return cls(grid, *(np.zeros(grid.size, np.float32) for _ in range(3)))

    def add(self, maps: SkyMaps, pointing: Pointing, grid: SkyGrid, seconds: float) -> None:
        """Add the image of one pointing.

        Parameters
        ----------
        maps, grid
            The image.
        seconds
            Its live time.
        """
        turned = GALACTIC_AXES @ pointing.axes().T  # from Galactic axes to those of the telescope
        pixels = self.grid.within(turned[:, 0], _CORNER)
        x, y, z = (self.grid.directions(pixels) @ turned).T
        seen = measured(maps, grid, y / x, z / x)
        self.weight[pixels] += seen.weight
        self.weighted[pixels] += seen.weight * seen.flux
        self.exposure[pixels] += seen.coding * np.float32(seconds)

    def take_out(self, maps: SkyMaps, pointing: Pointing, grid: SkyGrid, seconds: float) -> None:
        """Undo `add` with the same arguments, to single precision.

        Pixels that no other image has seen become exactly 0.
        """
        out = AllSkySums.empty(self.grid)
        out.add(maps, pointing, grid, seconds)
        nothing = self.weight - out.weight <= _ROUNDING * out.weight
        for name in ("weighted", "weight", "exposure"):
            getattr(self, name)[:] -= getattr(out, name)
            getattr(self, name)[nothing & (out.weight > 0)] = 0

    @property
    def significance(self) -> Singles:
        """Mean flux over its error; 0 where nothing was seen."""
        root = np.sqrt(np.where(self.weight > 0, self.weight, 1))
        significance: Singles = (self.weighted / root).astype(np.float32)
        return significance


@dataclass(frozen=True)
class AllSkyPeak:
    """A peak of an all-sky map: its pixel, the Galactic unit vector to it, and its height."""

    pixel: int
    direction: Floats
    significance: float


def peaks(
    significance: Singles,
    grid: HealpixGrid,
    lowest: float,
    taken: Iterable[Floats],
    radius: float,
) -> Iterator[AllSkyPeak]:
    """Iterate over the peaks of an all-sky map, the highest first.

    Parameters
    ----------
    significance
        Of each pixel.
    lowest
        Lower peaks are left out.
    taken
        Galactic unit vectors of known sources, around which no peak is listed.
    radius
        Least distance between two peaks, degrees.
    """
    pixels: Pixels = np.flatnonzero(significance >= lowest)
    directions, heights = grid.directions(pixels), significance[pixels]
    near = np.cos(np.radians(radius))
    free: NDArray[np.bool_] = np.ones(len(pixels), bool)
    for direction in taken:
        free &= directions @ direction < near
    while free.any():
        highest = int(np.argmax(np.where(free, heights, -np.inf)))
        yield AllSkyPeak(int(pixels[highest]), directions[highest], float(heights[highest]))
        free &= directions @ directions[highest] < near
        free[highest] = False
