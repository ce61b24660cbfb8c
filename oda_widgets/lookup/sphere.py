"""Angles on the sky."""

from __future__ import annotations

from math import asin, cos, degrees, radians, sin, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray


def separations(
    ra: ArrayLike, dec: ArrayLike, to_ra: ArrayLike, to_dec: ArrayLike
) -> NDArray[np.float64]:
    """Return the great-circle angles between positions, all in degrees.

    Parameters
    ----------
    ra, dec
        Positions, shape (n,).
    to_ra, to_dec
        Second positions, shape () or (n,).

    Returns
    -------
    angles
        Shape (n,), 0 to 180.

    Examples
    --------
    >>> separations([0.0, 90.0], [0.0, 0.0], 0.0, 0.0)
    array([ 0., 90.])
    """
    # Compute half the chord: it stays precise at small angles, where the cosine does not.
    chords = np.linalg.norm(_directions(ra, dec) - _directions(to_ra, to_dec), axis=-1)
    angles: NDArray[np.float64] = np.degrees(2 * np.arcsin(np.minimum(chords / 2, 1.0)))
    return angles


def separation(ra: float, dec: float, to_ra: float, to_dec: float) -> float:
    """Return the great-circle angle between two positions, all in degrees.

    For a single pair this takes a tenth of the time of `separations`.

    Examples
    --------
    >>> round(separation(0.0, 0.0, 90.0, 0.0), 9)
    90.0
    """
    north, to_north = radians(dec), radians(to_dec)
    half = sin((to_north - north) / 2) ** 2
    half += cos(north) * cos(to_north) * sin(radians(to_ra - ra) / 2) ** 2
    return degrees(2 * asin(min(sqrt(half), 1.0)))


def _directions(ra: ArrayLike, dec: ArrayLike) -> NDArray[np.float64]:
    """Return unit vectors, shape (..., 3)."""
    longitude, latitude = np.radians(ra), np.radians(dec)
    return np.stack(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ],
        axis=-1,
    )
