"""Estimate the direction of INTEGRAL's Z axis, towards the Sun as far as the line of sight allows.

The solar panels keep the Sun near the plane of the X and Z axes (within a few degrees), so that a
list of windows without the Z axis tells which sources are in the field of view. The files of a
window have the true axis.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_OBLIQUITY = np.radians(23.43929)
_J2000 = 0.5  # IJD at 2000-01-01T12:00

Floats = NDArray[np.float64]


def axis_to_sun(ijd: ArrayLike, ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
    """Return the direction nearest to the Sun at right angles to each line of sight.

    Parameters
    ----------
    ijd
        Times, days, shape (n,).
    ra, dec
        Lines of sight, degrees, shape (n,).

    Returns
    -------
    ra, dec
        Degrees, shape (n,).
    """
    sight = _vectors(np.radians(ra), np.radians(dec))
    sun = _sun(np.asarray(ijd, float))
    axis = sun - np.sum(sun * sight, axis=-1, keepdims=True) * sight
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    longitude = np.degrees(np.arctan2(axis[..., 1], axis[..., 0])) % 360
    return longitude, np.degrees(np.arcsin(np.clip(axis[..., 2], -1, 1)))


def _sun(ijd: Floats) -> Floats:
    """Return the direction of the Sun to 0.01 deg (Astronomical Almanac, low precision)."""
    days = ijd - _J2000
    anomaly = np.radians(357.528 + 0.9856003 * days)
    degrees = 280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    longitude = np.radians(degrees)
    return np.stack(
        [
            np.cos(longitude),
            np.cos(_OBLIQUITY) * np.sin(longitude),
            np.sin(_OBLIQUITY) * np.sin(longitude),
        ],
        axis=-1,
    )


def _vectors(longitude: Floats, latitude: Floats) -> Floats:
    return np.stack(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ],
        axis=-1,
    )
