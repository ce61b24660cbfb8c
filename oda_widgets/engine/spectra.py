"""The spectra of all sources of one science window, fitted together in every channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.base import WindowEvents
from oda_widgets.engine.clean import Known
from oda_widgets.engine.extract import RateEstimator
from oda_widgets.engine.imaging import Report, window_background
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram, channel_counts, live_seconds
from oda_widgets.instruments import isgri
from oda_widgets.request.energy import HIGHEST_KEV, LOWEST_KEV, EnergyBand
from oda_widgets.request.timespan import TimeInterval

Floats = NDArray[np.float64]

_GROUP_EDGES = (15.0, 22.0, 28.0, 34.0, 40.0, 50.0, 65.0, 90.0, 120.0, 160.0, 220.0, 350.0, 1000.0)
"""Energies in keV between which the shape of the background, and the weights, are taken as one."""

_FEWEST_COUNTS = 0.02
"""Per pixel and group; below it a group has no shape to fit."""


@dataclass(frozen=True)
class WindowSpectra:
    """Spectra of one science window.

    Parameters
    ----------
    rate, error
        Counts per second as seen on axis, shape (n_sources, n_channels); NaN and infinity in
        channels without data.
    seconds
        Live time.
    """

    rate: Floats
    error: Floats
    seconds: float


def window_spectra(
    events: WindowEvents,
    edges: Floats,
    intervals: Sequence[TimeInterval],
    sources: Sequence[Known],
    report: Report = lambda _: None,
) -> WindowSpectra:
    """Return the spectra of sources.

    Parameters
    ----------
    events
        Events of the window.
    edges
        Edges of adjoining channels in keV, shape (n_channels + 1,).
    intervals
        Good time to be used.
    sources
        Sources to be fitted together.
    report
        Called with the name of each step; may raise to stop.
    """
    report("events")
    counts = channel_counts(events, edges, intervals)
    seconds = live_seconds(events, intervals)
    directions = np.array([source.tangents for source in sources])
    rate = np.full((len(sources), len(edges) - 1), np.nan)
    error = np.full(rate.shape, np.inf)
    for band, channels in _groups(edges):
        report(f"spectra, {band}")
        image = counts[channels].sum(axis=0, dtype=float).reshape(isgri.DETECTOR_SHAPE)
        if image.mean() < _FEWEST_COUNTS:
            continue
        background = window_background(
            events, band, intervals, lambda scene: scene.with_tangents(directions)
        )
        scene = Scene(Shadowgram(image, seconds), background, directions).with_measured_scatter()
        rate[:, channels], error[:, channels] = _channels_of_group(scene, counts[channels])
    return WindowSpectra(rate, error, seconds)


def _channels_of_group(scene: Scene, counts: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return rates and errors in the channels of one group."""
    estimator = RateEstimator.of(scene)
    used = counts[:, scene.used.ravel()]
    sums = estimator.matrix @ used.T
    seconds = scene.shadowgram.seconds
    level = np.maximum(sums[0] / seconds, 0.0) / max(estimator.mean_background, 1e-300)
    rates = estimator.rates(sums, seconds, level)
    # What the pixels scatter is common to the channels; it is shared out among them so that the
    # error of their sum comes out right.
    shared = np.outer(estimator.noise_of_pixels[1:], level / max(level.sum(), 1e-300))
    return rates.rate, np.sqrt(rates.error**2 + shared)


def _groups(edges: Floats) -> list[tuple[EnergyBand, slice]]:
    """Return bands of energy and the channels that they hold."""
    low, high = edges[:-1], edges[1:]
    inside = (low >= LOWEST_KEV) & (high <= HIGHEST_KEV)
    number = np.searchsorted(_GROUP_EDGES, low, side="right")
    groups = []
    for group in np.unique(number[inside]):
        channels = np.flatnonzero(inside & (number == group))
        first, last = int(channels[0]), int(channels[-1])
        groups.append((EnergyBand(low[first], high[last]), slice(first, last + 1)))
    return groups
