"""Fit the level under bursts: a polynomial through the bins around them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, KeptArrays

_HIGHEST_ORDER = 3
_BINS_PER_TERM = 10  # least number of bins for each term


@dataclass(frozen=True, eq=False, repr=False)
class Level(KeptArrays):
    """A polynomial of time fitted to rates around a burst.

    Parameters
    ----------
    coefficients
        Coefficients for ``(time - reference) / scale``, counts per second, lowest order first.
    covariance
        Covariance of the coefficients, scaled by the square of `scatter`.
    reference, scale
        Origin and unit of the time of the polynomial, seconds.
    scatter
        Standard deviation of the residuals over their errors; at least 1.
    """

    coefficients: Floats
    covariance: Floats
    reference: float
    scale: float
    scatter: float

    def __repr__(self) -> str:
        terms = (
            f"{self.coefficients[0]:.3g} counts/s, polynomial of order {len(self.coefficients) - 1}"
        )
        return f"Level: {terms}, scatter {self.scatter:.2f}"

    def at(self, seconds: Floats) -> Floats:
        """Return the level at times in seconds, counts per second."""
        level: Floats = self._powers(seconds) @ self.coefficients
        return level

    def drawn(self, seconds: Floats, number: int, random: np.random.Generator) -> Floats:
        """Return random levels within the covariance, shape (number, n_times)."""
        choices = random.multivariate_normal(
            self.coefficients, self.covariance, number, method="cholesky"
        )
        levels: Floats = choices @ self._powers(seconds).T
        return levels

    def sum_error(self, seconds: Floats, weight: Floats) -> float:
        """Return the error of the weighted sum of the level at times in seconds."""
        summed = weight @ self._powers(seconds)
        return sqrt(max(float(summed @ self.covariance @ summed), 0.0))

    def _powers(self, seconds: Floats) -> Floats:
        x = (np.asarray(seconds) - self.reference) / self.scale
        return np.asarray(polynomial.polyvander(x, len(self.coefficients) - 1))


def fit_level(
    seconds: Floats, rate: Floats, error: Floats, *, both_sides: bool, order: int | None = None
) -> Level:
    """Return the polynomial through bins around a burst.

    Parameters
    ----------
    seconds, rate, error
        Times, rates and errors of the bins, shape (n,), n at least 1.
    both_sides
        Whether the bins lie before and after the burst; if not, only a constant is fitted.
    order
        Order of the polynomial; by default that of the smallest Bayesian information criterion
        (Schwarz 1978, Ann. Statist. 6, 461), up to 3.
    """
    reference = float(seconds.mean())
    scale = max(float(np.ptp(seconds)) / 2, 1e-9)
    most = min(_HIGHEST_ORDER if both_sides else 0, max(len(seconds) // _BINS_PER_TERM - 1, 0))
    orders = range(most + 1) if order is None else [min(order, max(len(seconds) - 1, 0))]
    x, weight = (seconds - reference) / scale, 1 / error
    fits = [_fitted(x, rate, weight, chosen) for chosen in orders]
    # Noise beyond the errors raises chi squared of all orders: divide by that of the highest order.
    noise = max(fits[-1][2] / max(len(x) - len(fits[-1][0]), 1), 1.0)
    costs = [chi2 / noise + len(found) * np.log(len(x)) for found, _, chi2 in fits]
    found, covariance, chi2 = fits[int(np.argmin(costs))]
    scatter2 = max(chi2 / max(len(x) - len(found), 1), 1.0)
    return Level(found, covariance * scatter2, reference, scale, float(np.sqrt(scatter2)))


def _fitted(x: Floats, rate: Floats, weight: Floats, order: int) -> tuple[Floats, Floats, float]:
    """Return coefficients, covariance and chi squared of a least-squares polynomial."""
    powers = polynomial.polyvander(x, order) * weight[:, None]
    found, *_ = np.linalg.lstsq(powers, rate * weight, rcond=None)
    residuals = powers @ found - rate * weight
    covariance = np.asarray(np.linalg.pinv(powers.T @ powers), np.float64)
    return np.asarray(found, np.float64), covariance, float(residuals @ residuals)


def block_values(
    seconds: Floats, values: Floats, kept: NDArray[np.bool_], block: float, *, robust: bool
) -> Floats:
    """Return a level that follows slow changes: the averages of blocks, joined by straight lines.

    Parameters
    ----------
    seconds, values
        Times and values of all bins, shape (n,), in order of time.
    kept
        Mask of the bins to average.
    block
        Length of a block, seconds.
    robust
        True to take medians, False to take means.
    """
    place = np.floor((seconds - seconds[0]) / block).astype(np.intp)[kept]
    chosen = values[kept]
    ends = np.flatnonzero(np.diff(place)) + 1
    pieces, times = np.split(chosen, ends), np.split(seconds[kept], ends)
    average = np.median if robust else np.mean
    knots = np.array([average(piece) for piece in pieces])
    middles = np.array([time.mean() for time in times])
    level: Floats = np.interp(seconds, middles, knots)
    if len(knots) > 1:  # extrapolate beyond the outer knots
        for end, next_to, beyond in ((0, 1, seconds < middles[0]), (-1, -2, seconds > middles[-1])):
            slope = (knots[next_to] - knots[end]) / (middles[next_to] - middles[end])
            level[beyond] = knots[end] + slope * (seconds[beyond] - middles[end])
    return level
