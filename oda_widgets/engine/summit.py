"""The top of a peak between grid points: that of a paraboloid through nine of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

NEIGHBOURS = np.array([(y, z) for y in (-1, 0, 1) for z in (-1, 0, 1)], float)
HERE = 4  # the place of (0, 0) among them


def summit(gains: Floats) -> tuple[Floats, float]:
    """Return the top of a paraboloid through 3 x 3 significances, at most one step away.

    Parameters
    ----------
    gains
        Values at steps of -1, 0 and 1 along the first and, faster, the second axis; shape (9,).

    Returns
    -------
    shift, height
        Position of the top in steps from the middle, shape (2,), and its height.
    """
    level, *slope, yy, yz, zz = _PARABOLOID @ gains
    curvature = np.array([[2 * yy, yz], [yz, 2 * zz]])
    determinant = 4 * yy * zz - yz**2
    if yy >= 0 or determinant <= 0:  # not curved downwards in all directions
        return np.zeros(2), float(gains[HERE])
    inverse = np.array([[2 * zz, -yz], [-yz, 2 * yy]]) / determinant
    shift = np.clip(-inverse @ slope, -1, 1)
    return shift, float(level + slope @ shift + shift @ curvature @ shift / 2)


def summit_near(image: NDArray[np.floating], row: int, column: int) -> tuple[Floats, float]:
    """Return fractional row and column, and height, of the top next to a point."""
    row = min(max(row, 1), image.shape[0] - 2)
    column = min(max(column, 1), image.shape[1] - 2)
    around = image[row - 1 : row + 2, column - 1 : column + 2].astype(float)
    shift, height = summit(around.ravel())
    return np.array([row, column]) + shift, height


def _paraboloid() -> Floats:
    """Return the matrix that fits 1, y, z, yy, yz and zz to nine values, shape (6, 9)."""
    y, z = NEIGHBOURS.T
    return np.linalg.pinv(np.stack([np.ones_like(y), y, z, y * y, y * z, z * z], axis=1))


_PARABOLOID = _paraboloid()
