"""Check energies by the bump of the background, at 60 keV at every rise time if they are right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.energies.bump import BIN, BINS, BUMP, Bump, find_bump
from oda_widgets.instruments.isgri.energies.positrons import positrons_in_place

RISE_TIME_CLASSES = (7, 16, 25, 35, 45, 60, 81)
"""Edges of the classes of rise time as recorded."""

_TOLERANCE = 4.0
"""Largest deviation of the bump from 60 keV, beyond three errors, keV."""

_LARGEST_ERROR = 2.0
"""Error beyond which a class is not judged, keV."""

_POPULATED = 0.01
"""Fraction of the events above which a class must be judged."""

_BLENDS = (56.0, 78.0)
"""Range of the top of any blend of the lines of tungsten and lead, keV."""

_AT_ONCE = 1 << 15  # events: few enough to stay in the cache of the processor


@dataclass(frozen=True)
class Health:
    """Position of the background's bump at short and long rise times.

    Parameters
    ----------
    bumps
        One for each class of `RISE_TIME_CLASSES`.
    populated
        Number of classes that hold events.
    positrons
        Whether the line at 511 keV is in its place; searched only if the bump is off by the same
        amount at all rise times.
    """

    bumps: tuple[Bump, ...]
    populated: int
    positrons: bool = False

    @property
    def judged(self) -> tuple[Bump, ...]:
        """Bumps of the classes with enough counts."""
        return tuple(bump for bump in self.bumps if bump.error < _LARGEST_ERROR)

    @property
    def known(self) -> bool:
        """Whether most of the classes that hold events can be judged."""
        return len(self.judged) > self.populated // 2

    @property
    def good(self) -> bool:
        """Whether the bump is at 60 keV in all classes that can be judged."""
        return self.known and all(
            abs(bump.energy - BUMP) < _TOLERANCE + 3 * bump.error for bump in self.judged
        )

    @property
    def blend(self) -> float:
        """Relative deviation of the bump if it is the same at all rise times; else 0.

        Wrong energies differ by rise time. A deviation that does not may also come from other
        strengths of the lines of tungsten and lead, which blend into the bump.
        """
        found = [bump.energy for bump in self.judged]
        if not self.known or self.good or max(found) - min(found) > _TOLERANCE:
            return 0.0
        return abs(float(np.mean(found)) / BUMP - 1.0)

    @property
    def is_another_blend(self) -> bool:
        """Whether energies are right, and only the lines have other strengths.

        Then the line at 511 keV is in its place, and the bump within the range of such blends. An
        error of the gain moves both.
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
    """Find the bump of the background in each class of rise time.

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
