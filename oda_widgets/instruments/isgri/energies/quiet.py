"""Leave out bursts, which would be taken for background."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WIDTH = 0.1 / 86400
"""Width of a time bin, days."""

_BRIGHT = 5.0
"""Standard deviations above the usual count of a bin."""


def quiet(time: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return True for the events outside bursts.

    Parameters
    ----------
    time
        IJD days, in order, shape (n_events,).
    """
    if not len(time):
        return np.zeros(0, bool)
    place = ((time - time[0]) * (1 / _WIDTH)).astype(np.int32)
    counts = np.bincount(place)
    usual = float(np.median(counts[counts > 0]))
    calm: NDArray[np.bool_] = counts <= usual + _BRIGHT * np.sqrt(usual)
    outside: NDArray[np.bool_] = calm.take(place)
    return outside
