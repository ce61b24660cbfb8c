"""Choose the band in which prints give the rate of a spectrum, to be compared with images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

_BANDS = ((20.0, 40.0), (28.0, 80.0))  # keV, bands of most images


def usual_channels(low: Floats, high: Floats, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the channels of the first usual band in which all channels are good.

    If there is none, as in late years, return the good channels of the last band, provided that
    they reach its upper edge without a gap; else all good channels, as for an instrument that does
    not see these bands.

    Parameters
    ----------
    low, high
        Edges of the channels, keV, shape (n_channels,).
    good
        Mask of the good channels, shape (n_channels,).

    Examples
    --------
    >>> edges = np.arange(20.0, 90.0, 2.0)
    >>> int(usual_channels(edges, edges + 2.0, edges >= 30.0).sum())
    25
    """
    if not high.max(initial=0.0) >= _BANDS[0][1]:
        return good
    centre = (low + high) / 2
    for band in _BANDS:
        inside = (centre > band[0]) & (centre < band[1])
        if inside.any() and good[inside].all():
            return inside
    last = np.flatnonzero(inside & good)
    unbroken = len(last) > 0 and last[-1] == np.flatnonzero(inside)[-1]
    return inside & good if unbroken and np.ptp(last) == len(last) - 1 else good
