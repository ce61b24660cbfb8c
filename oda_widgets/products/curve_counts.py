"""Bins in which nothing was counted: they are measured, though the root of no counts is no error.

Such a bin has good time, the rate 0 and the error 0, in a light curve whose errors are the roots of
its counts: (rate / error)^2 are whole numbers. Other rates of 0 with an error of 0 say nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

_LARGEST = 1e4  # counts; of more, rates of 4 bytes do not say whether they are whole
_WHOLE = 0.05  # from the next whole number, for rates are rounded
_MOST = 0.9  # of the bins


def nothing_counted(rate: Floats, error: Floats, good_time: Floats) -> NDArray[np.bool_]:
    """Return the mask of the bins in which nothing was counted, shape (n_bins,)."""
    empty: NDArray[np.bool_] = (rate == 0) & (error == 0) & (good_time > 0)
    return empty & _are_roots(rate, error) if empty.any() else empty


def effective_exposure(
    rate: Floats, error: Floats, exposure: Floats, empty: NDArray[np.bool_]
) -> Floats:
    """Return the seconds that rates are to be multiplied by for the counts of Poisson's errors.

    They are the exposure, unless rates are corrected for what the exposure does not know of.

    Parameters
    ----------
    rate, error, exposure
        Of the bins.
    empty
        Mask of those in which nothing was counted: their exposures are taken by the median of the
        others.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = rate / error**2
        known = ~empty & (error > 0) & (rate > 0) & (exposure > 0) & np.isfinite(found)
        ratio = float(np.median((found / exposure)[known])) if known.any() else 1.0
    return np.where(known, found, ratio * exposure)


def _are_roots(rate: Floats, error: Floats) -> bool:
    """Tell whether errors are the roots of counts, those of bins without counts aside."""
    known = np.isfinite(rate) & (error > 0)
    if not known.any():
        return True
    counts = (rate[known] / error[known]) ** 2
    counts = counts[counts < _LARGEST]
    whole = np.abs(counts - np.rint(counts)) < _WHOLE
    return bool(len(counts) and (rate[known] >= 0).all() and whole.mean() >= _MOST)
