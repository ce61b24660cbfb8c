"""Search for bursts: excesses over a drifting level in sliding windows of many lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.products.curve_level import block_values

_BLOCK = 100.0  # seconds over which the level is averaged; slower drifts are followed
_WINDOWS_PER_BLOCK = 4.0  # least length of a block in lengths of the longest window
_LEAST_BINS = 20  # of a block
_NOTICED = 4.0  # sigma, above which windows are left out of the level
_MOST_ROUNDS = 6
_GAP = 1.5  # windows longer than this times the length of their bins contain a gap
_MAD = 1.4826  # standard deviation over median absolute deviation of Gaussian numbers

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Bins:
    """Measured bins of a light curve in order of time, shape (n,).

    Parameters
    ----------
    start, stop
        Edges, seconds.
    rate, error
        Counts per second.
    exposure
        Live seconds: rate times exposure is counts.
    effective
        Seconds by which rates must be multiplied to give Poisson counts, if some bins are empty
        (see `CurveData.effective_exposure`); else None, and errors are used as they are.
    """

    start: Floats
    stop: Floats
    rate: Floats
    error: Floats
    exposure: Floats
    effective: Floats | None = None

    @property
    def middle(self) -> Floats:
        """Middles of the bins, seconds."""
        return (self.start + self.stop) / 2

    @property
    def expected_error(self) -> Floats:
        """`error`, or the Poisson errors of the mean rate if some bins are empty."""
        if self.effective is None:
            return self.error
        counts = max(float(self.rate @ self.effective), 1.0)
        return np.asarray(np.sqrt(counts / self.effective.sum() / self.effective))

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, eq=False)
class Excesses:
    """The excesses of bins and windows over the level of a light curve.

    Parameters
    ----------
    net
        Counts above the level, shape (n,).
    variance
        Variance of the counts of the level, shape (n,).
    scatter
        Standard deviation of windows over that from `variance`, by their length in bins.
    whole
        Mask of the windows without a gap, indexed by their first bin, by their length in bins.
    quiet
        Mask of the bins that no window with an excess touches.
    few
        True if some bins are empty: `variance` is then the counts of the level, and significances
        are those of Poisson statistics.
    """

    net: Floats
    variance: Floats
    scatter: Mapping[int, float]
    whole: Mapping[int, Mask]
    quiet: Mask
    few: bool = False

    def significance(self, length: int, left: Mask | None = None) -> Floats:
        """Return the significance of the excess in windows, indexed by their first bin.

        Parameters
        ----------
        length
            Length of the windows in bins.
        left
            Mask of the bins to sum; by default all.

        Returns
        -------
        significance
            Sigma, shape (n - length + 1,); -inf across gaps and where no bin is left.
        """
        if length > len(self.net):
            return np.zeros(0)
        sums = self._sums
        if left is not None:
            sums = _running_sums(self.net * left), _running_sums(self.variance * left)
        net, variance = (_window_sums(one, length) for one in sums)
        usable = self.whole[length] & (variance > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            sigma = _poisson_significance(net, variance) if self.few else net / np.sqrt(variance)
            sigma = sigma / self.scatter[length]
        return np.where(usable, sigma, -np.inf)

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        return _running_sums(self.net), _running_sums(self.variance)

    def part(self, first: int, stop: int) -> Excesses:
        """Return the excesses of the bins from `first` to before `stop`."""
        chosen = slice(first, stop)
        whole = {
            length: mask[first : max(stop - length + 1, first)]
            for length, mask in self.whole.items()
        }
        net, variance = self.net[chosen], self.variance[chosen]
        return Excesses(net, variance, self.scatter, whole, self.quiet[chosen], self.few)


def window_lengths(bin_length: float, number: int, longest: float) -> list[int]:
    """Return the lengths of windows in bins: 1, 2, 4 and so on, up to `longest` seconds."""
    lengths = [1]
    while 2 * lengths[-1] * bin_length <= longest and 2 * lengths[-1] <= number // 4:
        lengths.append(2 * lengths[-1])
    return lengths


def excesses(bins: Bins, lengths: Sequence[int]) -> Excesses:
    """Return the excesses of all windows over the level of a light curve.

    Level and noise follow the light curve in blocks of 100 s. Windows with an excess are left out
    of them, repeatedly, until the same bins remain. If windows of a length scatter by more than
    their errors, because the background flickers, their significance is reduced accordingly.

    Parameters
    ----------
    bins
        Measured bins of the light curve, at least two.
    lengths
        Lengths of the windows in bins.
    """
    kept = np.ones(len(bins), dtype=bool)
    for number in range(_MOST_ROUNDS):
        found = _round(bins, lengths, kept, robust=number == 0)
        # If nearly all bins belong to bursts, keep the level of all bins.
        few = found.quiet.sum() < max(len(bins) // 10, _LEAST_BINS)
        if few or np.array_equal(found.quiet, kept):
            break
        kept = found.quiet
    return found


def _round(bins: Bins, lengths: Sequence[int], kept: Mask, *, robust: bool) -> Excesses:
    """Return the excesses over the level of the bins that are kept."""
    bin_length = float(np.median(bins.stop - bins.start))
    longest = max(lengths) * bin_length
    block = max(_BLOCK, _LEAST_BINS * bin_length, _WINDOWS_PER_BLOCK * longest)
    net, variance = _above_level(bins, kept, block, robust=robust)
    whole = {length: _spans(bins, length) <= _GAP * length * bin_length for length in lengths}
    plain = Excesses(
        net=net,
        variance=variance,
        scatter=dict.fromkeys(lengths, 1.0),
        whole=whole,
        quiet=kept,
        few=bins.effective is not None,
    )
    left_out = _running_sums(~kept)
    scatter = {
        length: max(_scatter(plain.significance(length)[whole[length] & untouched]), 1.0)
        for length in lengths
        for untouched in [_window_sums(left_out, length) == 0]
    }
    found = replace(plain, scatter=scatter)
    return replace(found, quiet=_quiet_bins(found, lengths))


def _above_level(bins: Bins, kept: Mask, block: float, *, robust: bool) -> tuple[Floats, Floats]:
    """Return the counts of bins above the level, and the variance of the counts of the level."""
    if bins.effective is not None:  # the median of few counts is not their mean
        counts = block_values(bins.middle, bins.rate, kept, block, robust=False) * bins.effective
        counts = np.maximum(
            counts, bins.effective / bins.effective.sum()
        )  # at least one count in all bins together
        return bins.rate * bins.effective - counts, counts
    level = block_values(bins.middle, bins.rate, kept, block, robust=robust)
    # Use the expected noise, since the error of a bin grows with its own counts.
    per_second = bins.error * np.sqrt(bins.exposure)
    noise = block_values(bins.middle, per_second, kept, block, robust=robust)
    return (bins.rate - level) * bins.exposure, noise**2 * bins.exposure


def _poisson_significance(net: Floats, expected: Floats) -> Floats:
    """Return the significance of counts above the expected ones (Cash 1979, ApJ 228, 939)."""
    counts = np.maximum(net + expected, 0.0)
    logarithm = np.where(counts > 0, np.log(np.where(counts > 0, counts, 1.0) / expected), 0.0)
    deviance = 2 * (counts * logarithm - net)
    return np.asarray(np.sign(net) * np.sqrt(np.maximum(deviance, 0.0)))


def _spans(bins: Bins, length: int) -> Floats:
    """Return the time from start to end of each window, seconds."""
    span: Floats = bins.stop[length - 1 :] - bins.start[: len(bins) - length + 1]
    return span


def _scatter(values: Floats) -> float:
    """Return the standard deviation of numbers, from their median absolute deviation."""
    if not len(values):
        return 1.0
    return float(_MAD * np.median(np.abs(values - np.median(values))))


def _quiet_bins(found: Excesses, lengths: Sequence[int]) -> Mask:
    """Return the mask of the bins outside of windows with an excess and their neighbours."""
    number = len(found.net)
    touched = np.zeros(number + 1)
    for length in lengths:
        first = np.flatnonzero(found.significance(length) > _NOTICED)
        np.add.at(touched, np.maximum(first - length, 0), 1)
        np.add.at(touched, np.minimum(first + 2 * length, number), -1)
    return np.asarray(np.cumsum(touched)[:number] == 0)


def _running_sums(values: NDArray[np.generic]) -> Floats:
    """Return the sums of the first 0, 1, ... n values."""
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])


def _window_sums(running: Floats, length: int) -> Floats:
    """Return the sums over all windows of a length, from running sums."""
    sums: Floats = running[length:] - running[:-length]
    return sums
