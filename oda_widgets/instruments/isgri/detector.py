"""IBIS/ISGRI: positions of its pixels and of its mask above them.

Numbers are from OSA's imaging software, checked against OSA's pixel illumination function of SGR
1935+2154 in science window 255900280010 (correlation 0.994).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

DETECTOR_SHAPE = (134, 130)
"""Pixels along Z and Y, dead rows and columns between the modules included."""

PIXEL_PITCH = 4.6
"""Distance of pixel centres in mm."""

PIXEL_ACTIVE_SIDE = 4.0
"""Side of the sensitive square of a pixel in mm."""

MASK_DISTANCE = 3202.97
"""From the detector to the middle of the mask in mm."""

MASK_THICKNESS = 16.0
"""Thickness of the tungsten elements in mm."""

MASK_SHIFT = (3.29, 7.45)
"""Shift of the mask against the spacecraft axes along Y and Z in mm (3.53' and 8.00')."""

WORKING_PIXELS = 128 * 128

_DEAD_COLUMNS = (64, 65)
_DEAD_ROWS = (32, 33, 66, 67, 100, 101)
_MODULE_EDGES_Y = (0, 66)
_MODULE_EDGES_Z = (0, 34, 68, 102)
MODULE_SHAPE = (32, 64)


def _freeze(array: NDArray[np.generic]) -> None:
    """Make an array read-only: cached arrays are shared by all callers."""
    array.setflags(write=False)


@cache
def pixel_centres_y() -> NDArray[np.float64]:
    """Return the Y coordinates of the 130 pixel columns in mm."""
    centres = (np.arange(DETECTOR_SHAPE[1], dtype=float) - 64.5) * PIXEL_PITCH
    _freeze(centres)
    return centres


@cache
def pixel_centres_z() -> NDArray[np.float64]:
    """Return the Z coordinates of the 134 pixel rows in mm."""
    centres = (np.arange(DETECTOR_SHAPE[0], dtype=float) - 66.5) * PIXEL_PITCH
    _freeze(centres)
    return centres


@cache
def existing_pixels() -> NDArray[np.bool_]:
    """Return True where there is a pixel and False between the modules, shape (134, 130)."""
    exists = np.ones(DETECTOR_SHAPE, dtype=bool)
    exists[list(_DEAD_ROWS)] = False
    exists[:, list(_DEAD_COLUMNS)] = False
    _freeze(exists)
    return exists


@cache
def module_numbers() -> NDArray[np.int8]:
    """Return the module (0 to 7) of each pixel and -1 between the modules, shape (134, 130)."""
    modules = np.full(DETECTOR_SHAPE, -1, dtype=np.int8)
    corners = [(z, y) for z in _MODULE_EDGES_Z for y in _MODULE_EDGES_Y]
    for number, (z, y) in enumerate(corners):
        modules[z : z + MODULE_SHAPE[0], y : y + MODULE_SHAPE[1]] = number
    _freeze(modules)
    return modules


@cache
def module_rims() -> NDArray[np.bool_]:
    """Return True for the outermost pixels of each module, shape (134, 130)."""
    rims = np.zeros(DETECTOR_SHAPE, dtype=bool)
    for z in _MODULE_EDGES_Z:
        rims[[z, z + MODULE_SHAPE[0] - 1]] = True
    for y in _MODULE_EDGES_Y:
        rims[:, [y, y + MODULE_SHAPE[1] - 1]] = True
    rims &= existing_pixels()
    _freeze(rims)
    return rims
