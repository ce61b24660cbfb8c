"""Bursts as sets of windows: the most significant first, what it explains taken off, and again.

A long window with a short burst at its end has an excess too, and says nothing about the time
around it. So once a window is taken, its bins no longer count for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.products.curve_search import Bins, Excesses

# Sigma of a window beside a burst that belongs to it: chance puts one of 4 sigma beside each tenth.
_EDGE = 5.0
_TAIL = 3.0  # sigma of a window that touches a burst: few are tried, chance adds one in fifty
_ROOM = 0.03  # of the counts of a burst: noise that each side may add
_MOST_WINDOWS = 500  # of a burst; a safeguard


@dataclass(frozen=True)
class Found:
    """A burst that was found; numbers of bins.

    Parameters
    ----------
    first, last
        First and last bin of the burst.
    inner
        The same without the room for tails that no window shows.
    best
        First and last bin of its most significant window.
    significance
        Of that window, sigma; None where nothing was searched.
    trigger
        First bin of the window in which the threshold was reached first.
    """

    first: int
    last: int
    inner: tuple[int, int]
    best: tuple[int, int]
    significance: float | None
    trigger: int


def peeled(
    bins: Bins, found: Excesses, lengths: Sequence[int], above: float, apart: float
) -> list[Found]:
    """Return the bursts above a threshold, in order of time.

    Parameters
    ----------
    bins
        Of the light curve.
    found
        What its windows have above the level.
    lengths
        Of the windows, bins.
    above
        Least significance, sigma.
    apart
        Seconds without excess between two bursts.
    """
    bursts: list[Found] = []
    for first, stop in _regions(bins, found, lengths, above, apart):
        windows = _windows(found.part(first, stop), lengths, above)
        for cluster in _clusters(bins, [one.moved(first) for one in windows], apart):
            best = max(cluster, key=lambda one: one.significance)
            if best.significance >= above:
                bursts.append(_burst(found, lengths, cluster, best, above))
    return bursts


@dataclass(frozen=True)
class _Window:
    """A window: first and last bin, and sigma."""

    first: int
    last: int
    significance: float

    def moved(self, by: int) -> _Window:
        return _Window(self.first + by, self.last + by, self.significance)


def _regions(
    bins: Bins, found: Excesses, lengths: Sequence[int], above: float, apart: float
) -> list[tuple[int, int]]:
    """Return the stretches around windows above a threshold, each as first bin and stop."""
    number = len(bins)
    usual = float(np.median(bins.stop - bins.start))
    margin = max(lengths) + int(apart / usual)
    touched = np.zeros(number + 1)
    for length in lengths:
        first = np.flatnonzero(found.significance(length) >= above)
        np.add.at(touched, np.maximum(first - margin, 0), 1)
        np.add.at(touched, np.minimum(first + length + margin, number), -1)
    inside = np.concatenate([[False], np.cumsum(touched)[:number] > 0, [False]])
    edges = np.flatnonzero(np.diff(inside.astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def _windows(found: Excesses, lengths: Sequence[int], above: float) -> list[_Window]:
    """Return windows with an excess, each where the ones before left bins."""
    left = np.ones(len(found.net), dtype=bool)
    windows: list[_Window] = []
    while len(windows) < _MOST_WINDOWS:
        best = max(
            (_best(found.significance(length, left), length) for length in lengths),
            key=lambda one: one.significance,
        )
        if best.significance < (min(_EDGE, above) if windows else above):
            break
        taken = np.flatnonzero(left[best.first : best.last + 1]) + best.first
        left[taken] = False
        windows.append(_Window(int(taken[0]), int(taken[-1]), best.significance))
    return windows


def _best(significance: Floats, length: int) -> _Window:
    if not len(significance):
        return _Window(0, 0, -np.inf)
    first = int(np.argmax(significance))
    return _Window(first, first + length - 1, float(significance[first]))


def _clusters(bins: Bins, windows: list[_Window], apart: float) -> list[list[_Window]]:
    """Return windows that lie near each other together."""
    clusters: list[list[_Window]] = []
    reached = -np.inf
    for window in sorted(windows, key=lambda one: one.first):
        if bins.start[window.first] > reached + apart:
            clusters.append([])
        clusters[-1].append(window)
        reached = max(reached, float(bins.stop[window.last]))
    return clusters


def _burst(
    found: Excesses, lengths: Sequence[int], cluster: list[_Window], best: _Window, above: float
) -> Found:
    first = min(one.first for one in cluster)
    last = max(one.last for one in cluster)
    inner = _with_tails(found, lengths, first, last)
    first, last = _padded(found, *inner)
    inside = found.part(first, last + 1)
    # As on board: of the windows above the threshold that end first, the shortest.
    ends = [
        (int(begin) + length - 1, length)
        for length in lengths
        for begin in np.flatnonzero(inside.significance(length) >= above)[:1]
    ]
    end, length = min(ends, default=(best.last - first, best.last - best.first + 1))
    trigger = first + end - length + 1
    return Found(first, last, inner, (best.first, best.last), best.significance, trigger)


def _with_tails(found: Excesses, lengths: Sequence[int], first: int, last: int) -> tuple[int, int]:
    """Return the ends of a burst with the fainter windows that touch it, one after the other."""
    number = len(found.net)
    for _ in range(_MOST_WINDOWS):
        longest = last - first + 1
        before = [n for n in lengths if n <= longest and first - n >= 0]
        after = [n for n in lengths if n <= longest and last + n < number]
        earlier = [n for n in before if _alone(found, first - n, n) > _TAIL]
        later = [n for n in after if _alone(found, last + 1, n) > _TAIL]
        if not earlier and not later:
            break
        first -= max(earlier, default=0)
        last += max(later, default=0)
    return first, last


def _padded(found: Excesses, first: int, last: int) -> tuple[int, int]:
    """Return the ends of a burst with room for tails that no window shows.

    Half as long on each side as the burst, for the level is known no further, and no longer than
    adds noise of a small part of its counts.
    """
    length = last - first + 1
    counts = float(found.net[first : last + 1].sum())
    of_bin = float(found.variance[first : last + 1].mean())
    room = int(min(length // 2, (_ROOM * max(counts, 0.0)) ** 2 / of_bin))
    return max(first - room, 0), min(last + room, len(found.net) - 1)


def _alone(found: Excesses, first: int, length: int) -> float:
    """Return the significance of one window."""
    return float(found.part(first, first + length).significance(length)[0])
