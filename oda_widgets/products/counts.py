"""Counts per channel, and neighbouring channels joined to groups."""

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
        Counts that a rate of 1/s leads to, shape (n_channels,): seconds times AREASCAL. For a
        background also times its BACKSCAL over that of the source, so that number / exposure is
        the rate expected in the spectrum of the source.
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
    """Neighbouring channels that are joined; bad channels inside a group are left out.

    Parameters
    ----------
    starts
        Index of the first channel of each group, shape (n_groups,).
    weights
        What a channel contributes to the rate of its group, shape (n_channels,): 1 for a good
        channel, 0 for a bad one; other numbers where AREASCAL differs within a group.
    """

    starts: Starts
    weights: Floats

    def total(self, values: Floats) -> Floats:
        """Return the weighted sums of values over the last axis, shape (..., n_groups)."""
        used = np.where(self.weights > 0, values, 0.0) * self.weights
        total: Floats = np.add.reduceat(used, self.starts, axis=-1)
        return total

    def root_of_squares(self, errors: Floats) -> Floats:
        """Return errors of the weighted sums."""
        squares = np.where(self.weights > 0, errors, 0.0) * self.weights
        root: Floats = np.sqrt(np.add.reduceat(squares**2, self.starts))
        return root

    def counts(self, counts: Counts, exposure: Floats) -> Counts:
        """Return counts of the groups, of which `exposure` is that of the source."""
        good = (self.weights > 0).astype(np.float64)
        number = np.add.reduceat(np.where(good > 0, counts.number, 0.0), self.starts)
        # Where exposures differ within a group, that of the group is their mean.
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
        Counts of the source, if it has any: their exposures weigh the channels.
    """
    weights = good.astype(np.float64)
    if counts is not None:
        sizes = np.diff(np.append(starts, len(good)))
        typical = np.repeat(mean(counts.exposure, weights, starts), sizes)
        weights = weights * counts.exposure / typical
    return Groups(starts, weights)


def mean(values: Floats, good: Floats, starts: Starts) -> Floats:
    """Return the means of the good channels of each group; of all if a group has none."""
    number = np.add.reduceat(good, starts)
    found: Floats = np.where(
        number > 0,
        np.add.reduceat(values * good, starts) / np.maximum(number, 1.0),
        np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values))),
    )
    return found


def checked_starts(value: Any, n_channels: int) -> Starts:
    """Return the first channels of groups that a user gave.

    Raises
    ------
    BadParameter
        If they are not whole numbers that increase from 0, all of them channels.
    """
    given = [whole_number("starts", start, 0) for start in listed("starts", value, n_channels)]
    starts = np.array(given, dtype=np.int64)
    if not given or given[0] != 0 or np.any(np.diff(starts) <= 0) or given[-1] >= n_channels:
        limit = f"not whole numbers that increase from 0 and stay below {n_channels}"
        raise BadParameter("starts", value, limit, "Write for example starts=[0, 10, 20].")
    return starts.astype(np.intp)


def starts_of_flags(flags: NDArray[np.int16]) -> Starts:
    """Return the first channels of groups from the GROUPING of a file: -1 continues a group."""
    first = np.asarray(flags) != -1
    first[0] = True
    return np.flatnonzero(first)


def starts_by_sum(amounts: Floats, least: float) -> Starts:
    """Return the first channels of groups whose amounts add up to a least sum.

    What is left at the end joins the last group.
    """
    starts, total = [0], 0.0
    for index, amount in enumerate(amounts, 1):
        total += amount
        if total >= least and index < len(amounts):
            starts.append(index)
            total = 0.0
    return _without_rest(starts, total >= least)


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
    return _without_rest(starts, complete)


def apart_from_bad(starts: Starts, good: NDArray[np.bool_]) -> Starts:
    """Return the starts of groups, with the bad channels before a group's first good one apart.

    Else a group would seem to begin where nothing was measured, and fits would leave its good
    channels out with the bad ones.
    """
    usable = np.flatnonzero(good)
    group = np.searchsorted(starts, usable, side="right")
    first = usable[np.diff(group, prepend=0) > 0]
    return np.union1d(starts, first)


def starts_by_number(n_channels: int, number: int) -> Starts:
    """Return the first channels of groups of equally many channels."""
    return np.arange(0, n_channels, number)


def _without_rest(starts: list[int], complete: bool) -> Starts:  # noqa: FBT001 - said by its name
    return np.array(starts if complete or len(starts) == 1 else starts[:-1], dtype=np.intp)
