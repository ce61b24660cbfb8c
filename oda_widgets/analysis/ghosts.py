"""Peaks of a mosaic that are ghosts, which arise because the mask repeats itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.aperture import Aperture
from oda_widgets.instruments.pointing import Pointing, unit_vector


class Ghosts:
    """The ghosts of sources that are not in the fits of all windows.

    Directions are projected into all windows at once, and those of sources once for all peaks: one
    by one they would take minutes with thousands of windows.
    """

    def __init__(self, pointings: Sequence[Pointing], aperture: Aperture) -> None:
        self._axes = np.array([pointing.axes() for pointing in pointings]).reshape(-1, 3, 3)
        self._aperture = aperture
        self._strengths: list[float] = []
        self._places: list[Floats] = []

    def add(self, ra: float, dec: float, strength: float) -> None:
        """Add a source.

        Parameters
        ----------
        ra, dec
            Its direction, degrees.
        strength
            Its significance in the windows that do not have it in their fits.
        """
        self._strengths.append(strength)
        self._places.append(self._tangents(ra, dec))

    def explain(self, ra: float, dec: float, significance: float) -> bool:
        """Return True for a peak on a ghost of a source stronger than its significance."""
        here = self._tangents(ra, dec)
        pairs = zip(self._strengths, self._places, strict=True)
        return any(
            strength > significance and self._is_ghost(here - place) for strength, place in pairs
        )

    def _is_ghost(self, offset: Floats) -> bool:
        """Return True if an offset, shape (2, n_windows), is that of a ghost in any window."""
        width = self._aperture.peak_width
        near: NDArray[np.bool_] = np.abs(offset - self._aperture.ghosts[:, :, None]) < width
        return bool(np.any(near[:, 0] & near[:, 1]))

    def _tangents(self, ra: float, dec: float) -> Floats:
        """Return a direction in all windows, shape (2, n_windows); NaN behind the telescope."""
        x, y, z = (self._axes @ unit_vector(ra, dec)).T
        ahead = np.where(x > 0, x, np.nan)
        return np.array([y / ahead, z / ahead])
