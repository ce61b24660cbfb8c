"""Counts per channel, and groups of neighbouring channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.errors import BadParameter
from oda_widgets.request.arguments import listed
from oda_widgets.request.numbers import whole_number

Starts = NDArray[np.intp]


@dataclass(frozen=True, eq=False, repr=False)
class Counts(KeptArrays):
    """Poisson counts in each channel, and the factors that turn a rate into expected counts.

    Parameters
    ----------
    number
        Counts, shape (n_channels,); NaN in channels without data.
    exposure
        Expected counts for a rate of 1/s, shape (n_channels,): seconds times AREASCAL. For a
        background, also times its BACKSCAL over that of the source, so that number / exposure is
        the background rate in the spectrum of the source.
    """

    number: Floats
    exposure: Floats

    @property
    def rate(self) -> Floats:
        """Counts per second per channel."""
        return self.number / self.exposure

    @property
    def error(self) -> Floats:
        """Square root of the counts, per second."""
        return np.sqrt(self.number) / self.exposure


@dataclass(frozen=True, eq=False, repr=False)
class Groups(KeptArrays):
    """Groups of neighbouring channels; bad channels inside a group are left out.

    Parameters
    ----------
    starts
        Index of the first channel of each group, shape (n_groups,).
    weights
        Weight of each channel in the rate of its group, shape (n_channels,): 1 if good, 0 if bad;
        other numbers if AREASCAL differs within a group.
    """

    starts: Starts
    weights: Floats

    def total(self, values: Floats) -> Floats:
        """Return the weighted sums of values over the last axis, shape (..., n_groups)."""
        used = np.where(self.weights > 0, values, 0.0) * self.weights
        total: Floats = np.add.reduceat(used, self.starts, axis=-1)
        return total

    def root_of_squares(self, errors: Floats) -> Floats:
        """Return the errors of weighted sums from independent errors, shape (n_groups,)."""
        squares = np.where(self.weights > 0, errors, 0.0) * self.weights
        root: Floats = np.sqrt(np.add.reduceat(squares**2, self.starts))
        return root

    def counts(self, counts: Counts, exposure: Floats) -> Counts:
        """Return the counts of the groups.

        Parameters
        ----------
        counts
            Counts of source or background in each channel.
        exposure
            Exposure of the source, shape (n_channels,).
        """
        good = (self.weights > 0).astype(np.float64)
        number = np.add.reduceat(np.where(good > 0, counts.number, 0.0), self.starts)
        # The exposure of a group is the mean of its channels.
        ratio = np.add.reduceat(good * counts.exposure / exposure, self.starts)
        per_group = np.maximum(np.add.reduceat(good, self.starts), 1.0)
        return Counts(number, ratio / per_group * mean(exposure, good, self.starts))


def groups(starts: Starts, good: NDArray[np.bool_], counts: Counts | None) -> Groups:
    """Return groups of channels.

    Parameters
    ----------
    starts
        Index of the first channel of each group.
    good
        Mask of the channels that hold data, shape (n_channels,).
    counts
        Counts of the source or None; their exposures weight the channels.
    """
    weights = good.astype(np.float64)
    if counts is not None:
        sizes = np.diff(np.append(starts, len(good)))
        typical = np.repeat(mean(counts.exposure, weights, starts), sizes)
        weights = weights * counts.exposure / typical
    return Groups(starts, weights)


def mean(values: Floats, good: Floats, starts: Starts) -> Floats:
    """Return the means over the good channels of each group; over all if none is good."""
    number = np.add.reduceat(good, starts)
    means: Floats = np.where(
        number > 0,
        np.add.reduceat(values * good, starts) / np.maximum(number, 1.0),
        np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values))),
    )
    return means


def checked_starts(value: Any, n_channels: int) -> Starts:
    """Check the first channels of groups, and return them as an array.

    Raises
    ------
    BadParameter
        If they are not increasing whole numbers from 0 to below `n_channels`.
    """
    given = [whole_number("starts", start, 0) for start in listed("starts", value, n_channels)]
    starts = np.array(given, dtype=np.int64)
    if not given or given[0] != 0 or np.any(np.diff(starts) <= 0) or given[-1] >= n_channels:
        limit = f"not whole numbers that increase from 0 and stay below {n_channels}"
        raise BadParameter("starts", value, limit, "Write for example starts=[0, 10, 20].")
    return starts.astype(np.intp)


def starts_of_flags(flags: NDArray[np.int16]) -> Starts:
    """Return the first channels of groups from GROUPING, in which -1 continues a group."""
    first = np.asarray(flags) != -1
    first[0] = True
    return np.flatnonzero(first)


def starts_by_sum(amounts: Floats, least: float) -> Starts:
    """Return the first channels of groups whose amounts add up to a least sum.

    An incomplete group at the end joins the last complete one.
    """
    starts, total = [0], 0.0
    for index, amount in enumerate(amounts, 1):
        total += amount
        if total >= least and index < len(amounts):
            starts.append(index)
            total = 0.0
    return _complete_groups(starts, total >= least)


def starts_by_significance(net: Floats, variance: Floats, least: float) -> Starts:
    """Return the first channels of groups whose net rate is significant; see `starts_by_sum`."""
    starts, complete = [0], False
    rate = square = 0.0
    for index, (one, its_square) in enumerate(zip(net, variance, strict=True), 1):
        rate, square = rate + one, square + its_square
        complete = rate >= least * np.sqrt(square) and square > 0
        if complete and index < len(net):
            starts.append(index)
            rate = square = 0.0
    return _complete_groups(starts, complete)


def apart_from_bad(starts: Starts, good: NDArray[np.bool_]) -> Starts:
    """Return the starts of groups such that leading bad channels form groups of their own.

    Otherwise a group would begin where nothing was measured, and fits would leave out its good
    channels with the bad ones.
    """
    usable = np.flatnonzero(good)
    group = np.searchsorted(starts, usable, side="right")
    first = usable[np.diff(group, prepend=0) > 0]
    return np.union1d(starts, first)


def starts_by_number(n_channels: int, number: int) -> Starts:
    """Return the first channels of groups with the same number of channels."""
    return np.arange(0, n_channels, number)


def _complete_groups(starts: list[int], complete: bool) -> Starts:  # noqa: FBT001 - clear from its name
    """Return the starts without the last one if its group is incomplete."""
    return np.array(starts if complete or len(starts) == 1 else starts[:-1], dtype=np.intp)
