"""Isolated bright pixels: noisy ones that are not flagged.

An open element of the mask is wider than two pixels, so a source lights at least four, whether it
is in the fit or not. A pixel far above those around it counts noise.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

_REACH = 2  # pixels along each axis: as far as the next element of the mask
_FAR_MORE = 2.5  # times the third highest pixel around: two others may be noisy too
_THIRD = -3
_SURELY = 5.0  # errors


def may_stand_out(values: Floats, errors: Floats) -> NDArray[np.bool_]:
    """Return True for pixels far above zero, whatever is around them."""
    may: NDArray[np.bool_] = values > _SURELY * errors
    return may


def stands_out(values: Floats, errors: Floats) -> NDArray[np.bool_]:
    """Return True for pixels far above all but two of the 24 around them.

    Parameters
    ----------
    values
        Counts, or residuals of a fit; shape (134, 130).
    errors
        Their standard errors, same shape.
    """
    alone = may_stand_out(values, errors)
    if not alone.any():
        return alone
    rows, columns = np.nonzero(alone)
    side = 2 * _REACH + 1
    views = sliding_window_view(np.pad(values, _REACH), (side, side))[rows, columns]
    others = np.delete(views.reshape(len(rows), -1), side * side // 2, axis=1)
    around = np.partition(others, _THIRD, axis=1)[:, _THIRD]
    here = values[rows, columns]
    beyond = (here > _FAR_MORE * around) & (here - around > _SURELY * errors[rows, columns])
    alone[rows, columns] = beyond
    return alone
