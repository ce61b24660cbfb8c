"""The spectra of all sources of one science window, fitted together in every channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.channel_efficiencies import channel_efficiencies
from oda_widgets.engine.common_noise import BlankSky, correlation, variance_in_common
from oda_widgets.engine.efficiency import corrections, straightened
from oda_widgets.engine.energy_groups import (
    BELOW_THRESHOLD,
    BROAD_BANDS,
    broad_band,
    groups_of_channels,
)
from oda_widgets.engine.extract import RateEstimator, Rates
from oda_widgets.engine.fitted_scene import BandImage, SceneFitter, merged
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import Report
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Recorded, Shadowgram, channel_counts, live_seconds
from oda_widgets.engine.template import NeighbourSums
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.sensitivity import WORST
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import TimeInterval, without

_BLIND = 50.0
"""Correction above which a channel has no usable data."""

_STEADY = 100.0
"""Weight, in counts, of the reference's level of the background, which varies by a tenth."""


@dataclass(frozen=True)
class WindowSpectra:
    """Spectra of one science window.

    Parameters
    ----------
    rate, error
        Counts per second, on-axis equivalent, shape (n_sources, n_channels); NaN and infinity in
        channels without data.
    common
        Common part of the covariance, between broad bands, (counts per second)^2, shape
        (n_sources, n_bands, n_bands). Included in the errors.
    share
        Share of each channel in the common error of its band, shape (n_bands, n_channels).
    weight
        Weight of each source in a mean over windows: 1 / variance of all channels together if the
        source were absent, so that it does not depend on its brightness; shape (n_sources,).
    seconds
        Live time of the spectra.
    correction, correction_error
        Factor by which the rates of each channel were raised for photons that the pixels do not
        record, and its relative error; shape (n_channels,).
    """

    rate: Floats
    error: Floats
    common: Floats
    share: Floats
    weight: Floats
    seconds: float
    correction: Floats
    correction_error: Floats


def window_spectra(
    events: Recorded,
    edges: Floats,
    intervals: Sequence[TimeInterval],
    sources: Sequence[Known],
    report: Report = lambda _: None,
    neighbours: NeighbourSums = lambda: None,
) -> WindowSpectra:
    """Return the spectra of sources.

    Parameters
    ----------
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
    counted = _Counted.of(events, edges, intervals)
    groups = [one for one in counted.groups(edges) if one.has_shape]
    fitter = SceneFitter.of(events, sources, neighbours)
    rates = np.full((len(sources), len(edges) - 1), np.nan)
    variances = np.full(rates.shape, np.inf)
    without_source = np.zeros(len(sources))
    scenes: list[Scene] = []
    for group in groups:
        report(f"spectra, {group.whole.band}")
        scene = fitter.fitted(group.whole, scenes[-1] if scenes else None)
        scenes.append(scene)
        estimator = RateEstimator.of(scene)
        found = group.rates(estimator)
        without_source += estimator.variance_without_each(found.rate.sum(axis=1), counted.seconds)
        inner = edges[_edges_of(group.channels)]
        bends = channel_efficiencies(events.sensitivity, inner, scene.background)
        if bends is not None:
            found = straightened(found, scene, estimator, bends)
        rates[:, group.channels], variances[:, group.channels] = found.rate, found.error**2
    report("noise")
    raised = corrections(events, edges, fitter.pixels)
    factor = np.array([one.factor for one in raised])
    bands = [_broad_band(group, factor) for group in groups]
    common, share = _noise(fitter, groups, bands, scenes, rates.shape)
    variances += np.diagonal(common, axis1=1, axis2=2) @ share**2
    rates[:, factor > _BLIND], variances[:, factor > _BLIND] = np.nan, np.inf
    return WindowSpectra(
        rate=rates,
        error=np.sqrt(variances),
        common=common,
        share=share,
        weight=1.0 / np.where(without_source > 0, without_source, np.inf),
        seconds=counted.seconds,
        correction=factor,
        correction_error=np.array([one.error for one in raised]),
    )


def _broad_band(group: _Group, correction: Floats) -> int:
    """Return the broad band in which a group's common noise is measured."""
    hidden = float(np.median(correction[group.channels])) > WORST
    return BELOW_THRESHOLD if hidden else broad_band(group.whole.band)


def _edges_of(channels: slice) -> slice:
    return slice(channels.start, channels.stop + 1)


@dataclass(frozen=True)
class _Counted:
    """Counts per channel and pixel of the seconds to be analysed, and of the others.

    Parameters
    ----------
    counts, reference
        Shape (n_channels, 134 * 130).
    seconds, reference_seconds
        Live time of each.
    """

    counts: NDArray[np.float32]
    seconds: float
    reference: NDArray[np.float32]
    reference_seconds: float

    @classmethod
    def of(cls, events: Recorded, edges: Floats, intervals: Sequence[TimeInterval]) -> Self:
        """Return the counts of a window."""
        other = without(events.good_time, intervals)
        return cls(
            channel_counts(events, edges, intervals),
            live_seconds(events, intervals),
            channel_counts(events, edges, other),
            live_seconds(events, other),
        )

    def groups(self, edges: Floats) -> list[_Group]:
        """Return the groups of channels."""
        return [self._group(band, channels) for band, channels in groups_of_channels(edges)]

    def _group(self, band: EnergyBand, channels: slice) -> _Group:
        counts, reference = self.counts[channels], self.reference[channels]
        whole = BandImage(
            band, _summed(counts, self.seconds), _summed(reference, self.reference_seconds)
        )
        return _Group(channels, whole, counts, reference)


@dataclass(frozen=True)
class _Group:
    """Channels that are fitted with one shape of the background and one set of weights.

    Parameters
    ----------
    channels
        Their place among all channels.
    whole
        Their sum.
    counts, reference
        Counts per channel and pixel, shape (n_channels, 134 * 130).
    """

    channels: slice
    whole: BandImage
    counts: NDArray[np.float32]
    reference: NDArray[np.float32]

    @property
    def has_shape(self) -> bool:
        """True if the counts, or a reference, determine the shape of the background."""
        return self.whole.has_reference or not self.whole.is_sparse

    @property
    def level(self) -> Floats:
        """Counts of each channel, including the reference if it is used."""
        counts: Floats = self.counts.sum(axis=1, dtype=float)
        if not self.whole.has_reference:
            return counts
        counts += self.reference.sum(axis=1, dtype=float)
        return counts

    def rates(self, estimator: RateEstimator) -> Rates:
        """Return rates in the channels, with errors by counting statistics."""
        seconds = self.whole.image.seconds
        sums = estimator.sums(self.counts)
        background = np.maximum(sums[0] / seconds, 0.0)
        if self.whole.has_reference:
            background = self._steady(estimator, sums[0])
        return estimator.rates(sums, seconds, background / estimator.mean_background)

    def _steady(self, estimator: RateEstimator, counted: Floats) -> Floats:
        """Return the background of each channel in counts per second.

        Its spectrum is that of the reference. Its level lies between those of the reference and of
        the counts, closer to the latter the more counts there are.
        """
        reference = self.whole.reference.seconds
        usual = np.maximum(estimator.sums(self.reference)[0], 0.0) / reference
        expected = float(usual.sum()) * self.whole.image.seconds
        steady: Floats = usual * max(float(counted.sum()) + _STEADY, 0.0) / (expected + _STEADY)
        return steady


def _noise(
    fitter: SceneFitter,
    groups: Sequence[_Group],
    bands: Sequence[int],
    fitted: Sequence[Scene],
    shape: tuple[int, int],
) -> tuple[Floats, Floats]:
    """Return the common part of the covariance between broad bands, and the shares of channels.

    Parameters
    ----------
    groups
        Groups with data.
    bands
        Broad band of each.
    fitted
        Scene of each.
    shape
        Numbers of sources and channels.
    """
    errors = np.zeros((shape[0], BROAD_BANDS))
    share = np.zeros((BROAD_BANDS, shape[1]))
    scenes = {}
    blank: BlankSky | None = None
    for group, band in zip(groups, bands, strict=True):
        share[band, group.channels] = group.level
    for number, members in groupby(zip(bands, groups, fitted, strict=True), lambda one: one[0]):
        _, parts, narrow = zip(*members, strict=True)
        model = np.sum([one.on_detector(one.fit.model) for one in narrow], axis=0)
        like = narrow[len(narrow) // 2]
        scene = fitter.fitted(merged([group.whole for group in parts]), like, model)
        blank = BlankSky(scene) if blank is None else blank
        errors[:, number] = np.sqrt(variance_in_common(scene, model, blank=blank))
        scenes[number] = scene
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1.0)
    alike = np.eye(BROAD_BANDS)
    alike[np.ix_(list(scenes), list(scenes))] = correlation(list(scenes.values()))
    return alike * errors[:, :, None] * errors[:, None, :], share


def _summed(counts: NDArray[np.float32], seconds: float) -> Shadowgram:
    """Return the detector image of some channels."""
    return Shadowgram(counts.sum(axis=0, dtype=float).reshape(isgri.DETECTOR_SHAPE), seconds)
