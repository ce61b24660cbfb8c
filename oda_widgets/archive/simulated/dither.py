"""Dither patterns: the small steps between the pointings of an observation.

A coded mask needs them to tell sources from the structure of the background. INTEGRAL used a square
of 5 x 5 and a hexagon of 7 pointings, both with steps of 2.17 degrees.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP = 2.17
"""Distance of neighbouring pointings, degrees."""


def square() -> Floats:
    """Return the offsets of the 5 x 5 pattern, degrees along Y and Z, shape (25, 2).

    The rows are run through in alternating directions, so that each slew is one step.
    """
    steps = np.arange(-2, 3)
    rows = [[(y, z) for y in (steps if z % 2 == 0 else steps[::-1])] for z in steps]
    return STEP * np.array(rows, float).reshape(25, 2)


def hexagon() -> Floats:
    """Return the offsets of the hexagonal pattern with its centre, degrees, shape (7, 2)."""
    angle = np.radians(60 * np.arange(6))
    corners = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return STEP * np.concatenate([np.zeros((1, 2)), corners])


def offsets(position: NDArray[np.intp], number: NDArray[np.intp]) -> Floats:
    """Return the offsets of pointings, degrees along Y and Z, shape (n, 2).

    An observation too short for 25 pointings takes the hexagon. Which one was really taken the
    list of observations does not say.

    Parameters
    ----------
    position
        Place of each pointing in its observation, counted from 0.
    number
        How many pointings its observation has.
    """
    wide, narrow = square(), hexagon()
    return np.where(
        (number >= len(wide))[:, None],
        wide[position % len(wide)],
        narrow[position % len(narrow)],
    )
