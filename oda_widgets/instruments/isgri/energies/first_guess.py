"""Find the bump of tungsten and lead in a spectrum of pulse heights of unknown scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.energies.line_counts import NEAR_BINS, NEAR_WIDTH

_RANGE = (34.0, 115.0)
"""Possible channels of the bump: about 100 after the launch, about 50 in 2022."""

_GRID = np.geomspace(20.0, 195.0, 300)
_NARROW, _WIDE = 0.09, 0.35
"""Relative widths of the kernels for the bump and for the continuum below it."""

_LEAST_CONTRAST = 0.3
"""Contrast of a bump relative to the clearest; the turn-on at the threshold is a lower bump."""

_SEEN = 5.0  # standard deviations


def guess_bump(counts: NDArray[np.int64]) -> float | None:
    """Return the height of the highest clear bump of a spectrum, channels; None without any.

    Parameters
    ----------
    counts
        Events per height, in bins of `NEAR_WIDTH` channels, shape (400,).
    """
    height = (np.arange(float(NEAR_BINS)) + 0.5) * NEAR_WIDTH
    narrow, wide = (_kernel(height, width) for width in (_NARROW, _WIDE))
    excess = (narrow - wide) @ counts
    level = wide @ counts
    noise = np.sqrt(np.maximum((narrow - wide) ** 2 @ counts, 1e-300))
    low, high = _RANGE
    inside = (low < _GRID) & (high > _GRID) & (excess > _SEEN * noise)
    top = np.zeros(len(_GRID), bool)
    top[1:-1] = (excess[1:-1] > excess[:-2]) & (excess[1:-1] >= excess[2:])
    tops = np.flatnonzero(top & inside)
    if not len(tops):
        return None
    contrast = excess[tops] / level[tops]
    return float(_GRID[tops[contrast > _LEAST_CONTRAST * contrast.max()][-1]])


def _kernel(height: Floats, width: float) -> Floats:
    """Return the weights of heights around each point of the grid, with sum 1."""
    kernel = np.exp(-0.5 * (np.log(height / _GRID[:, None]) / width) ** 2)
    weights: Floats = kernel / kernel.sum(axis=1, keepdims=True)
    return weights
