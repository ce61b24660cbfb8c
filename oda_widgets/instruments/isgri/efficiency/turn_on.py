"""The efficiency of pixels near their low thresholds, measured from the spectrum of each.

A pixel records nothing below its threshold, and each has another. The thresholds and the spectrum
that pixels would show without are found together, as those under which the counts of all pixels are
most probable (see `oda_widgets.instruments.isgri.efficiency.law`). The brightness of a pixel is
free, with a gamma law around the mean of its class; given a threshold its integral is known. Pixels
in the light of a bright source show another spectrum than those in shadow: pixels in like light
share one. Which light that is has to be known: what few counts a pixel has tells it not, and soft
light would be taken for low thresholds, shadow for high ones.

Only means over many pixels are given. What one pixel shows of its own threshold holds its part of
the sources, and would be taken for background: which pixel sees how much is measured at other times
(see `engine.template`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.efficiency.edge import Edge
from oda_widgets.instruments.isgri.efficiency.law import Law, Pixels, likeliest_law

FIRST, LAST = 12.0, 64.0
"""Energies between which thresholds are looked for, keV."""

STEP = 1.0
BINS = int((LAST - FIRST) / STEP)

_ABOVE = 46.0
"""Hardly any threshold lies above it: the brightness of pixels shows there."""

_HIGHEST = 58.0
"""The highest threshold that is told from a pixel that is dead, keV."""

_FINE = 0.5
"""Between thresholds, keV."""

_ENOUGH_PIXELS, _ENOUGH_EVENTS = 4096, 100_000
"""From as many the law is found, if there are more."""

_TELLING = 10.0
"""Logarithm of the likelihood by which another shape must be better than the first."""


def energies() -> Floats:
    """Return the energies at which efficiencies are found: centres of bins, keV, shape (52,)."""
    return np.arange(FIRST, LAST, STEP) + STEP / 2


def turn_on(
    counts: NDArray[np.float32], edges: Sequence[Edge], kinds: NDArray[np.intp]
) -> tuple[NDArray[np.float32], Edge]:
    """Return the efficiency of pixels as far as their own counts tell.

    Parameters
    ----------
    counts
        Events of each pixel in bins of `STEP` keV from `FIRST` to `LAST`, shape (n_pixels, 52).
    edges
        The shapes that thresholds may have. The first is taken unless another describes the counts
        much better.
    kinds
        The class of light that each pixel is in, from 0, shape (n_pixels,).

    Returns
    -------
    efficiency
        Shape (n_pixels, 52).
    edge
        The shape that was taken.
    """
    laws = {edge: _law(counts, edge, kinds) for edge in edges}
    first, *others = edges
    edge = max(others, key=lambda other: laws[other][1], default=first)
    if laws[edge][1] <= laws[first][1] + _TELLING:
        edge = first
    law = laws[edge][0]
    pixels = Pixels.of(counts, kinds, law)
    efficiency = np.empty_like(counts)
    efficiency[pixels.order] = law.probable(pixels) @ _passed(edge).astype(np.float32)
    return efficiency, edge


def _law(counts: NDArray[np.float32], edge: Edge, kinds: NDArray[np.intp]) -> tuple[Law, float]:
    """Return the law of the counts of pixels, and the logarithm of its likelihood."""
    bright = counts[:, energies() > _ABOVE].sum(axis=1, dtype=float)
    law = Law.of(counts, kinds, np.maximum(_passed(edge), edge.noise), bright)
    events = float(counts.sum(dtype=float))
    every = max(min(len(counts) // _ENOUGH_PIXELS, int(events / _ENOUGH_EVENTS)), 1)
    return likeliest_law(law, Pixels.of(counts[::every], kinds[::every], law))


def _passed(edge: Edge) -> Floats:
    """Return the part of each bin that pixels of each threshold record, (n_thresholds, 52)."""
    thresholds = np.append(0.0, np.arange(FIRST + _FINE / 2, _HIGHEST, _FINE))
    within = (np.arange(16) + 0.5) / 16 * STEP
    energy = np.arange(FIRST, LAST, STEP)[:, None] + within
    passed: Floats = edge.passed(energy - thresholds[:, None, None]).mean(axis=2)
    return passed
