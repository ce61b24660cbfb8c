"""The coded mask of IBIS: a MURA of 53 x 53 elements, repeated to 95 x 95.

A modified uniformly redundant array (Gottesman & Fenimore 1989, Appl. Opt. 28, 4344) of order p is
built from chi(i), which is +1 where i is a square modulo p, -1 where it is not, and chi(0) = 0. An
element is open if its row and its column have the same class, chi(row) = chi(column) = +1 or -1,
and in the column of class 0 outside the row of class 0.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

ORDER = 53
ELEMENTS = 95

ELEMENT_SIDE = 11.2
"""Side of an element in mm."""

OUTSIDE = 2
"""Class of rows and columns outside the mask, which equals no other."""


@cache
def element_classes() -> NDArray[np.int8]:
    """Return chi of the 95 rows (and columns), with `OUTSIDE` before and after; shape (97,)."""
    index = (np.arange(ELEMENTS) - ELEMENTS // 2) % ORDER
    squares = np.unique(np.arange(1, ORDER) ** 2 % ORDER)
    chi = np.where(np.isin(index, squares), 1, -1)
    chi[index == 0] = 0
    classes = np.pad(chi, 1, constant_values=OUTSIDE).astype(np.int8)
    classes.setflags(write=False)
    return classes


def mask_pattern() -> NDArray[np.bool_]:
    """Return the mask, True where open, shape (95, 95) as [Z, Y] in flight orientation."""
    rows, columns = element_classes()[1:-1, None], element_classes()[None, 1:-1]
    pattern: NDArray[np.bool_] = (rows != 0) & ((columns == rows) | (columns == 0))
    return pattern


def open_fraction() -> float:
    """Return the open fraction of the mask, 0.5002."""
    return float(mask_pattern().mean())
