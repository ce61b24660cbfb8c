"""The detector of JEM-X: a chamber of xenon behind a collimator.

Numbers are from the ISDC's user manual for JEM-X and from the monthly meetings of its calibration
if public; those marked as nominal are plausible values, not measurements.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

Unit = Literal[1, 2]
UNITS: tuple[Unit, Unit] = (1, 2)

RADIUS = 105.0
"""Radius of the used part of the detector in mm; its window has 125 mm."""

PIXEL_SIDE = 1.0
"""Side of the squares in which events are counted in mm, less than the resolution."""

DETECTOR_SHAPE = (210, 210)
"""Squares along Z and Y."""

NO_RESPONSE = float(np.tan(np.radians(6.6)))
"""Tangent of the off-axis angle from which the collimator blocks everything."""

USUAL_LIVE_FRACTION = 0.85
"""Nominal: real light curves have FRACEXP 0.83 to 0.88."""

_FWHM_OF_FEW_ELECTRONS = 0.85  # mm at 10 keV, falling with energy
_FWHM_OF_LONG_TRACKS = 0.53  # mm at 10 keV, rising with energy
_SIGMA = 1 / np.sqrt(8 * np.log(2))  # of a FWHM of 1


def energy_width(energy: Floats) -> Floats:
    """Return the FWHM of the recorded energy in keV: ``0.40 sqrt(1/E + 1/60) E``.

    Parameters
    ----------
    energy
        Of the photons, keV.
    """
    width: Floats = 0.40 * np.sqrt(1 / energy + 1 / 60) * energy
    return width


def position_sigma(energy: Floats) -> Floats:
    """Return the standard deviation of a recorded position along each axis in mm.

    Nominal: a FWHM of 1 mm at 10 keV; at higher energies the tracks of photoelectrons are longer,
    at lower ones there are fewer electrons.

    Parameters
    ----------
    energy
        Of the photons, keV.
    """
    few = _FWHM_OF_FEW_ELECTRONS * np.sqrt(10 / energy)
    sigma: Floats = _SIGMA * np.hypot(few, _FWHM_OF_LONG_TRACKS * energy / 10)
    return sigma


def vignetting(tangent_y: Floats, tangent_z: Floats) -> Floats:
    """Return the fraction of a source's light that passes the collimator, 1 on axis.

    Nominal: it falls linearly to 0 at 6.6 degrees off axis.

    Parameters
    ----------
    tangent_y, tangent_z
        Directions (s.Y/s.X, s.Z/s.X).
    """
    passes: Floats = np.maximum(1 - np.hypot(tangent_y, tangent_z) / NO_RESPONSE, 0.0)
    return passes


def pixel_centres() -> NDArray[np.float64]:
    """Return the coordinates of the centres of the squares along an axis in mm, shape (210,)."""
    size = DETECTOR_SHAPE[0]
    return (np.arange(size, dtype=float) - (size - 1) / 2) * PIXEL_SIDE


@cache
def inside() -> NDArray[np.bool_]:
    """Return True for the squares whose centre is in the used part, shape (210, 210)."""
    centres = pixel_centres()
    used: NDArray[np.bool_] = np.hypot(centres[:, None], centres) < RADIUS
    used.setflags(write=False)
    return used
