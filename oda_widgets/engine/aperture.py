"""The aperture, a mask above a detector: all that distinguishes coded-mask telescopes here.

Fits, maps, the search for sources and their positions need the shadows of some directions, the
correlation of a detector image with the shadows of all directions, and the width of a peak.
`MuraAperture` computes them as outer products, which is exact and fast for a mask that is a product
of rows and columns; `SampledAperture` takes any mask.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.sky_grid import WHOLE, Lines, SkyGrid, Window


class Aperture(Protocol):
    """A mask above a detector, as a value: equal apertures cast equal shadows."""

    @property
    def detector_shape(self) -> tuple[int, int]:
        """Pixels along Z and Y."""
        ...

    @property
    def search_grid(self) -> SkyGrid:
        """Grid on which sources are searched for."""
        ...

    @property
    def map_grid(self) -> SkyGrid:
        """Grid of the maps of a science window."""
        ...

    @property
    def reach(self) -> float:
        """Largest tangent along an axis at which a ray through the mask hits the detector."""
        ...

    @property
    def peak_width(self) -> float:
        """Half width of a peak, as a tangent: one mask element and one pixel."""
        ...

    @property
    def too_near(self) -> float:
        """Tangent, 0.6 mask elements; a second source within it is a residual of the first."""
        ...

    @property
    def scale(self) -> float:
        """Width of a peak over that of IBIS."""
        ...

    @property
    def ghosts(self) -> Floats:
        """Offsets of a source's ghosts from it, tangents, shape (n, 2)."""
        ...

    def illumination(self, tangent_y: Floats, tangent_z: Floats) -> Floats | Singles:
        """Return the illumination of each pixel, relative to an open one on axis.

        Parameters
        ----------
        tangent_y, tangent_z
            Directions (s.Y/s.X, s.Z/s.X), shape (n_sources,).

        Returns
        -------
        ndarray
            Shape (n_sources, rows, columns).
        """
        ...

    def shadow_of(self, tangent_y: float, tangent_z: float) -> Floats | Singles:
        """Return the illumination of one source, which may be cached."""
        ...

    def correlate(
        self, grid: SkyGrid, detector: NDArray[np.floating], window: Window | Lines = WHOLE
    ) -> Singles:
        """Return the sum over pixels of a detector image times the illumination of each direction.

        See `oda_widgets.engine.sky_grid.correlate`.
        """
        ...

    def correlate_squares(
        self, grid: SkyGrid, detector: NDArray[np.floating], window: Window = WHOLE
    ) -> Singles:
        """Return `correlate` with the square of the illumination."""
        ...

    def coding_fraction(self, tangent_y: Floats, tangent_z: Floats) -> Floats:
        """Return the fraction of the detector that sees directions, shape (n,)."""
        ...

    def counts_per_flux(self, seconds: float) -> float:
        """Return the counts of a fully lit pixel for one count per second of flux.

        The flux of a source is the rate at which the whole detector would count it on axis.
        """
        ...
