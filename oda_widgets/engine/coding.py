"""The coding fraction: the part of the detector that a direction illuminates through the mask.

At the edge of the field only a handful of pixels sees a source. Their counts cannot distinguish it
from the background, so its flux would be meaningless.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.mask import ELEMENT_SIDE, ELEMENTS

LEAST_CODING = 0.005
"""Coding fraction below which the flux of a source is not measured."""

LEAST_LIT = 0.002
"""Coding fraction below which a source lights too few pixels, about thirty, to affect others."""

_HALF_MASK = ELEMENTS / 2 * ELEMENT_SIDE


def coding_fraction(tangent_y: Floats, tangent_z: Floats) -> Floats:
    """Return the fraction of the pixels that see each direction through the mask.

    Parameters
    ----------
    tangent_y, tangent_z
        Directions (s.Y/s.X, s.Z/s.X), shape (n,); NaN for those behind the telescope.

    Returns
    -------
    ndarray
        0 to 1, shape (n,); 0 where the direction is NaN.
    """
    along_y = _fraction(tangent_y, isgri.pixel_centres_y(), isgri.MASK_SHIFT[0])
    along_z = _fraction(tangent_z, isgri.pixel_centres_z(), isgri.MASK_SHIFT[1])
    return along_y * along_z


def _fraction(tangent: Floats, pixel_centres: NDArray[np.float64], shift: float) -> Floats:
    """Return the fraction of rows, or of columns, that see the mask."""
    crossing = pixel_centres + isgri.MASK_DISTANCE * np.asarray(tangent, float)[..., None] + shift
    fraction: Floats = np.mean(np.abs(crossing) < _HALF_MASK, axis=-1)  # NaN compares as False
    return fraction
