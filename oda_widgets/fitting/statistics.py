"""How far a model is from the data: chi2, cstat and pgstat, as XSPEC defines them.

Each gives a signed deviation per channel whose squares add up to the statistic, so that one
minimiser, which works with deviations, serves them all. Formulas: XSPEC manual, appendix B.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import xlogy

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.dataset import Dataset, counts

Statistic = Literal["chi2", "cstat", "pgstat"]
Deviations = Callable[[Floats], Floats]

STATISTICS: tuple[Statistic, ...] = ("chi2", "cstat", "pgstat")
_FAINTEST = 1e-30  # counts; a model without any cannot be compared with counts


def deviations(statistic: str, data: Dataset) -> Deviations:
    """Return the function that gives the deviations of a folded model (counts/s) from data.

    Raises
    ------
    BadParameter
        If there is no such statistic, or the data are of another kind.
    """
    if statistic == "chi2":
        return _chi2(data)
    if statistic == "cstat":
        if data.spectrum.background is not None:
            limit = f"{data.spectrum.name} comes with a background"
            raise BadParameter("statistic", statistic, limit, 'Use statistic="pgstat".')
        return _cstat(data)
    if statistic == "pgstat":
        return _pgstat(data)
    advice = f"Choose one of {', '.join(STATISTICS)}."
    raise BadParameter("statistic", statistic, "no such statistic", advice)


def stabilised(statistic: str, data: Dataset) -> Deviations:
    """Return the function that turns a folded model (counts/s) into numbers that scatter by 1.

    Squares of their differences between two models tell how well data could tell these apart; the
    sum of the products of their derivatives is Fisher's information.
    """
    if statistic == "chi2":
        _, inverse = _net_rate(data)
        return lambda folded: folded * inverse
    exposure, behind = data.exposure, np.zeros(len(data.rate))
    if data.spectrum.background is not None:
        background = data.spectrum.background
        rate, error = background.rate[data.used], background.error[data.used]
        behind = np.maximum(rate * exposure, 0.0) + (error * exposure) ** 2
    return lambda folded: 2.0 * np.sqrt(np.maximum(folded * exposure, 0.0) + behind)


def cash(observed: Floats, expected: Floats) -> Floats:
    """Return 2 (m - d + d ln(d/m)) for observed counts d and expected counts m."""
    expected = np.maximum(expected, _FAINTEST)
    logarithms = xlogy(observed, observed) - xlogy(observed, expected)
    statistic: Floats = 2.0 * (expected - observed + logarithms)
    return statistic


def poisson_gaussian(
    observed: Floats, expected: Floats, background: Floats, error: Floats
) -> Floats:
    """Return pgstat of each channel; all arguments are counts in the exposure of the source.

    Parameters
    ----------
    observed
        Counts of source and background.
    expected
        Counts of the model of the source.
    background, error
        Expected counts of the background and their Gaussian error.
    """
    variance = error**2
    # The background that fits best for this model: the root of a quadratic equation.
    b = variance - background + expected
    root = np.sqrt(b**2 - 4.0 * (variance * expected - observed * variance - background * expected))
    with_counts, without = 0.5 * (root - b), np.maximum(background - variance, 0.0)
    best = np.where(observed > 0, with_counts, without)
    statistic: Floats = cash(observed, expected + best) + np.square(background - best) / variance
    return statistic


def _chi2(data: Dataset) -> Deviations:
    rate, inverse = _net_rate(data)
    return lambda folded: (rate - folded) * inverse


def _net_rate(data: Dataset) -> tuple[Floats, Floats]:
    """Return rate without background, and the inverse of its error."""
    background = data.spectrum.background
    if background is None:
        return data.rate, 1.0 / data.error
    error = np.hypot(data.error, background.error[data.used])
    return data.rate - background.rate[data.used], 1.0 / error


def _cstat(data: Dataset) -> Deviations:
    observed, exposure = counts(data), data.exposure

    def deviate(folded: Floats) -> Floats:
        expected = folded * exposure
        return _signed(cash(observed, expected), observed - expected)

    return deviate


def _pgstat(data: Dataset) -> Deviations:
    background = data.spectrum.background
    if background is None:
        limit = f"{data.spectrum.name} has no background beside it"
        raise BadParameter("statistic", "pgstat", limit, 'Use statistic="chi2" or "cstat".')
    observed, exposure = counts(data), data.exposure
    expected_background = background.rate[data.used] * exposure
    error = background.error[data.used] * exposure
    if np.any(error <= 0):
        limit = f"the background of {data.spectrum.name} has channels without an error"
        raise BadParameter("statistic", "pgstat", limit, "Leave them out with energy=...")

    def deviate(folded: Floats) -> Floats:
        expected = folded * exposure
        value = poisson_gaussian(observed, expected, expected_background, error)
        return _signed(value, observed - expected - expected_background)

    return deviate


def _signed(squares: Floats, direction: Floats) -> Floats:
    """Return deviations from their squares; rounding may leave those slightly negative."""
    roots: Floats = np.sqrt(np.maximum(squares, 0.0))
    return np.copysign(roots, direction)
