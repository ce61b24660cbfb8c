"""The lengths of the bins of a light curve, in words."""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.products.curve_bins import length_text
from oda_widgets.products.curve_data import CurveData
from oda_widgets.request.timespan import SECONDS_PER_DAY

_ALIKE = 0.05  # relative: lengths that differ by less count as equal
_FEW = 0.1  # of all bins, such as the last ones of science windows, may differ by more
_SHORTEST_IN_KS, _SHORTEST_IN_DAYS = 1000.0, 2 * SECONDS_PER_DAY


def known_bins(curve: CurveData) -> str:
    """Return the lengths of the bins of a light curve, if its file states them."""
    return bins_in_words(curve.width) if curve.exposures_known else "bins of unknown length"


def bins_in_words(widths: Floats) -> str:
    """Return the lengths of bins in words: that of most bins, or the shortest and the longest.

    Parameters
    ----------
    widths
        Seconds; at least one.

    Examples
    --------
    >>> bins_in_words(np.array([100.0, 100.0])), bins_in_words(np.array([9804.0, 13878.6]))
    ('100 s bins', 'bins of 9.8 to 13.9 ks')
    """
    widths = widths[np.isfinite(widths)]
    typical = float(np.median(widths)) if widths.size else 0.0
    if np.mean(np.abs(widths - typical) > _ALIKE * typical) <= _FEW or not typical:
        return f"{length_text(float(f'{typical:.4g}'))} bins"
    low, high = float(widths.min()), float(widths.max())
    unit, seconds = _unit(high)
    return f"bins of {_digits(low / seconds)} to {_digits(high / seconds)} {unit}"


def _unit(seconds: float) -> tuple[str, float]:
    if seconds >= _SHORTEST_IN_DAYS:
        return "d", SECONDS_PER_DAY
    return ("ks", 1000.0) if seconds >= _SHORTEST_IN_KS else ("s", 1.0)


def _digits(value: float) -> str:
    return f"{value:.3g}"
