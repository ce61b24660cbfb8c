"""Trace photons through the thick mask, one by one.

A photon is traced backwards from a point of the detector along a straight line through the lower
face of the tungsten and, 16 mm further, the upper. It passes if all elements on its way are open:
the one at each face and, if both row and column change in between, the one at the corner, which
depends on the boundary crossed first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.mask import ELEMENT_SIDE, ELEMENTS, mask_pattern

Places = NDArray[np.float32]
Cells = NDArray[np.int32]

_WIDTH = ELEMENTS + 2  # the mask with a closed element on each side


def passes(y: Places, z: Places, tangents: tuple[float, float]) -> NDArray[np.intp]:
    """Return the indices of photons of a parallel beam that pass the mask.

    Parameters
    ----------
    y, z
        Where they hit the plane of the detector, mm from its centre, shape (n,).
    tangents
        Direction of the source (s.Y/s.X, s.Z/s.X), each less than 0.7.

    Returns
    -------
    indices
        Of those that passed, in order.
    """
    column = _Path.of(y, tangents[0], isgri.MASK_SHIFT[0])
    row = _Path.of(z, tangents[1], isgri.MASK_SHIFT[1])
    is_open = _padded_pattern()
    # Half of them stop at the first face; only the others are traced further.
    left = np.flatnonzero(is_open[row.first * _WIDTH + column.first])
    column, row = column.of_those(left), row.of_those(left)
    is_passing = is_open[row.last * _WIDTH + column.last]
    turning = np.flatnonzero((row.last != row.first) & (column.last != column.first) & is_passing)
    is_passing[turning] = is_open[_corner(row.of_those(turning), column.of_those(turning))]
    passed: NDArray[np.intp] = left[is_passing]
    return passed


@dataclass(frozen=True)
class _Path:
    """Paths of photons along one axis, in elements; arrays of shape (n,).

    Parameters
    ----------
    enter
        Place at the lower face.
    first, last
        Elements at the lower and at the upper face.
    drift
        Displacement from face to face.
    """

    enter: Places
    first: Cells
    last: Cells
    drift: float

    @classmethod
    def of(cls, position: Places, tangent: float, shift: float) -> _Path:
        to_face = isgri.MASK_DISTANCE - isgri.MASK_THICKNESS / 2
        origin = (to_face * tangent + shift) / ELEMENT_SIDE + _WIDTH / 2
        drift = isgri.MASK_THICKNESS * tangent / ELEMENT_SIDE
        enter = position * np.float32(1 / ELEMENT_SIDE) + np.float32(origin)
        # Outside the mask is a closed rim, one element wide here.
        enter = np.clip(enter, 0.5, _WIDTH - 0.5)
        last = np.clip(enter + np.float32(drift), 0.5, _WIDTH - 0.5)
        return cls(enter, enter.astype(np.int32), last.astype(np.int32), drift)

    def of_those(self, chosen: NDArray[np.intp]) -> _Path:
        return _Path(self.enter[chosen], self.first[chosen], self.last[chosen], self.drift)

    def fraction_to_boundary(self) -> Places:
        """Return the fraction of the path at which the element changes."""
        boundary = np.maximum(self.first, self.last)
        part: Places = (boundary - self.enter) / np.float32(self.drift)
        return part


def _corner(row: _Path, column: _Path) -> Cells:
    """Return the element between first and last of photons that change both row and column."""
    column_first = column.fraction_to_boundary() < row.fraction_to_boundary()
    return np.where(
        column_first,
        row.first * _WIDTH + column.last,
        row.last * _WIDTH + column.first,
    )


@cache
def _padded_pattern() -> NDArray[np.bool_]:
    """Return the mask with a closed rim, flat."""
    pattern = np.pad(mask_pattern(), 1).ravel()
    pattern.setflags(write=False)
    return pattern
