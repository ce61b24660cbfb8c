"""Select the pixels in the shadow of the mask, where the background outshines bright sources."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.energies.pulses import SIDE, Pulses

_HEIGHTS = (20, 120)
"""Channels in which sources are bright."""

_EVEN = 0.015
"""Relative variance of pixels, beyond counting noise, below which there is no bright source: real
pixels differ by 9 %, and a source of 60 counts/s in an hour makes it 0.02."""


_DARK = 0.4
"""Fraction of the pixels that is used; a source on axis leaves half of them in the shadow."""


def in_shadow(pulses: Pulses) -> NDArray[np.bool_]:
    """Return True for the events in the darkest pixels; for all without a bright source.

    Parameters
    ----------
    pulses
        All events of a science window.
    """
    low, high = _HEIGHTS
    soft = np.flatnonzero((pulses.height >= low) & (pulses.height < high))
    counts = np.bincount(pulses.pixel[soft], minlength=SIDE * SIDE)
    working = counts[counts > 0]
    if not len(working) or _unevenness(working) < _EVEN:
        return np.ones(len(pulses), bool)
    dark: NDArray[np.bool_] = counts <= np.quantile(working, _DARK)
    return dark.take(pulses.pixel)


def _unevenness(counts: NDArray[np.intp]) -> float:
    """Return the relative variance of counts beyond counting noise, without extreme pixels."""
    low, high = np.percentile(counts, (1, 99))
    usual = counts[(counts >= low) & (counts <= high)]
    mean = float(usual.mean())
    return (float(usual.var()) - mean) / mean**2
