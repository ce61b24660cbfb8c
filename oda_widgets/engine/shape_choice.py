"""Whether an image needs a background with shapes of the single modules.

In the one real window there is more structure in the modules than a polynomial over the whole
detector can follow, and it makes the noise of long images up to three times that of counting
statistics. Fitted where there is none, the shapes cost a per cent of the sensitivity and time, so
the data decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.engine.fit import LinearFit

Floats = NDArray[np.float64]

_FOR_A_PARAMETER = 2.0  # what it has to lower chi square by (Akaike 1974, IEEE TAC 19, 716)

_FITTED_ALREADY = 1e-9  # of the information about a column: what is left is rounding


@dataclass(frozen=True)
class Improvement:
    """What more columns would do to a fit.

    Parameters
    ----------
    fall
        By how much they would lower its chi square.
    model
        Counts that it would expect, shape (n_used,).
    """

    fall: float
    model: Floats


def with_more_columns(counts: Floats, columns: Floats, fit: LinearFit, more: Floats) -> Improvement:
    """Return what more columns would do to a fit.

    That is the score test, which needs no second fit: with residuals r, weights W, columns X fitted
    and Y to be added, chi square falls by u . (Y W Y - Y W X (X W X)^-1 X W Y)^-1 . u, u = Y W r.

    Parameters
    ----------
    counts
        Of the pixels in use, shape (n_used,).
    columns
        What was fitted to them, shape (n_columns, n_used).
    fit
        The fit.
    more
        What may be added, shape (n_more, n_used).
    """
    projection = more * fit.weights
    score = projection @ (counts - fit.model)
    overlap = projection @ columns.T
    taken = overlap @ fit.covariance
    whole = projection @ more.T
    # Some of what is added, or all that is on a dead module, is fitted already.
    scale = 1.0 / np.sqrt(np.maximum(np.diag(whole), 1e-300))
    left = (whole - taken @ overlap.T) * scale[:, None] * scale
    step = scale * (np.linalg.pinv(left, rcond=_FITTED_ALREADY, hermitian=True) @ (scale * score))
    model = fit.model + step @ more - (step @ taken) @ columns
    return Improvement(float(score @ step), model)


def is_worth(fall: float, parameters: int) -> bool:
    """Return whether a fall of chi square is worth so many more parameters.

    It is when a model with them predicts new counts better than one without: Akaike's criterion.
    For the 42 parameters of the modules it asks for 84, where chance gives 42 +- 9.
    """
    return fall > _FOR_A_PARAMETER * parameters
