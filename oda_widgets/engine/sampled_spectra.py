"""The spectra of all sources of one science window of a single-chamber detector.

Every channel is fitted by itself, because the resolution of positions, and so the contrast of the
shadows, depends on energy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.extract import RateEstimator, Rates
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import Report
from oda_widgets.engine.sampled_aperture import SampledAperture
from oda_widgets.engine.sampled_scene import sampled_scene
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import shadowgrams
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import TimeInterval


@dataclass(frozen=True)
class SampledSpectra:
    """Spectra of one science window.

    Parameters
    ----------
    rate, error
        Counts per second, on-axis equivalent, shape (n_sources, n_channels).
    weight
        Weight of each source in a mean over windows: 1 / variance of all channels together if the
        source were absent; shape (n_sources,).
    """

    rate: Floats
    error: Floats
    weight: Floats


def sampled_spectra(
    events: WindowEvents,
    edges: Floats,
    intervals: Sequence[TimeInterval],
    sources: Sequence[Known],
    aperture_of: Callable[[EnergyBand], SampledAperture],
    report: Report = lambda _: None,
) -> SampledSpectra:
    """Return the spectra of sources.

    Parameters
    ----------
    edges
        Edges of adjoining channels in keV, shape (n_channels + 1,).
    intervals
        Good time to be used.
    sources
        Sources to be fitted together.
    aperture_of
        Returns the aperture of a channel.
    report
        Called with the name of each step; may raise to stop.
    """
    tangents = np.array([source.tangents for source in sources]).reshape(-1, 2)
    rates, errors = np.zeros((2, len(sources), len(edges) - 1))
    variance = np.zeros(len(sources))
    images = shadowgrams(events, edges, intervals)
    for channel, image in enumerate(images):
        band = EnergyBand(float(edges[channel]), float(edges[channel + 1]))
        report(f"spectra, {band}")
        scene = sampled_scene(events, image, aperture_of(band)).with_tangents(tangents)
        estimator = RateEstimator.of(scene)
        found = _rates(scene, estimator)
        rates[:, channel], errors[:, channel] = found.rate[:, 0], found.error[:, 0]
        variance += estimator.variance_without_each(found.rate[:, 0], image.seconds)
    return SampledSpectra(rates, errors, 1.0 / np.where(variance > 0, variance, np.inf))


def _rates(scene: Scene, estimator: RateEstimator) -> Rates:
    """Return the rates of one channel."""
    sums = estimator.sums(scene.shadowgram.counts.reshape(1, -1))
    return estimator.rates(sums, scene.shadowgram.seconds, np.ones(1))
