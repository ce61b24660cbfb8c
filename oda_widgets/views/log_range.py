"""The range of a logarithmic axis of rates: that of the channels which carry information."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

_VAGUE = 10.0  # times the median error; a channel with more says nothing where it has no signal
_ROOM = 2.0  # factor that the axis reaches beyond the data
_EMPTY = (1e-4, 1.0)


def informed(error: Floats) -> NDArray[np.bool_]:
    """Return which groups of channels set the axis though they have upper limits only."""
    known = error[np.isfinite(error)]
    least = float(np.median(known)) if known.size else 0.0
    mask: NDArray[np.bool_] = error <= _VAGUE * least
    return mask


def log_range(values: Floats) -> tuple[float, float]:
    """Return the ends of an axis that holds all positive values, with some room."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        return _EMPTY
    return float(positive.min()) / _ROOM, float(positive.max()) * _ROOM
