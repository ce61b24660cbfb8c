"""Whether energies are right: the bump of the background at 60 keV, at every rise time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.energies.bump import BIN, BINS, BUMP, Bump, find_bump
from oda_widgets.instruments.isgri.energies.positrons import positrons_in_place

RISE_TIME_CLASSES = (7, 16, 25, 35, 45, 60, 81)
"""Edges of the classes of rise time as recorded."""

_TOLERANCE = 4.0
"""How far from its place the bump may be, keV, beside three errors."""

_LARGEST_ERROR = 2.0
"""Beyond it, keV, a class says nothing."""

_POPULATED = 0.01
"""Part of the events from which on a class is one that must be judged."""

_BLENDS = (56.0, 78.0)
"""Between which energies, keV, the top of any blend of the lines of tungsten and lead lies."""

_AT_ONCE = 1 << 15  # events: what is computed of so few stays in the cache of the processor


@dataclass(frozen=True)
class Health:
    """Position of the background's bump at short and long rise times.

    Parameters
    ----------
    bumps
        One for each class of `RISE_TIME_CLASSES`.
    populated
        How many of them hold events.
    positrons
        Whether the line at 511 keV is seen in its place; looked for where the bump is off at all
        rise times alike.
    """

    bumps: tuple[Bump, ...]
    populated: int
    positrons: bool = False

    @property
    def judged(self) -> tuple[Bump, ...]:
        """Those of the classes with enough counts."""
        return tuple(bump for bump in self.bumps if bump.error < _LARGEST_ERROR)

    @property
    def known(self) -> bool:
        """Whether there are counts enough to judge most of the classes that hold events."""
        return len(self.judged) > self.populated // 2

    @property
    def good(self) -> bool:
        """Whether the bump is seen, and in its place, in all classes that can be judged."""
        return self.known and all(
            abs(bump.energy - BUMP) < _TOLERANCE + 3 * bump.error for bump in self.judged
        )

    @property
    def blend(self) -> float:
        """How far off the bump is, relative, where it is so at all rise times alike; else 0.

        Energies that are wrong differ by rise time. Where they do not, other strengths of the lines
        of tungsten and lead, which blend into the bump, explain it as well.
        """
        found = [bump.energy for bump in self.judged]
        if not self.known or self.good or max(found) - min(found) > _TOLERANCE:
            return 0.0
        return abs(float(np.mean(found)) / BUMP - 1.0)

    @property
    def is_another_blend(self) -> bool:
        """Whether energies are right all the same, and only the lines have other strengths.

        Then the line at 511 keV is in its place, and the bump where such lines may put it. An error
        of the gain moves both.
        """
        low, high = _BLENDS
        possible = all(low < bump.energy < high for bump in self.judged)
        return self.blend > 0 and possible and self.positrons

    def __str__(self) -> str:
        if not self.known:
            return "too few events to see the background bump of tungsten and lead"
        found = [bump.energy for bump in self.judged]
        return f"background bump of tungsten and lead at {min(found):.1f} to {max(found):.1f} keV"


def health(energy: NDArray[np.float32], rise_time: NDArray[np.uint8]) -> Health:
    """Look for the bump of the background in each class of rise time.

    Parameters
    ----------
    energy
        keV, shape (n_events,).
    rise_time
        As recorded, shape (n_events,).

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(1)
    >>> print(health(random.normal(60, 8, 100_000), random.integers(7, 81, 100_000)).good)
    True
    """
    spectra = _spectra(energy, rise_time)
    share = spectra.sum(axis=1) / max(float(spectra.sum()), 1.0)
    populated = int(np.count_nonzero(share > _POPULATED))
    found = Health(tuple(find_bump(counts) for counts in spectra), populated)
    return replace(found, positrons=positrons_in_place(energy)) if found.blend else found


def _spectra(energy: NDArray[np.float32], rise_time: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the spectrum of each class, shape (n_classes, 400)."""
    classes = len(RISE_TIME_CLASSES) - 1
    class_of = np.searchsorted(RISE_TIME_CLASSES, np.arange(256), side="right") - 1
    counts = np.zeros(classes * BINS)
    for start in range(0, len(energy), _AT_ONCE):
        some = energy[start : start + _AT_ONCE]
        kind = class_of.take(rise_time[start : start + _AT_ONCE])
        inside = np.flatnonzero((some > 0) & (some < BINS * BIN) & (kind >= 0) & (kind < classes))
        cell = kind[inside] * BINS + (some[inside] * (1 / BIN)).astype(np.intp)
        counts += np.bincount(cell, minlength=classes * BINS)
    return counts.reshape(classes, BINS)
