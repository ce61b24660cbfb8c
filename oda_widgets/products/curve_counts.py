"""Recognise bins in which nothing was counted: they are measurements, in spite of an error of 0.

Such a bin has good time, a rate of 0 and an error of 0, and the other errors of the light curve are
the square roots of counts: (rate / error)^2 are whole numbers. Elsewhere, a rate and an error of 0
mean that nothing was measured.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

_LARGEST = 1e4  # counts; above, rates of 4 bytes are too coarse to tell whole numbers
_WHOLE = 0.05  # largest distance from a whole number, since rates are rounded
_MOST = 0.9  # fraction of the bins whose counts must be whole


def nothing_counted(rate: Floats, error: Floats, good_time: Floats) -> NDArray[np.bool_]:
    """Return the mask of the bins in which nothing was counted, shape (n_bins,)."""
    empty: NDArray[np.bool_] = (rate == 0) & (error == 0) & (good_time > 0)
    return empty & _are_roots(rate, error) if empty.any() else empty


def effective_exposure(
    rate: Floats, error: Floats, exposure: Floats, empty: NDArray[np.bool_]
) -> Floats:
    """Return the seconds by which rates must be multiplied to give counts with Poisson errors.

    This is the exposure, unless rates are corrected for effects that the exposure does not include.

    Parameters
    ----------
    rate, error, exposure
        Rates, errors and exposures of the bins, shape (n_bins,).
    empty
        Mask of the bins in which nothing was counted; they get the median ratio to the exposure of
        the others.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = rate / error**2
        known = ~empty & (error > 0) & (rate > 0) & (exposure > 0) & np.isfinite(effective)
        ratio = float(np.median((effective / exposure)[known])) if known.any() else 1.0
    return np.where(known, effective, ratio * exposure)


def _are_roots(rate: Floats, error: Floats) -> bool:
    """Return whether errors are the roots of counts, apart from bins without counts."""
    known = np.isfinite(rate) & (error > 0)
    if not known.any():
        return True
    counts = (rate[known] / error[known]) ** 2
    counts = counts[counts < _LARGEST]
    whole = np.abs(counts - np.rint(counts)) < _WHOLE
    return bool(len(counts) and (rate[known] >= 0).all() and whole.mean() >= _MOST)
