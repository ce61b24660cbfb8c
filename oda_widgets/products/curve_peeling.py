"""Find bursts as sets of windows: take the most significant window, remove its bins, repeat.

A long window with a short burst at its end has an excess too, although nothing happens in the rest
of it. So the bins of a window that was taken no longer count for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.products.curve_search import Bins, Excesses

# Least sigma of a further window of a burst: by chance every tenth burst has one of 4 sigma nearby.
_EDGE = 5.0
_TAIL = 3.0  # least sigma of a window that touches a burst; chance adds one to every fiftieth burst
_ROOM = 0.03  # largest noise that the room on each side may add, as a fraction of the counts
_MOST_WINDOWS = 500  # of a burst; a safeguard


@dataclass(frozen=True)
class Found:
    """The bins of a burst, by their indices.

    Parameters
    ----------
    first, last
        First and last bin of the burst.
    inner
        First and last bin without the room for faint tails.
    best
        First and last bin of the most significant window.
    significance
        Significance of that window, sigma; None if the user gave the interval of the burst.
    trigger
        First bin of the first window that reached the threshold.
    """

    first: int
    last: int
    inner: tuple[int, int]
    best: tuple[int, int]
    significance: float | None
    trigger: int


def find_bursts(
    bins: Bins, found: Excesses, lengths: Sequence[int], above: float, apart: float
) -> list[Found]:
    """Return the bursts above a threshold, in order of time.

    Parameters
    ----------
    bins
        Measured bins of the light curve.
    found
        Excesses of its windows.
    lengths
        Lengths of the windows in bins.
    above
        Least significance, sigma.
    apart
        Least time without excess between two bursts, seconds.
    """
    bursts: list[Found] = []
    for first, stop in _regions(bins, found, lengths, above, apart):
        windows = _significant_windows(found.part(first, stop), lengths, above)
        for cluster in _clusters(bins, [one.moved(first) for one in windows], apart):
            best = max(cluster, key=lambda one: one.significance)
            if best.significance >= above:
                bursts.append(_burst(found, lengths, cluster, best, above))
    return bursts


@dataclass(frozen=True)
class _Window:
    """First and last bin of a window, and its significance, sigma."""

    first: int
    last: int
    significance: float

    def moved(self, by: int) -> _Window:
        return _Window(self.first + by, self.last + by, self.significance)


def _regions(
    bins: Bins, found: Excesses, lengths: Sequence[int], above: float, apart: float
) -> list[tuple[int, int]]:
    """Return the regions around windows above a threshold, each as first bin and stop."""
    number = len(bins)
    bin_length = float(np.median(bins.stop - bins.start))
    margin = max(lengths) + int(apart / bin_length)
    touched = np.zeros(number + 1)
    for length in lengths:
        first = np.flatnonzero(found.significance(length) >= above)
        np.add.at(touched, np.maximum(first - margin, 0), 1)
        np.add.at(touched, np.minimum(first + length + margin, number), -1)
    inside = np.concatenate([[False], np.cumsum(touched)[:number] > 0, [False]])
    edges = np.flatnonzero(np.diff(inside.astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def _significant_windows(found: Excesses, lengths: Sequence[int], above: float) -> list[_Window]:
    """Return windows with an excess in descending order, none with bins of a previous one."""
    left = np.ones(len(found.net), dtype=bool)
    windows: list[_Window] = []
    while len(windows) < _MOST_WINDOWS:
        best = max(
            (_best_window(found.significance(length, left), length) for length in lengths),
            key=lambda one: one.significance,
        )
        if best.significance < (min(_EDGE, above) if windows else above):
            break
        taken = np.flatnonzero(left[best.first : best.last + 1]) + best.first
        left[taken] = False
        windows.append(_Window(int(taken[0]), int(taken[-1]), best.significance))
    return windows


def _best_window(significance: Floats, length: int) -> _Window:
    if not len(significance):
        return _Window(0, 0, -np.inf)
    first = int(np.argmax(significance))
    return _Window(first, first + length - 1, float(significance[first]))


def _clusters(bins: Bins, windows: list[_Window], apart: float) -> list[list[_Window]]:
    """Return windows in groups that are separated by at least `apart` seconds."""
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
    # The trigger is, as on board, the window that ends first; of several, the shortest.
    ends = [
        (int(begin) + length - 1, length)
        for length in lengths
        for begin in np.flatnonzero(inside.significance(length) >= above)[:1]
    ]
    end, length = min(ends, default=(best.last - first, best.last - best.first + 1))
    trigger = first + end - length + 1
    return Found(first, last, inner, (best.first, best.last), best.significance, trigger)


def _with_tails(found: Excesses, lengths: Sequence[int], first: int, last: int) -> tuple[int, int]:
    """Return first and last bin of a burst, extended step by step by fainter windows that touch."""
    number = len(found.net)
    for _ in range(_MOST_WINDOWS):
        longest = last - first + 1
        before = [n for n in lengths if n <= longest and first - n >= 0]
        after = [n for n in lengths if n <= longest and last + n < number]
        earlier = [n for n in before if _window_significance(found, first - n, n) > _TAIL]
        later = [n for n in after if _window_significance(found, last + 1, n) > _TAIL]
        if not earlier and not later:
            break
        first -= max(earlier, default=0)
        last += max(later, default=0)
    return first, last


def _padded(found: Excesses, first: int, last: int) -> tuple[int, int]:
    """Return first and last bin of a burst with room for tails too faint for any window.

    The room on each side is at most half of the burst, since the level is not known further away,
    and short enough that its noise is a small fraction of the counts.
    """
    length = last - first + 1
    counts = float(found.net[first : last + 1].sum())
    variance_per_bin = float(found.variance[first : last + 1].mean())
    room = int(min(length // 2, (_ROOM * max(counts, 0.0)) ** 2 / variance_per_bin))
    return max(first - room, 0), min(last + room, len(found.net) - 1)


def _window_significance(found: Excesses, first: int, length: int) -> float:
    """Return the significance of the window at a bin."""
    return float(found.part(first, first + length).significance(length)[0])
