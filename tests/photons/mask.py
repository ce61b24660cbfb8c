"""The tungsten mask, and whether a straight photon path gets through it.

The pattern is a 53x53 MURA of quadratic residues repeated to 95x95 elements, with its
first element at the centre. Arrays are ``[z, y]``, True where a cell is open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .arrays import Booleans, Floats, Integers

ORDER = 53
SIDE = 95


def quadratic_residues(order: int) -> Booleans:
    """Mask of the non-zero squares modulo `order` among 0..order-1."""
    is_residue = np.zeros(order, dtype=np.bool_)
    is_residue[np.arange(1, order) ** 2 % order] = True
    return is_residue


def mura(order: int = ORDER) -> Booleans:
    """Build the modified uniformly redundant array of a prime `order`; True is open.

    Row 0 is closed, column 0 is open below it, and elsewhere a cell is open where both
    of its coordinates are residues or both are not (Gottesman & Fenimore 1989).
    """
    is_residue = quadratic_residues(order)
    pattern: Booleans = is_residue[:, np.newaxis] == is_residue[np.newaxis, :]
    pattern[:, 0] = True
    pattern[0, :] = False
    return pattern


def flight_pattern() -> Booleans:
    """Return the 95x95 pattern that flew; ``[z, y]``, True is open."""
    index = (np.arange(SIDE) - SIDE // 2) % ORDER
    pattern: Booleans = mura()[index[:, np.newaxis], index]
    return pattern


@dataclass(frozen=True)
class Mask:
    """An opaque perforated plate above the detector.

    Attributes
    ----------
    pattern
        Open cells, ``[z, y]``.
    element
        Side of a cell, mm.
    thickness
        Depth of the holes, mm.
    height
        Mid-plane above the detector, mm.
    shift_y, shift_z
        Mask point seen by a photon that falls on the detector centre along the
        spacecraft X axis, mm (the spacecraft to IBIS misalignment).
    """

    pattern: Booleans = field(default_factory=flight_pattern)
    element: float = 11.2
    thickness: float = 16.0
    height: float = 3202.97
    shift_y: float = 3.29
    shift_z: float = 7.45

    @property
    def open_fraction(self) -> float:
        """Fraction of the cells that is open (0.5002 for the flight pattern)."""
        return float(self.pattern.mean())

    def is_open(self, y: Floats, z: Floats, slopes: tuple[float, float]) -> Booleans:
        """Whether parallel photons that hit the detector passed the mask.

        A photon visits the cell where it leaves the lower face, the cell where it
        enters the upper face and, if it changes cell along both axes, one more between
        them, which depends on the boundary met first. All must be open.

        Parameters
        ----------
        y, z
            Where photons hit the detector plane, mm from its centre.
        slopes
            Tangents ``(s.Y/s.X, s.Z/s.X)`` of the source direction.

        Notes
        -----
        A path is assumed to cross at most one boundary per axis. Those that cross more
        are inclined by over 35 degrees and pass far outside the mask: closed as well.
        """
        column = _Track.of(y, slopes[0], self.shift_y, self.pattern.shape[1], self)
        row = _Track.of(z, slopes[1], self.shift_z, self.pattern.shape[0], self)
        return _all_cells_open(np.pad(self.pattern, 1), row, column)


@dataclass(frozen=True)
class _Track:
    """The passage of photons through the plate along one axis, in cells."""

    first: Integers
    last: Integers
    to_boundary: Floats
    advance: float

    @classmethod
    def of(cls, position: Floats, slope: float, shift: float, cells: int, mask: Mask) -> _Track:
        bottom = (mask.height - mask.thickness / 2) * slope + shift
        # One closed cell is padded around the pattern, hence the 1.
        enter = (position + bottom) / mask.element + (cells / 2 + 1)
        advance = mask.thickness * slope / mask.element
        first, last = np.floor(enter), np.floor(enter + advance)
        to_boundary = np.abs(np.maximum(first, last) - enter)
        return cls(
            first=np.clip(first, 0, cells + 1).astype(np.intp),
            last=np.clip(last, 0, cells + 1).astype(np.intp),
            to_boundary=to_boundary,
            advance=abs(advance),
        )


def _all_cells_open(padded: Booleans, row: _Track, column: _Track) -> Booleans:
    """Look up every visited cell; with fewer than two crossings the middle repeats."""
    y_first = column.to_boundary * row.advance < row.to_boundary * column.advance
    middle_row = np.where(y_first, row.first, row.last)
    middle_column = np.where(y_first, column.last, column.first)
    flat, width = padded.ravel(), padded.shape[1]
    passed: Booleans = flat[row.first * width + column.first]
    passed &= flat[row.last * width + column.last]
    passed &= flat[middle_row * width + middle_column]
    return passed
