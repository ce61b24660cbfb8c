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
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.efficiency.edge import Edge
from oda_widgets.instruments.isgri.efficiency.law import Law, Pixels, likeliest_law, promising

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
    begin = _first_shares(counts, edges[0], kinds)
    edge, (law, reached) = edges[0], _law(counts, edges[0], kinds, begin)
    for other in edges[1:]:
        other_law, likelihood = _law(counts, other, kinds, begin)
        if likelihood <= reached:
            break
        edge, law, reached = other, other_law, likelihood
    pixels = Pixels.of(counts, kinds, law)
    efficiency = np.empty_like(counts)
    efficiency[pixels.order] = law.probable(pixels) @ _passed(edge).astype(np.float32)
    return efficiency, edge


def _law(
    counts: NDArray[np.float32], edge: Edge, kinds: NDArray[np.intp], share: Floats
) -> tuple[Law, float]:
    """Return the law of the counts of pixels, and the logarithm of its likelihood."""
    events = float(counts.sum(dtype=float))
    every = max(min(len(counts) // _ENOUGH_PIXELS, int(events / _ENOUGH_EVENTS)), 1)
    law = _law_to_begin_with(counts, edge, kinds, share)
    return likeliest_law(law, Pixels.of(counts[::every], kinds[::every], law))


def _first_shares(counts: NDArray[np.float32], edge: Edge, kinds: NDArray[np.intp]) -> Floats:
    """Return about which share of the pixels has each threshold: a normal distribution.

    From thresholds that are all alike frequent the way is long, and few counts show no end of it.
    """
    at = _thresholds()
    around = np.exp(-0.5 * ((at - _MEANS[:, None]) / _WIDTH) ** 2) + _ELSEWHERE
    around /= around.sum(axis=1, keepdims=True)
    law = _law_to_begin_with(counts, edge, kinds, around[0])
    laws = [replace(law, share=share) for share in around]
    every = max(len(counts) // _A_FEW_PIXELS, 1)
    pixels = Pixels.of(counts[::every], kinds[::every], laws[0])
    first: Floats = around[promising(laws, pixels)]
    return first


def _law_to_begin_with(
    counts: NDArray[np.float32], edge: Edge, kinds: NDArray[np.intp], share: Floats
) -> Law:
    bright = counts[:, energies() > _ABOVE].sum(axis=1, dtype=float)
    return Law.of(counts, kinds, np.maximum(_passed(edge), edge.noise), share, bright)


def _thresholds() -> Floats:
    """Return the thresholds that are looked for, keV; the first is that of pixels without one."""
    return np.append(0.0, np.arange(FIRST + _FINE / 2, _HIGHEST, _FINE))


def _passed(edge: Edge) -> Floats:
    """Return the part of each bin that pixels of each threshold record, (n_thresholds, 52)."""
    within = (np.arange(16) + 0.5) / 16 * STEP
    energy = np.arange(FIRST, LAST, STEP)[:, None] + within
    passed: Floats = edge.passed(energy - _thresholds()[:, None, None]).mean(axis=2)
    return passed
