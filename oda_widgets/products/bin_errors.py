"""Errors of time bins; the bins of one science window share a part of their errors.

In sums, the shared part of one window adds up linearly. The shared parts of different windows, and
the bins' own errors, add up in quadrature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, KeptArrays

ALONE = -1
"""Number of the science window of a bin that shares no error with others."""

_LEAST_OWN = 1e-3  # fraction of the error of a bin, so that its own error never vanishes


@dataclass(frozen=True, eq=False, repr=False)
class BinErrors(KeptArrays):
    """Errors of bins, and the parts that bins share.

    Parameters
    ----------
    error
        Total errors, shape (n_bins,).
    common
        Part of the errors that the bins of a window share, shape (n_bins,).
    window
        Number of the window of each bin, shape (n_bins,); `ALONE` if it shares nothing.
    """

    error: Floats
    common: Floats
    window: NDArray[np.int64]

    @classmethod
    def of(
        cls, error: Floats, common: Floats | None = None, window: NDArray[np.int64] | None = None
    ) -> Self:
        """Return errors of bins; bins without a known common error share nothing."""
        if common is None or window is None:
            return cls(error, np.zeros(len(error)), np.full(len(error), ALONE))
        known = np.isfinite(common) & (window != ALONE)
        return cls(error, np.where(known, common, 0.0), np.where(known, window, ALONE))

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.int_]) -> BinErrors:
        """Return the errors of some bins."""
        return BinErrors(self.error[chosen], self.common[chosen], self.window[chosen])

    @property
    def own(self) -> Floats:
        """Own error of each bin, without the common part."""
        variance = np.maximum(self.error**2 - self.common**2, (_LEAST_OWN * self.error) ** 2)
        return np.asarray(np.sqrt(variance))

    def of_sum(self, weight: Floats) -> float:
        """Return the error of the weighted sum of all bins."""
        return float(self.of_sums(weight, np.zeros(len(weight), np.intp), 1).error[0])

    def of_sample_variance(self) -> tuple[float, float]:
        """Return the sample variance expected from the errors alone, and its standard deviation.

        An error that all bins share does not add to their variance. With the covariance C of the
        bins and Q = P C P, where P subtracts the mean, the two are tr(Q) / (n - 1) and
        sqrt(2 tr(Q^2)) / (n - 1).
        """
        number = len(self.error)
        own, common = self.own**2, self.common
        _, place = np.unique(self.window, return_inverse=True)
        of_window = np.bincount(place, common)
        rows = own + common * of_window[place]  # sums of the rows of C
        trace = float(np.sum(own + common**2) - rows.sum() / number)
        squares = np.sum(own**2 + 2 * own * common**2) + np.sum(np.bincount(place, common**2) ** 2)
        of_squares = float(squares - 2 * np.sum(rows**2) / number + rows.sum() ** 2 / number**2)
        return trace / (number - 1), (2 * max(of_squares, 0.0)) ** 0.5 / (number - 1)

    def of_sums(self, weight: Floats, place: NDArray[np.int_], number: int) -> BinErrors:
        """Return the errors of weighted sums of bins.

        A sum over several windows is treated as sharing no error with others.

        Parameters
        ----------
        weight
            Weights of the bins, shape (n_bins,).
        place
            Index of the sum that each bin belongs to, shape (n_bins,).
        number
            Number of sums.
        """
        own = np.bincount(place, (weight * self.own) ** 2, number)
        pairs, which = np.unique(np.stack([place, self.window]), axis=1, return_inverse=True)
        which = which.ravel()
        amount = np.bincount(which, weight * self.common, pairs.shape[1])
        windows = np.bincount(pairs[0], minlength=number)
        whole = np.sqrt(own + np.bincount(pairs[0], amount**2, number))
        single = (windows[pairs[0]] == 1) & (pairs[1] != ALONE)
        common, window = np.zeros(number), np.full(number, ALONE)
        common[pairs[0][single]] = np.abs(amount[single])
        window[pairs[0][single]] = pairs[1][single]
        return BinErrors(whole, common, window)

    def weighed(self, values: Floats) -> Floats:
        """Return values, shape (n_bins,), times the inverse of the covariance of the bins.

        The covariance of a window, diag(own^2) + common common^T, is inverted by the formula of
        Sherman and Morrison.
        """
        precision = self.own**-2.0
        _, which = np.unique(self.window, return_inverse=True)
        size = 1.0 + np.bincount(which, precision * self.common**2)
        shared = np.bincount(which, precision * self.common * values) / size
        weighed: Floats = precision * (values - self.common * shared[which])
        return weighed
