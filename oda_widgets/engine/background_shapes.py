"""The components of a smooth background: of the whole detector, and of each module.

Components on a single module come first, which makes `information` faster.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.polynomial.legendre import legval

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri import detector as isgri

_DEGREE = 3
MODULES = 8


@cache
def smooth_shapes() -> Floats:
    """Return module levels, a polynomial over the detector, and the rims, shape (18, 134, 130)."""
    degrees = [(i, j) for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i) if i + j]
    return _stacked([*_levels(), *(_polynomial(*degree) for degree in degrees), _rims()])


@cache
def shapes_with_modules() -> Floats:
    """Return the smooth shapes with polynomials of each module, shape (60, 134, 130).

    They replace the polynomials over the detector along Y or along Z; the mixed terms stay.
    """
    degrees = [(i, j) for i in range(1, _DEGREE) for j in range(1, _DEGREE + 1 - i)]
    mixed = [_polynomial(*degree) for degree in degrees]
    return _stacked([*_levels(), *module_shapes(), *mixed, _rims()])


@cache
def module_shapes() -> Floats:
    """Return Legendre polynomials along Y and along Z in each module, shape (48, 134, 130)."""
    rows, columns = isgri.MODULE_SHAPE
    z = np.linspace(-1, 1, rows)[:, None] + np.zeros(columns)
    y = np.linspace(-1, 1, columns) + np.zeros((rows, 1))
    shapes = []
    for number in range(MODULES):
        inside = isgri.module_numbers() == number
        for degree in range(1, _DEGREE + 1):
            for place in (y, z):
                shape = np.zeros(isgri.DETECTOR_SHAPE)
                shape[inside] = legval(place, [0] * degree + [1]).ravel()
                shapes.append(shape)
    return _stacked(shapes)


def _levels() -> list[Floats]:
    """Return an image for each module, 1 inside it and 0 elsewhere."""
    modules = isgri.module_numbers()
    return [(modules == number).astype(float) for number in range(MODULES)]


def _polynomial(degree_z: int, degree_y: int) -> Floats:
    """Return the product of two Legendre polynomials over the detector."""
    z = np.linspace(-1, 1, isgri.DETECTOR_SHAPE[0])[:, None]
    y = np.linspace(-1, 1, isgri.DETECTOR_SHAPE[1])[None, :]
    product: Floats = legval(z, [0] * degree_z + [1]) * legval(y, [0] * degree_y + [1])
    return product


def _rims() -> Floats:
    return isgri.module_rims().astype(float)


def _stacked(shapes: list[Floats]) -> Floats:
    """Return shapes as one read-only array, zero between the modules."""
    stacked: Floats = np.stack(shapes) * isgri.existing_pixels()
    stacked.setflags(write=False)
    return stacked
