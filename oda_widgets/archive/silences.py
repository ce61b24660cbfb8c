"""Find stretches without telemetry inside good time.

A detector with a background is never silent for long. Where the whole detector has no event for a
second or more, and chance would cause such a silence in one of a million windows, its events were
lost on their way to the ground. That stretch is not live time. A file with few events, such as a
cut of another file, has long silences by chance: the longest one is judged by the file's own rate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval

_SHORTEST = 1.0
"""Seconds; real windows have silences of 0.1 s, which are dead time."""

_CHANCE = 1e-6
"""Probability that chance causes so long a silence anywhere in the window."""

_EVENTS = 20.0
"""Mean number of events in the bins that give the rate."""

_LOW = 10.0
"""Percentile of the bins with events that gives the rate outside bursts and flares."""


def without_silences(time: Floats, good_time: Sequence[TimeInterval]) -> tuple[TimeInterval, ...]:
    """Return good time without the stretches in which no event was received.

    Parameters
    ----------
    time
        Of all events of the whole detector, IJD days, in order; NaN at the end.
    good_time
        Sorted, disjoint intervals.
    """
    edges = [_edges(time, interval) for interval in good_time]
    lengths = [np.diff(one) * SECONDS_PER_DAY for one in edges]
    if not any(one.max() >= _SHORTEST for one in lengths):
        return tuple(good_time)
    longest = _longest_by_chance(edges)
    found: list[TimeInterval] = []
    for one, length in zip(edges, lengths, strict=True):
        found += _between(one, np.flatnonzero(length > longest))
    return tuple(found)


def _edges(time: Floats, interval: TimeInterval) -> Floats:
    """Return the start of an interval, the times of its events, and its stop."""
    first, last = np.searchsorted(time, [interval.start, interval.stop])
    return np.concatenate(([interval.start], time[first:last], [interval.stop]))


def _longest_by_chance(edges: Sequence[Floats]) -> float:
    """Return the longest silence that chance may cause, seconds."""
    events = np.concatenate([one[1:-1] for one in edges])
    seconds = float(sum(one[-1] - one[0] for one in edges)) * SECONDS_PER_DAY
    if not len(events):
        return float("inf")
    width = max(_SHORTEST, _EVENTS * seconds / len(events))
    counts = np.unique(
        ((events - events[0]) * (SECONDS_PER_DAY / width)).astype(np.int64), return_counts=True
    )[1]
    rate = float(np.percentile(counts, _LOW)) / width
    return max(_SHORTEST, float(np.log(max(len(events), 1) / _CHANCE)) / rate)


def _between(edges: Floats, silent: NDArray[np.intp]) -> list[TimeInterval]:
    """Return the parts of an interval between its silences.

    An interval excludes its stop, so a part stops just after the last event before a silence.
    """
    starts = np.append(edges[0], edges[silent + 1])
    stops = np.append(np.nextafter(edges[silent], np.inf), edges[-1])
    # A silence at the start or the end of the interval leaves no part on that side.
    if len(silent) and silent[0] == 0:
        starts, stops = starts[1:], stops[1:]
    if len(silent) and silent[-1] == len(edges) - 2:
        starts, stops = starts[:-1], stops[:-1]
    return [TimeInterval(float(a), float(b)) for a, b in zip(starts, stops, strict=True) if a < b]
