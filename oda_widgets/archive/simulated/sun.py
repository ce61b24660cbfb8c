"""The Sun, which decides how the spacecraft is turned about its line of sight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_J2000 = 0.5  # IJD of 2000-01-01 12:00


def sun_direction(ijd: Floats) -> Floats:
    """Return unit vectors to the Sun, equatorial, shape (n, 3); good to 0.01 degrees.

    The formula is the low-precision one of the Astronomical Almanac (page C5).
    """
    days = np.asarray(ijd, float) - _J2000
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(
        280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    )
    obliquity = np.radians(23.439 - 4e-7 * days)
    return np.stack(
        [
            np.cos(longitude),
            np.cos(obliquity) * np.sin(longitude),
            np.sin(obliquity) * np.sin(longitude),
        ],
        axis=-1,
    )


def sunward_axis(line_of_sight: Floats, ijd: Floats) -> Floats:
    """Return the Z axis of the spacecraft, shape (n, 3).

    The solar panels face the Sun, so Z points at it as nearly as the line of sight allows: in the
    real science window 255900280010 to 0.05 degrees.

    Parameters
    ----------
    line_of_sight
        The X axis, unit vectors, shape (n, 3).
    ijd
        Times, shape (n,).
    """
    sun = sun_direction(ijd)
    along = np.sum(sun * line_of_sight, axis=-1, keepdims=True)
    across = sun - along * line_of_sight
    axis: Floats = across / np.linalg.norm(across, axis=-1, keepdims=True)
    return axis
