"""Calibrate energies on the instrumental lines of a science window.

The background shows the bump of tungsten and lead at 60 keV and the line of positrons at 511 keV.
Their heights in channels, at each rise time and in each module, define the energy scale; OSA's
tables of the evolution of the detector come from the same lines.

The curve between them is that of science window 255900280010 (2022-10-12, after 20 years in orbit):
the lines at 60, 150.8 (cadmium) and 511 keV lie on one straight line, which crosses height zero at
12 keV; below the bump the curve bends to zero. Pulses of long rise time are stretched: their bump
lies a little higher, and beyond a rise time of 34 charge of the holes is lost, up to a sixth at 511
keV.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.energies.bump import BIN, BINS, BUMP, Bump, find_bump
from oda_widgets.instruments.isgri.energies.energy_table import (
    HEIGHTS,
    RISE_TIMES,
    EnergyTable,
)
from oda_widgets.instruments.isgri.energies.far_line import FarLine, find_far_line
from oda_widgets.instruments.isgri.energies.first_guess import guess_bump
from oda_widgets.instruments.isgri.energies.line_counts import (
    FIRST,
    LAST,
    MODULES,
    NEAR_BINS,
    NEAR_WIDTH,
    LineCounts,
)
from oda_widgets.instruments.isgri.energies.pulses import Pulses

_POSITRONS = 511.0

_KNEE = 0.40
"""Height relative to that of the bump at which the curve bends to zero."""

_EDGES = (FIRST, 12, 16, 20, 25, 30, 35, 40, 45, 52, 60, 70, LAST + 1)
"""Edges of the classes of rise time, as recorded."""

_CLASSES = len(_EDGES) - 1
_CENTRES = np.array([(first + last - 1) / 2 for first, last in pairwise(_EDGES)])
_SHORT = slice(1, 6)
"""Classes in which the bump is clearest."""

_USUAL = np.array([0.97, 0.98, 0.99, 1.0, 1.01, 1.02, 1.03, 1.05, 1.08, 1.09, 1.05, 1.01])
"""Height of the bump in each class, up to a factor."""

_CLASS_SPREAD, _MODULE_SPREAD = 0.04, 0.03
"""Relative spread of classes and of modules around the usual heights."""

_STEPS = 4
_WITHIN = (44.0, 92.0)
"""Range in which the bump is searched after the first guess, keV."""

_LARGEST_ERROR = 2.0
"""Error beyond which a bump does not count, keV."""

_FARTHEST = 0.15
"""Largest relative distance from the first guess; beyond it the guess was not the bump."""

_NATURE = 0.7
"""Uncertainty of the nominal top of the blend of lines at 60 keV, keV."""

_CURVE = (
    (20.0, 0.08),
    (35.0, 0.035),
    (BUMP, 0.0),
    (100.0, 0.015),
    (150.8, 0.01),
    (250.0, 0.01),
    (_POSITRONS, 0.005),
)
"""Energies in keV, and the relative differences of other smooth curves through the lines there."""


@dataclass(frozen=True)
class LineScale:
    """Positions of the lines, in channels.

    Parameters
    ----------
    bump
        Height of 60 keV in each class of rise time, shape (12,).
    error
        Standard deviation due to counting, shape (12,); infinite where no bump was found.
    module
        Heights in each module relative to the mean of all, shape (8,).
    far
        The line at 511 keV.
    """

    bump: Floats
    error: Floats
    module: Floats
    far: FarLine

    @property
    def reference(self) -> float:
        """Height of 60 keV at short rise times."""
        return float(np.mean(self.bump[_SHORT]))

    def energies(self, height: Floats) -> Floats:
        """Return the energies of heights at all rise times, keV.

        Parameters
        ----------
        height
            Channels, shape (n,).

        Returns
        -------
        energies
            Shape (256 rise times, n).
        """
        time = np.arange(float(RISE_TIMES))
        bump = np.interp(time, _CENTRES, self.bump)[:, None]
        far = self.far.height * self.far.left(time)[:, None]
        beyond = np.maximum((height - bump) / (far - bump), 0.0)
        at_bump, at_far = bump / self.reference, far / self.far.height
        stretch = at_bump + (at_far - at_bump) * np.minimum(beyond, 2.0)
        return self._unstretched(height / stretch)

    def _unstretched(self, height: Floats) -> Floats:
        """Return the energies of heights at short rise times."""
        bent = np.tanh(1.0 / _KNEE)
        step = (_POSITRONS * bent - BUMP) / (self.far.height * bent - self.reference)
        bend = (BUMP - step * self.reference) / bent
        energy: Floats = step * height + bend * np.tanh(height / (_KNEE * self.reference))
        return energy

    def apply(self, pulses: Pulses, height: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the energies of events, keV; zero for rise times that are not used.

        Parameters
        ----------
        pulses
            The events.
        height
            Their heights on a common scale of all pixels (see `PixelGains.level`).
        """
        table = EnergyTable(self.energies(np.arange(HEIGHTS, dtype=float)))
        table.energy[:FIRST] = table.energy[LAST + 1 :] = 0.0
        energy = np.empty(len(pulses), np.float32)
        for piece, some in pulses.pieces():
            in_module = height[piece] / self.module.take(some.module)
            energy[piece] = table.look_up(in_module, some.rise_time)
        return energy

    def uncertainty(self, energy: Floats) -> Floats:
        """Return the relative uncertainty of the scale at energies in keV.

        At the lines it is that of the lines; elsewhere the differences of other smooth curves
        through the same lines are added.
        """
        near = float(np.hypot(_NATURE, np.sum(self.error**-2.0) ** -0.5)) / BUMP
        far = self.far.error / self.far.height
        at, curve = np.array(_CURVE).T
        lines = np.interp(np.log(at), np.log([BUMP, _POSITRONS]), [near, far])
        uncertainty: Floats = np.interp(np.log(energy), np.log(at), np.hypot(lines, curve))
        return uncertainty


def calibrate(counts: LineCounts) -> LineScale | None:
    """Find the lines in the counts of a science window and, if there are any, its neighbours.

    Parameters
    ----------
    counts
        By module, rise time and height.

    Returns
    -------
    scale
        None if the counts do not show the bump.
    """
    first = guess_bump(counts.near[:, _EDGES[1] - FIRST : _EDGES[6] - FIRST].sum(axis=(0, 1)))
    if first is None:
        return None
    far = FarLine.usual(first)
    scale = LineScale(first * _USUAL, np.full(_CLASSES, np.inf), np.ones(MODULES), far)
    for step in range(_STEPS):
        spectra = _spectra(scale, counts)
        bumps = [find_bump(spectra[:, rows].sum(axis=(0, 1)), *_WITHIN) for rows in _class_rows()]
        if not any(bump.error < _LARGEST_ERROR for bump in bumps):
            return None
        scale = _with_classes(scale, bumps)
        scale = _with_modules(scale, [find_bump(s.sum(axis=0), *_WITHIN) for s in spectra])
        if step == 0:
            scale = replace(scale, far=_far_line(counts, scale.reference))
    return scale if abs(scale.reference / first - 1.0) < _FARTHEST else None


def _far_line(counts: LineCounts, bump: float) -> FarLine:
    spectra = np.stack([counts.far[rows].sum(axis=0) for rows in _class_rows()])
    return find_far_line(spectra, _CENTRES, bump)


def _class_rows() -> Iterator[slice]:
    return (slice(first - FIRST, last - FIRST) for first, last in pairwise(_EDGES))


def _spectra(scale: LineScale, counts: LineCounts) -> Floats:
    """Return the spectra of counts on a scale, shape (8 modules, 74 rise times, 400)."""
    height = (np.arange(NEAR_BINS) + 0.5) * NEAR_WIDTH
    spectra = np.empty((*counts.near.shape[:2], BINS))
    for module, factor in enumerate(scale.module):
        energy = scale.energies(height / factor)[FIRST : LAST + 1]
        row = np.arange(len(energy))[:, None] * BINS
        cell = row + np.clip(energy * (1 / BIN), 0, BINS - 1).astype(np.intp)
        flat = np.bincount(cell.ravel(), counts.near[module].ravel(), minlength=row.size * BINS)
        spectra[module] = flat.reshape(-1, BINS)
    return spectra


def _with_classes(scale: LineScale, bumps: list[Bump]) -> LineScale:
    """Return a scale with the bump nearer to 60 keV in each class of rise time."""
    factor, error = _misplacement(bumps)
    bump = _shrunk(scale.bump * factor, error * scale.bump, _USUAL, _CLASS_SPREAD)
    return replace(scale, bump=bump, error=error * BUMP)


def _with_modules(scale: LineScale, bumps: list[Bump]) -> LineScale:
    """Return a scale with the bump nearer to 60 keV in each module."""
    factor, error = _misplacement(bumps)
    module = _shrunk(scale.module * factor, error, np.ones(MODULES), _MODULE_SPREAD)
    return replace(scale, module=module / module.mean())


def _misplacement(bumps: list[Bump]) -> tuple[Floats, Floats]:
    """Return the positions of bumps relative to 60 keV, and their relative errors."""
    energy = np.array([bump.energy for bump in bumps])
    return energy / BUMP, np.array([bump.error for bump in bumps]) / BUMP


def _shrunk(value: Floats, error: Floats, usual: Floats, spread: float) -> Floats:
    """Return the means of measured and usual values, weighted by error and spread.

    Parameters
    ----------
    value, error
        As measured, shape (n,); infinite errors where there is no measurement.
    usual
        The usual values, up to a factor.
    spread
        Relative spread of values around the usual ones.
    """
    weight = np.where(np.isfinite(error), 1.0 / np.maximum(error, 1e-6) ** 2, 0.0)
    value = np.where(weight > 0, value, 0.0)
    level = np.sum(weight * value / usual) / np.sum(weight)
    own = weight / (weight + (spread * level) ** -2)
    shrunk: Floats = own * value + (1.0 - own) * level * usual
    return shrunk
