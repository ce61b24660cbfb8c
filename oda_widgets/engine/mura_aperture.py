"""The aperture of IBIS: a thick mask, a sum of products of rows and columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.coding import coding_fraction
from oda_widgets.engine.illumination import illumination, shadow_of
from oda_widgets.engine.sky_grid import (
    WHOLE,
    Lines,
    SkyGrid,
    Window,
    correlate,
    correlate_squares,
)
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.mask import ELEMENT_SIDE, ORDER, open_fraction

_PERIOD = ORDER * ELEMENT_SIDE / isgri.MASK_DISTANCE
GHOSTS = _PERIOD * np.array(
    [(y, z) for y in (-1, 0, 1) for z in (-1, 0, 1) if (y, z) != (0, 0)], float
)
"""Offsets of a source's ghosts from it, tangents, shape (8, 2)."""

PEAK_WIDTH = 15.2 / isgri.MASK_DISTANCE
"""Half width of a peak (tangent): one mask element and one active pixel."""

REACH = 0.2646
"""Largest tangent along an axis at which a ray through the mask hits the detector (14.8
degrees)."""

_GRID = SkyGrid(oversampling=1)  # peaks are located between its points
_MAP_GRID = SkyGrid(oversampling=2)


@dataclass(frozen=True)
class MuraAperture:
    """The mask of IBIS above ISGRI; see `Aperture`."""

    @property
    def detector_shape(self) -> tuple[int, int]:
        """Pixels along Z and Y."""
        return isgri.DETECTOR_SHAPE

    @property
    def search_grid(self) -> SkyGrid:
        """Grid with OSA's pixels of 4.94'."""
        return _GRID

    @property
    def map_grid(self) -> SkyGrid:
        """Grid with half of OSA's pixels."""
        return _MAP_GRID

    @property
    def reach(self) -> float:
        """Largest tangent along an axis at which a ray through the mask hits the detector."""
        return REACH

    @property
    def peak_width(self) -> float:
        """Half width of a peak, as a tangent."""
        return PEAK_WIDTH

    @property
    def too_near(self) -> float:
        """Tangent of 0.6 mask elements."""
        return 6.7 / isgri.MASK_DISTANCE

    @property
    def scale(self) -> float:
        """Return 1: widths of peaks are relative to this aperture."""
        return 1.0

    @property
    def ghosts(self) -> Floats:
        """Offsets of a source's ghosts from it, tangents, shape (8, 2)."""
        return GHOSTS

    def illumination(self, tangent_y: Floats, tangent_z: Floats) -> Singles:
        """Return the illuminated fraction of every pixel, (n_sources, 134, 130)."""
        return illumination(tangent_y, tangent_z)

    def shadow_of(self, tangent_y: float, tangent_z: float) -> Singles:
        """Return the illumination of one source, cached for the next fit."""
        return shadow_of(tangent_y, tangent_z)

    def correlate(
        self, grid: SkyGrid, detector: NDArray[np.floating], window: Window | Lines = WHOLE
    ) -> Singles:
        """Return the correlation of a detector image with all shadows."""
        return correlate(grid, detector, window)

    def correlate_squares(
        self, grid: SkyGrid, detector: NDArray[np.floating], window: Window = WHOLE
    ) -> Singles:
        """Return the correlation of a detector image with the squares of all shadows."""
        return correlate_squares(grid, detector, window)

    def coding_fraction(self, tangent_y: Floats, tangent_z: Floats) -> Floats:
        """Return the fraction of the pixels that see each direction through the mask."""
        return coding_fraction(tangent_y, tangent_z)

    def counts_per_flux(self, seconds: float) -> float:
        """Return the counts of a fully lit pixel for one count per second of flux.

        The flux of a source is the rate at which all 16384 pixels would count it on axis, through
        the mask: OSA's convention, on which the effective areas are based.
        """
        return seconds / (isgri.WORKING_PIXELS * open_fraction())


IBIS = MuraAperture()
"""The aperture of ISGRI."""
