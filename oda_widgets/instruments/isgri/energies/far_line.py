"""Find the faint line of positrons at 511 keV in the spectra of all rise times together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.energies.line_counts import FAR_BINS, FAR_WIDTH

_SHORT, _LONG = 34.0, 70.0
"""Rise times at which the loss of charge begins, and at which it stops growing."""

_USUAL_LOSS = 0.0043
"""Fraction of the charge lost per step of rise time, at 511 keV, in 2022."""

_USUAL_HEIGHT, _SPREAD = 10.1, 0.12
"""Height relative to that of the bump in 2022, and its spread over other epochs."""

_WIDTH = 0.036
"""Standard deviation of the line relative to its height."""

_SEEN = 6.0
"""Least significance at which the line counts as detected."""

_HEIGHTS = np.linspace(8.4, 12.2, 191)
"""Heights that are tried, relative to that of the bump; and losses of charge."""
_LOSSES = np.linspace(0.0, 0.008, 33)

_AROUND = np.linspace(0.72, 1.25, 49)
"""Edges of the bins around the line, relative to its height."""
_PLACES = 90


@dataclass(frozen=True)
class FarLine:
    """Position of the line at 511 keV.

    Parameters
    ----------
    height
        Channels, at rise times without loss of charge.
    error
        Its standard deviation.
    loss_per_step
        Fraction of the charge lost per step of rise time beyond 34, up to 70.
    significance
        Of the line; 0 if it was not detected and the usual values are used.
    """

    height: float
    error: float
    loss_per_step: float
    significance: float

    @classmethod
    def usual(cls, bump: float) -> Self:
        """Return the line as it was in 2022, for the height of the bump at 60 keV."""
        return cls(_USUAL_HEIGHT * bump, _SPREAD * _USUAL_HEIGHT * bump, _USUAL_LOSS, 0.0)

    def left(self, rise_time: Floats) -> Floats:
        """Return the fraction of the charge that is left at rise times."""
        return _left(rise_time, self.loss_per_step)


def find_far_line(counts: NDArray[np.int64], rise_time: Floats, bump: float) -> FarLine:
    """Find the line in the spectra of several rise times together.

    Parameters
    ----------
    counts
        Events per height, in bins of `FAR_WIDTH` channels, shape (n_spectra, 500).
    rise_time
        Of each spectrum, shape (n_spectra,).
    bump
        Height of the bump at 60 keV in channels.

    Returns
    -------
    line
        The usual one if it is not detected.
    """
    heights = _HEIGHTS * bump
    places = np.linspace(0.7 * heights[0], heights[-1], _PLACES)
    squares = np.array([_significance(spectrum, places) for spectrum in counts])
    score = np.array([_score(squares, places, heights, _left(rise_time, k)) for k in _LOSSES])
    loss, best = np.unravel_index(np.argmax(score), score.shape)
    significance = float(np.sqrt(score[loss, best]))
    if significance < _SEEN:
        return FarLine.usual(bump)
    error = _WIDTH * heights[best] / significance
    return FarLine(float(heights[best]), float(error), float(_LOSSES[loss]), significance)


def _significance(spectrum: NDArray[np.int64], places: Floats) -> Floats:
    """Return the squared significance of a line at each height, above a smooth continuum."""
    apart = (_AROUND[1:] + _AROUND[:-1]) / 2 - 1.0
    line = np.exp(-0.5 * (apart / _WIDTH) ** 2)
    design = np.stack([line, *(apart**power for power in range(3))], axis=1)
    edges = np.arange(FAR_BINS + 1) * FAR_WIDTH
    below = np.concatenate([[0], np.cumsum(spectrum)])
    counts = np.diff(np.interp(places[:, None] * _AROUND, edges, below))
    weight = 1.0 / np.maximum(counts, counts.mean(axis=1, keepdims=True) / 3 + 1.0)
    normal = np.einsum("pb,bi,bj->pij", weight, design, design, optimize=True)
    covariance = np.linalg.inv(normal)
    height = np.einsum("pi,pi->p", covariance[:, 0], (counts * weight) @ design)
    return np.where(height > 0, height, 0.0) ** 2 / covariance[:, 0, 0]


def _score(squares: Floats, places: Floats, heights: Floats, left: Floats) -> Floats:
    """Return the sum over all spectra at each height, given the fraction of charge left in each."""
    parts = [
        np.interp(heights * part, places, square)
        for part, square in zip(left, squares, strict=True)
    ]
    total: Floats = np.sum(parts, axis=0)
    return total


def _left(rise_time: Floats, loss_per_step: float) -> Floats:
    left: Floats = 1.0 - loss_per_step * np.clip(rise_time - _SHORT, 0.0, _LONG - _SHORT)
    return left
