"""Linear fits of detector images, the algebra behind images, spectra and light curves.

A detector image D is modelled as sum_k theta_k X_k, with columns X_k for the background and for
each source. The weights are 1/Var D, and the variance comes from the model, never from the data:
weights from the data favour downward fluctuations. Iterated, this is the Poisson maximum
likelihood fit (Cash 1979) as long as the columns are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles

Trust = Callable[[Floats], Floats]
Begins = Literal["near", "estimate", "far", "end"]

_ITERATIONS = 5
_CONVERGED = 3e-3  # change of the expected counts, relative
_ESTIMATED = 1e-2  # the same when the fit begins with an estimate
_OWN_PART = 1e-5  # of a column, independent of the other columns: less is rounding
_OWN_IN_SINGLE = 5e-2  # the same in single precision
_REFINEMENTS = 2  # of coefficients without a start value: they are large relative to their errors
_LOWEST_MODEL = 0.1  # of the mean background: a polynomial may dip below zero in a corner
_LOWEST_BACKGROUND = 0.1  # of the mean counts: a weak background may be fitted below zero


@dataclass(frozen=True)
class LinearFit:
    """A fit of columns to the counts of the pixels in use.

    Parameters
    ----------
    coefficients
        theta, shape (n_columns,).
    covariance
        Covariance of the coefficients, stiffness included, shape (n_columns, n_columns).
    model
        Fitted counts, shape (n_pixels,).
    expected
        Fitted counts, kept above zero.
    weights
        1 / variance of the counts under the model, shape (n_pixels,).
    normal
        Inverse of the covariance.
    right
        Right-hand side of the normal equations, shape (n_columns,).
    lowest
        Floor of the expected counts.
    """

    coefficients: Floats
    covariance: Floats
    model: Floats
    expected: Floats
    weights: Floats
    normal: Floats
    right: Floats
    lowest: float

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    def estimate(self, counts: Floats, columns: Singles) -> Floats:
        """Return the model of other counts with the weights of this fit, shape (n_pixels,).

        It is unbiased, and as precise as a fit of its own except for the weights.

        Parameters
        ----------
        counts
            Counts of the pixels in use, shape (n_pixels,).
        columns
            Columns of this fit.
        """
        right = columns @ (counts * self.weights).astype(np.float32)
        coefficients = self.covariance @ right
        return (coefficients.astype(np.float32) @ columns).astype(float)


def fit(
    counts: Floats,
    columns: Singles,
    n_background: int,
    scatter: Floats | float = 0.0,
    stiffness: Floats | None = None,
    start: Floats | None = None,
    trust: Trust | None = None,
    begins: Begins = "near",
) -> LinearFit:
    """Fit columns to counts with weights from the model.

    Parameters
    ----------
    counts
        Counts of the pixels in use, shape (n_pixels,).
    columns
        Shape (n_columns, n_pixels); the background columns first. Single precision keeps them to
        a ten-millionth.
    n_background
        How many columns are background.
    scatter
        Variance of the efficiency of a pixel, which the columns do not describe; scalar or shape
        (n_pixels,). It applies to background and source counts alike.
    stiffness
        Prior on the background's shape: 1 / variance of its coefficients around those of a
        reference, shape (n_background, n_background).
    start
        Expected counts to begin with, from a similar fit; shape (n_pixels,).
    trust
        Gives the weight of each pixel, 0 to 1, from the expected counts; 1 by default.
    begins
        Quality of the start: "near" the solution; an "estimate" with the weights of a similar fit,
        whose weights are as good as the final ones; "far" from the solution, so that the first
        iteration, which only improves the weights, may be less precise; or at the "end", whose
        weights are kept: for so few counts that a fitted model would follow their noise.

    Notes
    -----
    Matrix products are in single precision. Their rounding errors are removed by fitting the
    columns to the residuals, which are small (iterative refinement).
    """
    penalty = np.zeros((len(columns), len(columns)))
    if stiffness is not None:
        penalty[:n_background, :n_background] = stiffness
    means = columns[:n_background].mean(axis=1).astype(float)
    mean = max(float(counts.mean()), 1e-9)
    expected = np.full(counts.shape, mean) if start is None else start
    coefficients = np.zeros(len(columns))
    converged = _ESTIMATED if begins == "estimate" else _CONVERGED
    for number in range(1 if begins == "end" else _ITERATIONS):
        weights = 1.0 / (expected + scatter * expected**2)
        if trust is not None:
            weights *= trust(expected)
        roots = np.sqrt(weights)
        scaled = columns * roots.astype(np.float32)
        normal, covariance = _solved(columns, scaled, weights, penalty)
        exact = number > 0 or begins != "far"
        for _ in range(_REFINEMENTS if number == 0 and exact else 1):
            known = coefficients.astype(np.float32)
            left = (counts - known @ columns) * roots
            step = scaled @ left.astype(np.float32) - penalty @ known
            coefficients = known + covariance @ step
        model = (coefficients.astype(np.float32) @ columns).astype(float)
        background = float(coefficients[:n_background] @ means)
        # The floor scales with the background: one that scaled with all counts would raise the
        # faint pixels beside a bright source and inflate every error there.
        lowest = _LOWEST_MODEL * max(background, _LOWEST_BACKGROUND * mean)
        before, expected = expected, np.maximum(model, lowest)
        change = float(np.max(np.abs(expected / before - 1)))
        if exact and change < converged:
            break
    right = normal @ coefficients
    return LinearFit(coefficients, covariance, model, expected, weights, normal, right, lowest)


def _solved(
    columns: Singles, scaled: Singles, weights: Floats, penalty: Floats
) -> tuple[Floats, Floats]:
    """Return the normal matrix and its inverse.

    Parameters
    ----------
    columns, weights, penalty
        Of the fit.
    scaled
        The columns times the roots of the weights.
    """
    normal = (scaled @ scaled.T).astype(float) + penalty  # a matrix by its own: half the work
    own = np.maximum(np.diag(normal), np.finfo(float).tiny)
    scale = 1.0 / np.sqrt(own)
    if not _is_regular(normal * scale[:, None] * scale, _OWN_IN_SINGLE):
        exact = columns * np.sqrt(weights)
        normal = exact @ exact.T + penalty
    return normal, inverse(normal)


def foreseen(
    done: LinearFit, counts: Floats, columns: Singles, kept: NDArray[np.intp], more: Singles
) -> Floats:
    """Return expected counts to start a fit with other columns from.

    They come from a fit of the new columns with the old weights, most of which is known already.

    Parameters
    ----------
    done
        A fit to the same counts.
    counts
        Counts of the pixels in use, shape (n_pixels,).
    columns
        Columns of that fit, shape (n_columns, n_pixels).
    kept
        Indices of the columns that the new fit has too.
    more
        Columns that only the new fit has, shape (n_more, n_pixels).
    """
    weighted = more * done.weights.astype(np.float32)
    overlap = (weighted @ columns.T)[:, kept]
    known = done.normal[np.ix_(kept, kept)]
    normal = np.block([[known, overlap.T], [overlap, weighted @ more.T]])
    right: Floats = np.append(done.right[kept], weighted @ counts.astype(np.float32))
    of_kept, of_more = np.split(inverse(normal) @ right, [len(kept)])
    coefficients = np.zeros(len(columns))
    coefficients[kept] = of_kept
    model = coefficients.astype(np.float32) @ columns + of_more.astype(np.float32) @ more
    expected: Floats = np.maximum(model.astype(float), done.lowest)
    return expected


def inverse(normal: Floats) -> Floats:
    """Return the inverse of a normal matrix; columns that repeat others share a coefficient.

    The coefficient of a column of zeros has no variance, and is zero.
    """
    own = np.diag(normal)
    scale = np.where(own > 0, 1.0 / np.sqrt(np.where(own > 0, own, 1.0)), 0.0)
    scaled = normal * scale[:, None] * scale
    regular = _is_regular(scaled)  # else it takes ten times as long
    inner = np.linalg.inv(scaled) if regular else np.linalg.pinv(scaled, hermitian=True)
    inverted: Floats = scale[:, None] * inner * scale
    return inverted


def _is_regular(scaled: Floats, least: float = _OWN_PART) -> bool:
    """Return True if no column is a combination of the others, to within rounding."""
    try:
        own = np.linalg.cholesky(scaled).diagonal()
    except np.linalg.LinAlgError:
        return False
    return bool(own.min() > least)
