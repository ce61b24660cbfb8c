"""The search for bursts: excesses over a drifting level in sliding windows of many lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.products.curve_level import block_values

_BLOCK = 100.0  # seconds over which the level is averaged; slower drifts are followed
_WINDOWS_PER_BLOCK = 4.0  # a block is at least so many times as long as the longest window
_LEAST_BINS = 20  # of a block
_NOTICED = 4.0  # sigma above which windows do not count for the level
_MOST_ROUNDS = 6
_GAP = 1.5  # windows whose bins take this much longer than usual have a gap in them
_MAD = 1.4826  # standard deviation over median absolute deviation, of Gaussian numbers

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Bins:
    """Measured bins of a light curve in order of time, shape (n,).

    Parameters
    ----------
    start, stop
        Seconds.
    rate, error
        Counts per second.
    exposure
        Live seconds in each: rate times exposure are counts.
    effective
        Seconds with which rates make counts of Poisson statistics, where some bins hold none (see
        `CurveData.effective_exposure`); None where the errors say how rates scatter.
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
        """The errors of `error`; of few counts, those that are expected of the mean rate."""
        if self.effective is None:
            return self.error
        counts = max(float(self.rate @ self.effective), 1.0)
        return np.asarray(np.sqrt(counts / self.effective.sum() / self.effective))

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, eq=False)
class Excesses:
    """What the windows of a light curve have above its level.

    Parameters
    ----------
    net
        Counts above the level, shape (n,).
    variance
        Of the counts of the level, shape (n,).
    scatter
        By the length of windows in bins: their standard deviation over what `variance` says.
    whole
        By the same: mask of the windows without a gap, by their first bin.
    quiet
        Mask of the bins in which no window has an excess.
    few
        Whether counts are so few that some bins hold none: `variance` is then the counts of the
        level, and significances are those of Poisson statistics.
    """

    net: Floats
    variance: Floats
    scatter: Mapping[int, float]
    whole: Mapping[int, Mask]
    quiet: Mask
    few: bool = False

    def significance(self, length: int, left: Mask | None = None) -> Floats:
        """Return the significance of the excess in windows, by their first bin.

        Parameters
        ----------
        length
            Of the windows, bins.
        left
            Mask of the bins that still count; by default all.

        Returns
        -------
        significance
            Sigma; -inf across gaps and where no bin is left.
        """
        if length > len(self.net):
            return np.zeros(0)
        sums = self._sums
        if left is not None:
            sums = _running(self.net * left), _running(self.variance * left)
        net, variance = (_within(one, length) for one in sums)
        some = self.whole[length] & (variance > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            plain = _of_few(net, variance) if self.few else net / np.sqrt(variance)
            found = plain / self.scatter[length]
        return np.where(some, found, -np.inf)

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        return _running(self.net), _running(self.variance)

    def part(self, first: int, stop: int) -> Excesses:
        """Return what the bins from `first` to before `stop` have."""
        chosen = slice(first, stop)
        whole = {
            length: mask[first : max(stop - length + 1, first)]
            for length, mask in self.whole.items()
        }
        net, variance = self.net[chosen], self.variance[chosen]
        return Excesses(net, variance, self.scatter, whole, self.quiet[chosen], self.few)


def window_lengths(bin_length: float, number: int, longest: float) -> list[int]:
    """Return lengths of windows in bins: 1, 2, 4 and so on, up to `longest` seconds."""
    lengths = [1]
    while 2 * lengths[-1] * bin_length <= longest and 2 * lengths[-1] <= number // 4:
        lengths.append(2 * lengths[-1])
    return lengths


def excesses(bins: Bins, lengths: Sequence[int]) -> Excesses:
    """Return what all windows have above the level of a light curve.

    The level and the noise follow the light curve in blocks of 100 s; windows with an excess are
    left out of it, in rounds, until they stay the same. Where windows of one length scatter more
    than their errors say, because the background flickers, their significance is less by that.

    Parameters
    ----------
    bins
        Of the light curve, at least two.
    lengths
        Of the windows, in bins.
    """
    kept = np.ones(len(bins), dtype=bool)
    for number in range(_MOST_ROUNDS):
        found = _round(bins, lengths, kept, robust=number == 0)
        # A light curve that is nearly all burst has no level but that of all its bins.
        few = found.quiet.sum() < max(len(bins) // 10, _LEAST_BINS)
        if few or np.array_equal(found.quiet, kept):
            break
        kept = found.quiet
    return found


def _round(bins: Bins, lengths: Sequence[int], kept: Mask, *, robust: bool) -> Excesses:
    """Return the excesses over the level of the bins that are kept."""
    usual = float(np.median(bins.stop - bins.start))
    block = max(_BLOCK, _LEAST_BINS * usual, _WINDOWS_PER_BLOCK * max(lengths) * usual)
    net, variance = _above_level(bins, kept, block, robust=robust)
    whole = {length: _span(bins, length) <= _GAP * length * usual for length in lengths}
    plain = Excesses(
        net=net,
        variance=variance,
        scatter=dict.fromkeys(lengths, 1.0),
        whole=whole,
        quiet=kept,
        few=bins.effective is not None,
    )
    burst = _running(~kept)
    scatter = {
        length: max(_scatter(plain.significance(length)[whole[length] & untouched]), 1.0)
        for length in lengths
        for untouched in [_within(burst, length) == 0]
    }
    found = replace(plain, scatter=scatter)
    return replace(found, quiet=_without(found, lengths))


def _above_level(bins: Bins, kept: Mask, block: float, *, robust: bool) -> tuple[Floats, Floats]:
    """Return the counts of bins above the level, and the variance of the counts of the level."""
    if bins.effective is not None:  # few counts, whose median is not their mean
        counts = block_values(bins.middle, bins.rate, kept, block, robust=False) * bins.effective
        counts = np.maximum(counts, bins.effective / bins.effective.sum())  # one in all bins
        return bins.rate * bins.effective - counts, counts
    level = block_values(bins.middle, bins.rate, kept, block, robust=robust)
    # The noise that is expected of a bin and not its own error, which is larger where counts are.
    of_second = bins.error * np.sqrt(bins.exposure)
    noise = block_values(bins.middle, of_second, kept, block, robust=robust)
    return (bins.rate - level) * bins.exposure, noise**2 * bins.exposure


def _of_few(net: Floats, expected: Floats) -> Floats:
    """Return the significance of counts above those that are expected (Cash 1979, ApJ 228, 939)."""
    counts = np.maximum(net + expected, 0.0)
    logarithm = np.where(counts > 0, np.log(np.where(counts > 0, counts, 1.0) / expected), 0.0)
    deviance = 2 * (counts * logarithm - net)
    return np.asarray(np.sign(net) * np.sqrt(np.maximum(deviance, 0.0)))


def _span(bins: Bins, length: int) -> Floats:
    span: Floats = bins.stop[length - 1 :] - bins.start[: len(bins) - length + 1]
    return span


def _scatter(values: Floats) -> float:
    """Return the standard deviation of most of some numbers."""
    if not len(values):
        return 1.0
    return float(_MAD * np.median(np.abs(values - np.median(values))))


def _without(found: Excesses, lengths: Sequence[int]) -> Mask:
    """Return the mask of the bins that no window with an excess, or its neighbour, touches."""
    number = len(found.net)
    touched = np.zeros(number + 1)
    for length in lengths:
        first = np.flatnonzero(found.significance(length) > _NOTICED)
        np.add.at(touched, np.maximum(first - length, 0), 1)
        np.add.at(touched, np.minimum(first + 2 * length, number), -1)
    return np.asarray(np.cumsum(touched)[:number] == 0)


def _running(values: NDArray[np.generic]) -> Floats:
    """Return the sums of the first 0, 1, ... n values."""
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])


def _within(running: Floats, length: int) -> Floats:
    """Return the sums over all windows of a length, from running sums."""
    sums: Floats = running[length:] - running[:-length]
    return sums
