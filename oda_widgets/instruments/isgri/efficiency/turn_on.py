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
from oda_widgets.instruments.isgri.efficiency.law import (
    Evidence,
    Law,
    Pixels,
    likeliest_law,
    promising,
)

FIRST, LAST = 12.0, 64.0
"""Energies between which thresholds are looked for, keV."""

STEP = 1.0
BINS = int((LAST - FIRST) / STEP)

_ABOVE = 46.0
"""Hardly any threshold lies above it: the brightness of pixels shows there."""

_HIGHEST = 58.0
"""The highest threshold that is told from a pixel that is dead, keV."""

_FINE, _COARSE = 0.5, 2.0
"""Between thresholds, keV; coarse ones tell where to begin."""

_ENOUGH_PIXELS, _ENOUGH_EVENTS = 4096, 100_000
"""From as many the law is found, if there are more."""

_MEANS = np.arange(12.0, 40.0, 3.0)
_WIDTH = 2.5
"""Of the normal distributions of thresholds to begin with, keV."""

_ELSEWHERE = 0.002
"""How frequent other thresholds are, to begin with, against the most frequent one."""

_A_FEW_PIXELS = 2048
"""Pixels that tell where to begin."""


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
        The shapes that thresholds may have, in order of their width. Those after the first are
        tried as long as each describes the counts better than the one before.
    kinds
        The class of light that each pixel is in, from 0, shape (n_pixels,).

    Returns
    -------
    efficiency
        Shape (n_pixels, 52).
    edge
        The shape that was taken.
    """
    bright = counts[:, energies() > _ABOVE].sum(axis=1, dtype=float)
    pixels = Pixels.of(counts, kinds, bright)
    enough = int(counts.sum(dtype=float) / _ENOUGH_EVENTS)
    some = pixels.every(max(min(len(counts) // _ENOUGH_PIXELS, enough), 1))
    begin = _first_shares(pixels.every(max(len(counts) // _A_FEW_PIXELS, 1)), edges[0])
    edge, (law, reached) = edges[0], _law(some, edges[0], begin)
    for other in edges[1:]:
        other_law, likelihood = _law(some, other, begin)
        if likelihood <= reached:
            break
        edge, law, reached = other, other_law, likelihood
    chance = law.probable(Evidence.of(pixels, law.recorded))
    return chance.T @ _passed(edge, law.thresholds).astype(np.float32), edge


def _law(pixels: Pixels, edge: Edge, share: Floats) -> tuple[Law, float]:
    """Return the law of the counts of pixels, and the logarithm of its likelihood."""
    law = _law_to_begin_with(pixels, edge, _thresholds(_FINE), share)
    return likeliest_law(law, Evidence.of(pixels, law.recorded))


def _first_shares(pixels: Pixels, edge: Edge) -> Floats:
    """Return about which share of the pixels has each threshold: a normal distribution.

    From thresholds that are all alike frequent the way is long, and few counts show no end of it.
    """
    at = _thresholds(_COARSE)
    laws = [_law_to_begin_with(pixels, edge, at, _around(mean, at)) for mean in _MEANS]
    best = promising(laws, Evidence.of(pixels, laws[0].recorded))
    return _around(_MEANS[best], _thresholds(_FINE))


def _around(mean: float, at: Floats) -> Floats:
    """Return how frequent thresholds are around a mean."""
    frequent: Floats = np.exp(-0.5 * ((at - mean) / _WIDTH) ** 2) + _ELSEWHERE
    return frequent


def _law_to_begin_with(pixels: Pixels, edge: Edge, at: Floats, share: Floats) -> Law:
    return Law.of(pixels, at, np.maximum(_passed(edge, at), edge.noise), share)


def _thresholds(step: float) -> Floats:
    """Return the thresholds that are looked for, keV; the first is that of pixels without one."""
    return np.append(0.0, np.arange(FIRST + step / 2, _HIGHEST, step))


def _passed(edge: Edge, thresholds: Floats) -> Floats:
    """Return the part of each bin that pixels of thresholds record, (n_thresholds, 52)."""
    within = (np.arange(16) + 0.5) / 16 * STEP
    energy = np.arange(FIRST, LAST, STEP)[:, None] + within
    passed: Floats = edge.passed(energy - thresholds[:, None, None]).mean(axis=2)
    return passed
