"""The efficiency of pixels near their low thresholds, measured from their spectra.

A pixel records nothing below its threshold, which differs from pixel to pixel. The thresholds, and
the spectrum that pixels would record without them, are fitted together by maximum likelihood (see
`oda_widgets.instruments.isgri.efficiency.law`). The brightness of a pixel is free, with a gamma
prior around the mean of its class, and is integrated out analytically. Pixels lit by a bright
source have another spectrum than pixels in its shadow, so pixels with similar illumination form a
class and share a spectrum. The classes must be given: a pixel has too few counts to show its own,
and soft light would be mistaken for a low threshold, shadow for a high one.

Only means over many pixels are reliable. The counts of a single pixel contain its share of the
sources, so its own threshold measured from them would absorb source flux: efficiencies of single
pixels are measured at other times (see `engine.template`).
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
"""Range in which thresholds are fitted, keV."""

STEP = 1.0
BINS = int((LAST - FIRST) / STEP)

_ABOVE = 46.0
"""Energy, keV, above which there is hardly any threshold: the brightness is measured there."""

_HIGHEST = 58.0
"""The highest threshold that can be distinguished from a dead pixel, keV."""

_FINE, _COARSE = 0.5, 2.0
"""Distance between thresholds, keV; the coarse ones give the initial law."""

_ENOUGH_PIXELS, _ENOUGH_EVENTS = 4096, 100_000
"""Numbers that suffice to fit the law; more are thinned out."""

_MEANS = np.arange(12.0, 40.0, 3.0)
_WIDTH = 2.5
"""Means and width, keV, of the normal distributions of thresholds that are tried first."""

_ELSEWHERE = 0.002
"""Initial frequency of other thresholds, relative to the most frequent one."""

_A_FEW_PIXELS = 2048
"""Number of pixels from which the initial law is chosen."""


def energies() -> Floats:
    """Return the energies at which efficiencies are found: centres of bins, keV, shape (52,)."""
    return np.arange(FIRST, LAST, STEP) + STEP / 2


def turn_on(
    counts: NDArray[np.float32], edges: Sequence[Edge], kinds: NDArray[np.intp]
) -> tuple[NDArray[np.float32], Edge]:
    """Return the efficiency of pixels, measured from their own counts.

    Parameters
    ----------
    counts
        Events of each pixel in bins of `STEP` keV from `FIRST` to `LAST`, shape (n_pixels, 52).
    edges
        Possible shapes of thresholds, in order of their width. They are tried in turn until one
        describes the counts no better than the one before.
    kinds
        The illumination class of each pixel, from 0, shape (n_pixels,).

    Returns
    -------
    efficiency
        Shape (n_pixels, 52).
    edge
        The best shape.
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
    """Return a rough distribution of thresholds: a normal one.

    A flat distribution would need many steps, and with few counts would not converge.
    """
    at = _thresholds(_COARSE)
    laws = [_law_to_begin_with(pixels, edge, at, _around(mean, at)) for mean in _MEANS]
    best = promising(laws, Evidence.of(pixels, laws[0].recorded))
    return _around(_MEANS[best], _thresholds(_FINE))


def _around(mean: float, at: Floats) -> Floats:
    """Return the frequencies of thresholds around a mean."""
    frequent: Floats = np.exp(-0.5 * ((at - mean) / _WIDTH) ** 2) + _ELSEWHERE
    return frequent


def _law_to_begin_with(pixels: Pixels, edge: Edge, at: Floats, share: Floats) -> Law:
    return Law.of(pixels, at, np.maximum(_passed(edge, at), edge.noise), share)


def _thresholds(step: float) -> Floats:
    """Return the possible thresholds, keV; the first, 0, is for pixels without one."""
    return np.append(0.0, np.arange(FIRST + step / 2, _HIGHEST, step))


def _passed(edge: Edge, thresholds: Floats) -> Floats:
    """Return the fraction of each bin recorded at each threshold, (n_thresholds, 52)."""
    within = (np.arange(16) + 0.5) / 16 * STEP
    energy = np.arange(FIRST, LAST, STEP)[:, None] + within
    passed: Floats = edge.passed(energy - thresholds[:, None, None]).mean(axis=2)
    return passed
