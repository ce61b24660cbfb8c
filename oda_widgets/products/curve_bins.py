"""Find bins of light curves that are to be joined, touch, or are the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.products.bin_errors import BinErrors
from oda_widgets.request.timespan import SECONDS_PER_DAY

Members = list[NDArray[np.int_]]
"""Indices of the bins that form each longer bin."""

_TOUCHING = 1e-5 / SECONDS_PER_DAY  # days, largest gap between bins that touch
_SHORTEST_IN_DAYS = 2.0  # days; shorter lengths are printed in seconds
_SAME_BIN = 1e-3 / SECONDS_PER_DAY  # days, largest difference of edges of the same bin


def between_edges(time: Floats, edges: Floats) -> Members:
    """Return the bins between each pair of edges, leaving out pairs without bins.

    A bin belongs to the pair that contains its time: ``edges[i] <= time < edges[i + 1]``.

    Parameters
    ----------
    time
        Times of the bins, in order.
    edges
        Edges in order, in the unit of `time`.
    """
    place = np.searchsorted(edges, time, side="right")
    inside = np.flatnonzero((place > 0) & (place < len(edges)))
    return _runs(inside, place[inside])


def of_length(time: Floats, start: float, length: float) -> Members:
    """Return the bins in each interval of a length, counted from `start`."""
    place = np.floor((time - start) / length + 1e-9).astype(np.intp)
    return _runs(np.arange(len(time)), place)


def to_significance(rate: Floats, errors: BinErrors, exposure: Floats, least: float) -> Members:
    """Return runs of the fewest bins whose sums are `least` times their errors.

    An incomplete run at the end belongs to the last complete one.

    Parameters
    ----------
    rate, errors
        Rates of the bins and their errors, in order of time.
    exposure
        Good time of the bins, seconds.
    least
        Least signal-to-noise ratio of each longer bin.
    """
    number = np.zeros(len(rate), dtype=np.intp)
    counts, own, common = (x * exposure for x in (rate, errors.own, errors.common))
    signal = noise = shared = 0.0  # noise does not include the shared error of the last window
    reached = 0
    for place, (count, error, amount) in enumerate(zip(counts, own, common, strict=True)):
        if place and errors.window[place] != errors.window[place - 1]:
            noise, shared = noise + shared**2, 0.0
        number[place] = reached
        signal, noise, shared = signal + count, noise + error**2, shared + amount
        variance = noise + shared**2
        if variance > 0 and signal >= least * variance**0.5:  # 0 if nothing was counted yet
            reached, signal, noise, shared = reached + 1, 0.0, 0.0, 0.0
    return _runs(np.arange(len(rate)), np.minimum(number, max(reached - 1, 0)))


def length_text(seconds: float) -> str:
    """Return the length of a bin as text: "0.002 s", "100 s", "30 d"."""
    days = seconds / SECONDS_PER_DAY
    return f"{days:.4g} d" if days >= _SHORTEST_IN_DAYS else f"{seconds:.6g} s"


def sums(values: Floats, members: Members) -> Floats:
    """Return the sum of the values in each longer bin."""
    order = np.concatenate(members)
    summed: Floats = np.add.reduceat(values[order], firsts(members))
    return summed


def firsts(members: Members) -> NDArray[np.int_]:
    """Return the position of the first member of each longer bin among all members."""
    return np.cumsum([0, *(len(chosen) for chosen in members[:-1])])


def _runs(bins: NDArray[np.int_], place: NDArray[np.int_]) -> Members:
    """Return runs of bins with the same value of `place`."""
    if not len(bins):
        return []
    return np.split(bins, np.flatnonzero(np.diff(place)) + 1)


def without_cracks(spans: Floats) -> list[tuple[float, float]]:
    """Return spans after closing gaps of rounding between neighbours."""
    closed = spans.copy()
    touching = np.abs(spans[1:, 0] - spans[:-1, 1]) < _TOUCHING
    closed[:-1, 1][touching] = spans[1:, 0][touching]
    return [(float(start), float(stop)) for start, stop in closed]


def same_bins(first: Floats, second: Floats) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return the indices, in each of two light curves, of the bins that both have.

    Parameters
    ----------
    first, second
        Edges in IJD days, shape (n_bins, 2).
    """
    if not len(first) or not len(second):
        return np.array([], dtype=int), np.array([], dtype=int)
    nearest = np.searchsorted(second[:, 0], first[:, 0] - _SAME_BIN)
    nearest = np.minimum(nearest, len(second) - 1)
    same = np.abs(first - second[nearest]).max(axis=1) < _SAME_BIN
    return np.flatnonzero(same), nearest[same]
