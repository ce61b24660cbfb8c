"""The pixel illumination function (PIF): the fraction of each pixel that a source illuminates.

In the MURA of IBIS (see `oda_widgets.instruments.isgri.mask`) every row and every column has a
class, chi = +1, -1 or 0, and an element is open where the classes of its row and its column
agree, or where its column has class 0 and its row has not. A ray crosses the 16 mm of tungsten
inclined by less than 16 degrees, so along one axis it changes the element at most once, and it
passes if all the elements it visits are open: if all rows and columns it visits agree. Hence the
shadow of the thick mask is a sum of three outer products,

    PIF = Z[both rows +] Y[both columns + or 0] + Z[both rows -] Y[both columns - or 0]
          + Z[one row +, one row -] Y[both columns 0],

where "both" means the elements at the two faces, and Z[.], Y[.] are the parts of the pixel's
footprint along an axis where that holds. It is exact at every position of the source, except for
rays that change both row and column at the edge of the one column of class 0, where the order of
the two changes matters: less than 0.003 of a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.mask import ELEMENT_SIDE, ELEMENTS, element_classes

Classes = NDArray[np.int8]


def illumination(tangent_y: Floats, tangent_z: Floats) -> Singles:
    """Return the illuminated fraction of every pixel for sources.

    Parameters
    ----------
    tangent_y, tangent_z
        Directions (s.Y/s.X, s.Z/s.X), shape (n_sources,).

    Returns
    -------
    ndarray
        Shape (n_sources, 134, 130); zero between the modules.
    """
    # Directions are often those of a grid, with few different values along each axis.
    (y, of_y), (z, of_z) = _distinct(tangent_y), _distinct(tangent_z)
    along_z = row_factors(z).astype(np.float32)[:, of_z]
    along_y = column_factors(y).astype(np.float32)[:, of_y]
    shadow: Singles = along_z.transpose(1, 2, 0) @ along_y.transpose(1, 0, 2)
    shadow *= isgri.existing_pixels()
    return shadow


def _distinct(values: Floats) -> tuple[Floats, list[int]]:
    """Return the distinct values, and the index of each value among them.

    For the few values of a search, `np.unique` would take as long as everything else.
    """
    numbers: dict[float, int] = {}
    which = [
        numbers.setdefault(value, len(numbers)) for value in np.asarray(values, float).tolist()
    ]
    return np.array(list(numbers)), which


@lru_cache(maxsize=128)
def shadow_of(tangent_y: float, tangent_z: float) -> Singles:
    """Return the illumination of one source, (134, 130), cached for the next fit."""
    shadow: Singles = illumination(np.array([tangent_y]), np.array([tangent_z]))[0]
    shadow.setflags(write=False)
    return shadow


def row_factors(tangent_z: Floats) -> Floats:
    """Return the factors along Z, shape (3, n, 134)."""
    parts = _Footprint.of(tangent_z, isgri.pixel_centres_z(), isgri.MASK_SHIFT[1])
    mixed = parts.changing * (parts.left_class * parts.right_class == -1)
    return np.array([parts.where_both(1), parts.where_both(-1), mixed])


def column_factors(tangent_y: Floats) -> Floats:
    """Return the factors along Y, shape (3, n, 130)."""
    parts = _Footprint.of(tangent_y, isgri.pixel_centres_y(), isgri.MASK_SHIFT[0])
    return np.array([parts.where_both(1, 0), parts.where_both(-1, 0), parts.where_both(0)])


@dataclass(frozen=True)
class _Footprint:
    """Mask elements crossed by the rays to each pixel along one axis, shapes (n, n_pixels).

    An element is 11.2 mm wide and the rays to a pixel are spread over less than 7.2 mm, so they
    meet at most one boundary between elements.

    Parameters
    ----------
    left, right
        Fraction of the rays that stay in the element left and right of the boundary.
    changing
        Fraction of the rays that change from one to the other inside the mask.
    left_class, right_class
        Classes of the two elements.
    """

    left: Floats
    right: Floats
    changing: Floats
    left_class: Classes
    right_class: Classes

    @classmethod
    def of(cls, tangent: Floats, pixel_centres: Floats, shift: float) -> _Footprint:
        """Return the footprints of pixels for rays of given directions along one axis."""
        centre = pixel_centres + isgri.MASK_DISTANCE * tangent[:, None] + shift
        element = np.floor(centre / ELEMENT_SIDE)
        boundary = (element + 0.5) * ELEMENT_SIDE - centre
        half_drift = np.abs(tangent[:, None]) * isgri.MASK_THICKNESS / 2
        left = _fraction_below(boundary - half_drift)
        right = 1.0 - _fraction_below(boundary + half_drift)
        number = element.astype(np.intp) + ELEMENTS // 2
        left_class, right_class = _class_of(number), _class_of(number + 1)
        return cls(left, right, 1.0 - left - right, left_class, right_class)

    def where_both(self, *classes: int) -> Floats:
        """Return the fraction of rays all of whose elements are of the given classes."""
        left, right = _is_any(self.left_class, classes), _is_any(self.right_class, classes)
        return self.left * left + self.right * right + self.changing * (left & right)


def _is_any(values: Classes, classes: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return True for values in any of some classes; faster than `np.isin`."""
    found: NDArray[np.bool_] = values == classes[0]
    for other in classes[1:]:
        found |= values == other
    return found


def _class_of(element: NDArray[np.intp]) -> Classes:
    """Return the class of elements 0 to 94, and that of the outside for all others."""
    return element_classes()[np.minimum(np.maximum(element + 1, 0), ELEMENTS + 1)]


def _fraction_below(position: Floats) -> Floats:
    """Return the part of a pixel below a position counted in mm from its centre."""
    fraction: Floats = position / isgri.PIXEL_ACTIVE_SIDE + 0.5
    # `np.clip` takes three times as long, in every direction of a search.
    np.maximum(fraction, 0.0, out=fraction)
    np.minimum(fraction, 1.0, out=fraction)
    return fraction
