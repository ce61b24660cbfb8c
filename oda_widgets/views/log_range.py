"""The range of a logarithmic axis of rates: that of the channels which carry information."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

_VAGUE = 10.0  # times the median error; beyond it, a channel without signal carries no information
# Room beyond the data grows with the number of decades, so that changes of a few per cent fill the
# axis, too. The legend stands in the room above.
_LEAST_ROOM, _ROOM = 1.1, 2.0
_BELOW, _ABOVE = 0.1, 0.25
_EMPTY = (1e-4, 1.0)


def informed(error: Floats) -> NDArray[np.bool_]:
    """Return a mask of the groups whose upper limits carry information, and so set the axis."""
    known = error[np.isfinite(error)]
    least = float(np.median(known)) if known.size else 0.0
    mask: NDArray[np.bool_] = error <= _VAGUE * least
    return mask


def log_range(values: Floats) -> tuple[float, float]:
    """Return the ends of an axis that holds all positive values, with some room."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        return _EMPTY
    low, high = float(positive.min()), float(positive.max())
    span = high / low
    return low / _room(span**_BELOW), high * _room(span**_ABOVE)


def _room(factor: float) -> float:
    return min(max(factor, _LEAST_ROOM), _ROOM)
