"""Detector images: counts per pixel, in bands of energy and intervals of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.base import WindowEvents
from oda_widgets.instruments import isgri
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval

_PIXELS = isgri.DETECTOR_SHAPE[0] * isgri.DETECTOR_SHAPE[1]


@dataclass(frozen=True)
class Shadowgram:
    """Counts of the detector in one band.

    Parameters
    ----------
    counts
        Shape (134, 130).
    seconds
        Live time in which they were collected.
    """

    counts: NDArray[np.float64]
    seconds: float

    def __add__(self, other: Shadowgram) -> Shadowgram:
        return Shadowgram(self.counts + other.counts, self.seconds + other.seconds)


def pixel_numbers(
    events: WindowEvents, chosen: NDArray[np.bool_] | slice = slice(None)
) -> NDArray[np.intp]:
    """Return the flat pixel index of each event, or of those chosen."""
    columns = isgri.DETECTOR_SHAPE[1]
    return events.detz[chosen].astype(np.intp) * columns + events.dety[chosen]


def shadowgram(
    events: WindowEvents, band: EnergyBand, intervals: Sequence[TimeInterval]
) -> Shadowgram:
    """Return the counts of a band inside intervals, which must lie inside the good time."""
    counts = np.zeros(_PIXELS)
    if intervals:
        chosen = in_band(events, band) & inside(events.time, intervals)
        counts += np.bincount(pixel_numbers(events, chosen), minlength=_PIXELS)
    return Shadowgram(counts.reshape(isgri.DETECTOR_SHAPE), live_seconds(events, intervals))


def in_band(events: WindowEvents, band: EnergyBand) -> NDArray[np.bool_]:
    """Return True for the events of a band."""
    chosen: NDArray[np.bool_] = (events.energy >= band.low) & (events.energy < band.high)
    return chosen


def channel_counts(
    events: WindowEvents, edges: NDArray[np.float64], intervals: Sequence[TimeInterval]
) -> NDArray[np.float32]:
    """Return the counts per channel and pixel, shape (n_channels, 134 * 130).

    Parameters
    ----------
    edges
        Edges of adjoining channels in keV, shape (n_channels + 1,).
    """
    chosen = inside(events.time, intervals)
    chosen &= (events.energy >= edges[0]) & (events.energy < edges[-1])
    channel = np.searchsorted(edges, events.energy[chosen], side="right") - 1
    cell = channel * _PIXELS + pixel_numbers(events, chosen)
    counts = np.bincount(cell, minlength=(len(edges) - 1) * _PIXELS)
    return counts.reshape(-1, _PIXELS).astype(np.float32)


def inside(time: NDArray[np.float64], intervals: Sequence[TimeInterval]) -> NDArray[np.bool_]:
    """Return True for the times (in order) that fall into any of the intervals."""
    chosen = np.zeros(len(time), dtype=bool)
    for interval in intervals:
        first, last = np.searchsorted(time, [interval.start, interval.stop])
        chosen[first:last] = True
    return chosen


def live_seconds(events: WindowEvents, intervals: Sequence[TimeInterval]) -> float:
    """Return the live time inside intervals that lie inside the good time."""
    fraction = 1.0 if events.live_fraction is None else events.live_fraction
    return fraction * SECONDS_PER_DAY * sum(i.stop - i.start for i in intervals)
