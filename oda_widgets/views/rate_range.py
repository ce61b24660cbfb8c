"""The range of an axis of rates: the well-measured rates, and zero only if it is near."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.views.curve_series import Bins

_MARGIN = 0.06  # above and below, part of the range
_NEAR_ZERO = 0.25  # zero is included if it is nearer than this part of the range
# A bin whose error is more than this times the typical one does not set the range, unless its rate
# differs from the mean by more than its error explains: else a bin with a second of good time would
# flatten a light curve of years.
_VAGUE = 5.0


def rate_range(drawn: Sequence[Bins]) -> tuple[float, float]:
    """Return the first and the last value of an axis of rates, from the bins that are drawn."""
    spans = [_span(bins) for bins in drawn if len(bins)]
    if not spans:
        return 0.0, 1.0
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    if 0 < low < _NEAR_ZERO * (high - low):
        low = 0.0
    margin = _MARGIN * (high - low) or abs(high) * _MARGIN or 1.0
    return (low - margin if low else 0.0), high + margin


def edge_marks(bins: Bins, frame: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return the times of the bins below the range of an axis, and of those above it."""
    return bins.time[bins.rate < frame[0]], bins.time[bins.rate > frame[1]]


def _span(bins: Bins) -> tuple[float, float]:
    typical = _typical_error(bins.error)
    clear = _well_measured(bins, typical)
    shown = np.where(bins.limited, 0.0, np.minimum(bins.error, _VAGUE * typical))
    low = np.minimum(bins.rate - shown, bins.dip)[clear]
    high = np.maximum(bins.rate + shown, bins.peak)[clear]
    return float(low.min()), float(high.max())


def _well_measured(bins: Bins, typical: float) -> NDArray[np.bool_]:
    """Return a mask of the bins that set the range: small errors, or rates far from the mean."""
    mean = np.average(bins.rate, weights=1 / np.square(bins.error))
    vague = (bins.error > _VAGUE * typical) & (np.abs(bins.rate - mean) < _VAGUE * bins.error)
    return ~vague


def _typical_error(error: Floats) -> float:
    """Return the weighted median error: bins with smaller errors have half of all weight."""
    ordered = np.sort(error)
    weight = np.cumsum(1 / np.square(ordered))
    return float(ordered[np.searchsorted(weight, weight[-1] / 2)])
