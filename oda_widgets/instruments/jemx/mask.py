"""A stand-in for the coded mask of JEM-X, whose flown pattern is not published.

Published (ISDC, OSA user manual for JEM-X; Lund et al. 2003, A&A 411, L231): a hexagonal uniformly
redundant array of 22501 cells of 3.3 mm, a quarter of them open, in 0.5 mm of tungsten 3401 mm
above the detector. 22501 is a prime, and its 5625 quartic residues are a difference set: their
autocorrelation is flat. They form the stand-in, which has the resolution, the open fraction and the
noise of the real mask, but another pattern: it cannot decode real events.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

CELLS = 22501

CELL = 3.3
"""Width of a cell, the distance between the centres of neighbours, in mm."""

MASK_DISTANCE = 3401.0
"""From the detector to the mask in mm."""

MASK_THICKNESS = 0.5
"""Thickness of the tungsten in mm."""

MASK_RADIUS = 262.0
"""Radius in mm of a circle around all cells."""

STAND_IN = (
    "the mask is a stand-in for the flown one, whose pattern is not published: 22501 hexagonal"
    " cells of 3.3 mm, a quarter of them open (quartic residues)"
)
"""Note on every product of simulated events."""

_SIXTH_ROOT = 1133  # of 1 modulo 22501: a turn by 60 degrees multiplies a number by it
_REACH = 100  # cells from the middle along an axis, beyond the mask


@dataclass(frozen=True)
class HexagonalMask:
    """Open and closed hexagonal cells; one side of each is parallel to Z.

    Parameters
    ----------
    cell
        Width of a cell in mm.
    """

    cell: float = CELL

    def transmission(self, y: Floats, z: Floats) -> NDArray[np.bool_]:
        """Return True where a ray passes.

        Parameters
        ----------
        y, z
            Places on the mask in mm from its middle, broadcast.
        """
        along, up = _nearest_cell(np.asarray(y) / self.cell, np.asarray(z) / self.cell)
        inside = (np.abs(along) <= _REACH) & (np.abs(up) <= _REACH)
        passes: NDArray[np.bool_] = (
            inside
            & open_cells()[
                np.clip(along, -_REACH, _REACH) + _REACH, np.clip(up, -_REACH, _REACH) + _REACH
            ]
        )
        return passes

    @property
    def cell_area(self) -> float:
        """Area of a cell in mm2."""
        return float(np.sqrt(3) / 2 * self.cell**2)

    @property
    def shading(self) -> float:
        """Fraction of the open area that the thickness of the mask shades, per tangent off axis.

        Three quarters of the neighbours of an open cell are closed, and the width of a cell across
        the rays is 1.10 cells, averaged over directions.
        """
        width = 6 / np.pi / np.sqrt(3) * self.cell
        return float((1 - self.open_fraction) * MASK_THICKNESS * width / self.cell_area)

    @property
    def open_fraction(self) -> float:
        """Fraction of the cells that is open."""
        return float(open_cells().sum()) / CELLS

    def holes(self) -> Floats:
        """Return the centres of the open cells, mm, shape (n, 2)."""
        along, up = np.nonzero(open_cells())
        along, up = along - _REACH, up - _REACH
        centres: Floats = self.cell * np.stack([along + up / 2, np.sqrt(3) / 2 * up], axis=1)
        return centres


@cache
def open_cells() -> NDArray[np.bool_]:
    """Return True for open cells, by their two hexagonal coordinates from -100 to 100.

    The cell (q, r) is q steps along Y and r steps in the direction 60 degrees from it, and has the
    number q + 1133 r modulo 22501. It is open if that is a fourth power.
    """
    steps = np.arange(-_REACH, _REACH + 1)
    along, up = steps[:, None], steps[None, :]
    number = (along + _SIXTH_ROOT * up) % CELLS
    is_power = np.zeros(CELLS, bool)
    is_power[[pow(x, 4, CELLS) for x in range(1, CELLS)]] = True
    distance = along**2 + along * up + up**2
    chosen = np.lexsort((number.ravel(), distance.ravel()))[:CELLS]
    exists = np.zeros(number.size, bool)
    exists[chosen] = True
    cells: NDArray[np.bool_] = is_power[number] & exists.reshape(number.shape)
    cells.setflags(write=False)
    return cells


def _nearest_cell(y: Floats, z: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the hexagonal coordinates of the cells around places in widths of a cell.

    Of three coordinates that sum to zero, the one changed most by rounding is replaced.
    """
    up = np.asarray(z * (2 / np.sqrt(3)))
    along = np.asarray(y - up / 2)
    third = -along - up
    q, r, s = np.rint(along), np.rint(up), np.rint(third)
    off_q, off_r, off_s = np.abs(q - along), np.abs(r - up), np.abs(s - third)
    q_is_worst = (off_q > off_r) & (off_q > off_s)
    r_is_worst = ~q_is_worst & (off_r > off_s)
    q, r = np.where(q_is_worst, -r - s, q), np.where(r_is_worst, -q - s, r)
    return q.astype(np.intp), r.astype(np.intp)
