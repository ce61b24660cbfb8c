"""The spectra of all sources of one science window, fitted together in every channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.energy_groups import group_number, groups_of_channels
from oda_widgets.engine.extract import RateEstimator
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import Report
from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram, channel_counts, live_seconds
from oda_widgets.engine.template import NeighbourSums, efficiencies_from_neighbours
from oda_widgets.engine.window_background import window_background
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.request.timespan import TimeInterval, without

_FEWEST_COUNTS = 0.02
"""Per pixel and group; below it a group has no shape to fit."""


@dataclass(frozen=True)
class WindowSpectra:
    """Spectra of one science window.

    Parameters
    ----------
    rate, error
        Counts per second, on-axis equivalent, shape (n_sources, n_channels); NaN and infinity in
        channels without data.
    seconds
        Live time of the spectra.
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
    neighbours: NeighbourSums = lambda: None,
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
    neighbours
        Gives pixel counts of neighbouring windows, one set per energy group;
        called only if the efficiencies reduce the errors.
    """
    report("events")
    counts = channel_counts(events, edges, intervals)
    seconds = live_seconds(events, intervals)
    other = without(events.good_time, intervals)
    reference_counts = channel_counts(events, edges, other)
    pixels = pixel_health(events)
    directions = np.array([source.tangents for source in sources])
    rate = np.full((len(sources), len(edges) - 1), np.nan)
    error = np.full(rate.shape, np.inf)
    for band, channels in groups_of_channels(edges):
        report(f"spectra, {band}")
        image = _band_image(counts[channels], seconds)
        if image.counts.mean() < _FEWEST_COUNTS:
            continue
        reference = _band_image(reference_counts[channels], live_seconds(events, other))
        background = window_background(
            pixels, image, reference, lambda scene: scene.with_tangents(directions)
        )
        scene = Scene(image, background, directions).with_measured_background()
        measured = efficiencies_from_neighbours(scene, background, neighbours, group_number(band))
        if measured is not None:
            scene = Scene(image, measured, directions).with_measured_background()
        rate[:, channels], error[:, channels] = _channels_of_group(scene, counts[channels])
    return WindowSpectra(rate, error, seconds)


def _band_image(counts: NDArray[np.float32], seconds: float) -> Shadowgram:
    """Return the detector image of some channels."""
    return Shadowgram(counts.sum(axis=0, dtype=float).reshape(isgri.DETECTOR_SHAPE), seconds)


def _channels_of_group(scene: Scene, counts: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return rates and errors in the channels of one group."""
    estimator = RateEstimator.of(scene)
    used = counts[:, scene.used.ravel()]
    sums = estimator.matrix @ used.T
    seconds = scene.shadowgram.seconds
    level = np.maximum(sums[0] / seconds, 0.0) / estimator.mean_background
    rates = estimator.rates(sums, seconds, level)
    # Such an error is common to the channels; it is shared out among them so that the error of
    # their sum comes out right.
    shared = np.outer(estimator.noise_in_common[1:], level / max(level.sum(), 1e-300))
    return rates.rate, np.sqrt(rates.error**2 + shared)
