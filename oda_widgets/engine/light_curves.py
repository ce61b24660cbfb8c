"""The light curves of all sources of one science window, fitted together in every bin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.common_noise import variance_in_common
from oda_widgets.engine.efficiency import WEIGHT_STEP, corrections, event_weights
from oda_widgets.engine.energy_groups import groups_of_band
from oda_widgets.engine.extract import RateEstimator, RateNoise, Rates
from oda_widgets.engine.fitted_scene import SceneFitter, band_images, merged
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import Report
from oda_widgets.engine.pixel_health import PixelHealth
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import in_band, live_fraction, pieces, pixel_numbers
from oda_widgets.engine.template import NeighbourSums
from oda_widgets.engine.time_bins import TimeBins
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.sensitivity import WORST
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import TimeInterval

_SHORT = 1.0
"""Seconds: bins of whole seconds are sums over such bins, without reading the events again."""

_STEADY_COUNTS = 5000.0
"""Counts over which the level of the background is averaged for the errors: to 1.4 %."""


@dataclass(frozen=True)
class WindowLightCurves:
    """Light curves of one science window; bins without good time are left out.

    Parameters
    ----------
    start
        Starts of the bins, IJD days, shape (n_bins,).
    time
        Means of the good time in the bins, IJD days.
    width
        Bin widths, seconds.
    exposed_fraction
        Good time over length.
    total_counts
        Counts of the pixels in use.
    rates
        Rates of the sources and of the background.
    common_error
        The part of the errors of sources common to the bins, shape (n_sources, n_bins).
    """

    start: Floats
    time: Floats
    width: Floats
    exposed_fraction: Floats
    total_counts: Floats
    rates: Rates
    common_error: Floats


@dataclass(frozen=True)
class GroupSums:
    """Sums over the events of one group of energies, in short bins.

    Parameters
    ----------
    added
        Counts of the pixels in use, then the sums that give the rates of the background and of
        each source; shape (2 + n_sources, n_bins).
    """

    added: NDArray[np.float32]
    noise: RateNoise


@dataclass(frozen=True)
class WindowSums:
    """Sums that give light curves with longer bins, without reading events or fitting again.

    Parameters
    ----------
    step
        Length of the short bins, seconds.
    live_fraction
        Live time over good time.
    groups
        Sums of each group of the band.
    common
        Variance of the rate of each source common to all bins, at the mean level of the
        background, (counts per second)^2, shape (n_sources,).
    """

    step: float
    live_fraction: float
    groups: tuple[GroupSums, ...]
    common: Floats


def has_short_bins(time_bin: float) -> bool:
    """Return True for bins of whole seconds, which are sums over bins of one second."""
    return time_bin % _SHORT == 0


def short_bin(time_bin: float) -> float:
    """Return the length of the short bins that make up bins, seconds."""
    return _SHORT if has_short_bins(time_bin) else time_bin


def window_sums(
    events: WindowEvents,
    band: EnergyBand,
    step: float,
    intervals: Sequence[TimeInterval],
    sources: Sequence[Known],
    report: Report = lambda _: None,
    neighbours: NeighbourSums = lambda: None,
    health: PixelHealth | None = None,
) -> WindowSums:
    """Return the sums that give the light curves of sources.

    Parameters
    ----------
    band
        Energy band in keV.
    step
        Length of the short bins in seconds.
    intervals
        Good time to be used; bins are counted from its start.
    sources
        Sources to be fitted together.
    report
        Called with the name of each step; may raise to stop.
    neighbours
        Gives pixel counts of neighbouring windows, one set per energy group;
        called only if the efficiencies reduce the errors.
    health
        Health of the pixels; measured from the events by default.
    """
    report("background")
    fitter = SceneFitter.of(events, sources, neighbours, health)
    bins = TimeBins.of(intervals, step)
    live = live_fraction(events)
    seconds = float(bins.exposure.sum()) * live
    groups = _seen_groups(events, groups_of_band(band), fitter.pixels)
    placed = _placed(events, groups, intervals, bins)
    shape = fitter.pixels.used.shape
    images = band_images(events, groups, intervals, [one.counts(shape) for one in placed])
    model, counting = np.zeros(shape), np.zeros(len(sources))
    found: list[GroupSums] = []
    whole: Scene | None = None
    for image, of_group in zip(images, placed, strict=True):
        report("light curves")
        whole = fitter.fitted(image, whole)
        model += whole.on_detector(whole.fit.model)
        # The background keeps the shape of the whole window; each bin fits only its level.
        estimator = RateEstimator.of(whole.with_one_background())
        weights = event_weights(events, image.band, fitter.pixels)
        added = of_group.added(estimator, weights)
        counting += estimator.counting_variance(added[2:].sum(axis=1) / seconds, seconds)
        found.append(GroupSums(added.astype(np.float32), _noise_of(estimator)))
    report("noise")
    if whole is None or len(images) > 1:
        whole = fitter.fitted(merged(images), whole, model)
    return WindowSums(step, live, tuple(found), variance_in_common(whole, model, counting))


def light_curves_of(
    sums: WindowSums, time_bin: float, intervals: Sequence[TimeInterval]
) -> WindowLightCurves:
    """Return light curves from the sums over the events of a window.

    Parameters
    ----------
    sums
        Sums in short bins.
    time_bin
        Length of a bin in seconds, a multiple of the short bins.
    intervals
        Good time that was used.
    """
    bins, short = TimeBins.of(intervals, time_bin), TimeBins.of(intervals, sums.step)
    seconds = bins.exposure[bins.seen] * sums.live_fraction
    first = round(time_bin / sums.step) * np.arange(len(bins))
    first = np.minimum(first, len(short) - 1)
    curves = _Curves.none(len(sums.common), len(seconds))
    for group in sums.groups:
        added = np.add.reduceat(group.added.astype(float), first, axis=1)
        curves += _Curves.of(group.noise, added[:, bins.seen], seconds)
    return _in_window(bins, curves, curves.shared(sums.common))


def _noise_of(estimator: RateEstimator) -> RateNoise:
    """Return the noise of the rates of an estimator, without its matrix."""
    return RateNoise(
        estimator.noise_of_background, estimator.noise_of_sources, estimator.mean_background
    )


def scene_light_curves(
    scene: Scene,
    events: WindowEvents,
    band: EnergyBand,
    time_bin: float,
    intervals: Sequence[TimeInterval],
) -> WindowLightCurves:
    """Return the light curves of the sources of a scene that has counting noise only.

    Parameters
    ----------
    scene
        The fit of the whole window in the band.
    band
        Energy band in keV.
    time_bin
        Length of a bin, seconds.
    intervals
        Good time to be used.
    """
    bins = TimeBins.of(intervals, time_bin)
    seconds = bins.exposure[bins.seen] * live_fraction(events)
    estimator = RateEstimator.of(scene.with_one_background())
    (placed,) = _placed(events, [band], intervals, bins)
    added = placed.added(estimator, None)
    curves = _Curves.of(estimator, added[:, bins.seen], seconds)
    return _in_window(bins, curves, np.zeros_like(curves.rates.error))


def _in_window(bins: TimeBins, curves: _Curves, common: Floats) -> WindowLightCurves:
    """Return light curves with the error that is common to their bins."""
    return WindowLightCurves(
        start=bins.edges[:-1][bins.seen],
        time=bins.middle[bins.seen],
        width=bins.width[bins.seen],
        exposed_fraction=np.minimum(bins.exposure / bins.width, 1.0)[bins.seen],
        total_counts=curves.counts,
        rates=replace(curves.rates, error=np.hypot(curves.rates.error, common)),
        common_error=common,
    )


def _seen_groups(
    events: WindowEvents, groups: Sequence[EnergyBand], pixels: PixelHealth
) -> list[EnergyBand]:
    """Return the groups, those that most pixels do not record joined to the next above."""
    edges = np.array([groups[0].low, *(group.high for group in groups)])
    seen: list[EnergyBand] = []
    for group, one in reversed(list(zip(groups, corrections(events, edges, pixels), strict=True))):
        if seen and one.factor > WORST:
            seen[-1] = EnergyBand(group.low, seen[-1].high)
        else:
            seen.append(group)
    return seen[::-1]


@dataclass(frozen=True)
class _Curves:
    """Rates in the bins of a window, in one group of energies or several.

    Parameters
    ----------
    counts
        Counts of the pixels in use, shape (n_bins,).
    rates
        Rates of the sources and of the background, with errors by counting statistics.
    steady
        Background around each bin, counts per second of the whole detector, shape (n_bins,).
    mean
        Background of the whole window.
    """

    counts: Floats
    rates: Rates
    steady: Floats
    mean: float

    @classmethod
    def none(cls, sources: int, bins: int) -> Self:
        """Return curves of no energies at all, to add to."""
        return cls(np.zeros(bins), Rates.zero(sources, bins), np.zeros(bins), 0.0)

    @classmethod
    def of(cls, noise: RateNoise, added: Floats, seconds: Floats) -> Self:
        """Return the curves of one group from the sums over its events, see `_Placed.added`."""
        counts, sums = added[0], added[1:]
        steady = _steady_level(sums[0], counts) / seconds
        rates = noise.rates(sums, seconds, steady / noise.mean_background)
        return cls(counts, rates, steady, noise.mean_background)

    def __add__(self, other: _Curves) -> _Curves:
        return _Curves(
            self.counts + other.counts,
            self.rates + other.rates,
            self.steady + other.steady,
            self.mean + other.mean,
        )

    def shared(self, common: Floats) -> Floats:
        """Return the error that is common to the bins, shape (n_sources, n_bins).

        Parameters
        ----------
        common
            Variance of that error at the mean level of the background, shape (n_sources,).
        """
        return np.outer(np.sqrt(common), self.steady / self.mean)


@dataclass(frozen=True)
class _Placed:
    """The events of a band, in order of time.

    Parameters
    ----------
    energy
        Energy of each event, keV, shape (n_events,).
    pixel
        Flat index of its pixel.
    ends
        Number of events before each bin, then of all; shape (n_bins + 1,).
    """

    band: EnergyBand
    energy: NDArray[np.float32]
    pixel: NDArray[np.int32]
    ends: NDArray[np.int32]

    def counts(self, shape: tuple[int, ...]) -> Floats:
        """Return the counts of each pixel of a detector with the given shape."""
        numbers = np.bincount(self.pixel, minlength=math.prod(shape))
        return numbers.astype(float).reshape(shape)

    def added(self, estimator: RateEstimator, weights: Floats | None) -> Floats:
        """Return the counts, background and rates of each bin, shape (2 + n_sources, n_bins).

        Parameters
        ----------
        estimator
            Its matrix gives what an event in a pixel adds to the rates; unused pixels add nothing.
        weights
            Weight of an event by its energy, see `event_weights`; 1 by default.
        """
        from scipy.sparse import csr_array  # noqa: PLC0415 - heavy; the store needs none of it

        used, ends = estimator.used, self.ends
        per_pixel = np.zeros((len(used), len(estimator.matrix)), np.float32)
        per_pixel[used] = estimator.matrix.T
        heights = np.ones(len(self.pixel), np.float32)
        if weights is not None:
            heights = self._of_events(weights.astype(np.float32))
        # One row for each bin, in which a pixel stands once for each of its events.
        shadows = csr_array((heights, self.pixel, ends), shape=(len(ends) - 1, len(used)))
        seen = np.append(0, np.cumsum(used[self.pixel], dtype=np.intp))
        counts = np.diff(seen[ends])
        return np.vstack([counts, (shadows @ per_pixel).T])

    def _of_events(self, weights: Singles) -> Singles:
        """Return the weight of each event."""
        above = self.energy - np.float32(self.band.low)
        return weights.take((above * (1 / WEIGHT_STEP)).astype(np.intp), mode="clip")


def _placed(
    events: WindowEvents,
    groups: Sequence[EnergyBand],
    intervals: Sequence[TimeInterval],
    bins: TimeBins,
) -> list[_Placed]:
    """Return the events inside intervals, sorted by adjoining group and by bin."""
    inner = np.array([group.low for group in groups[1:]], np.float32)
    energies, pixels = [np.zeros(0, np.float32)], [np.zeros(0, np.int32)]
    numbers, places = [np.zeros(0, np.uint8)], [np.zeros(0, np.intp)]
    for piece in pieces(events, intervals):
        chosen = np.flatnonzero(in_band(events, piece, groups[0].low, groups[-1].high))
        energies.append(events.energy[piece].take(chosen))
        pixels.append(pixel_numbers(events, piece).take(chosen).astype(np.int32))
        number = np.searchsorted(inner, energies[-1], side="right")
        numbers.append(number.astype(np.uint8))
        places.append(number * len(bins) + bins.numbers(events.time[piece].take(chosen)))
    in_bins = np.bincount(np.concatenate(places), minlength=len(groups) * len(bins))
    before = np.append(0, np.cumsum(in_bins)).astype(np.int32)
    # Such small integers are sorted by counting.
    order = np.argsort(np.concatenate(numbers), kind="stable")
    energy, pixel = np.concatenate(energies)[order], np.concatenate(pixels)[order]
    placed = []
    for first, group in zip(range(0, len(in_bins), len(bins)), groups, strict=True):
        ends = before[first : first + len(bins) + 1]
        own = slice(ends[0], ends[-1])
        placed.append(_Placed(group, energy[own], pixel[own], ends - ends[0]))
    return placed


def _steady_level(background: Floats, counts: Floats) -> Floats:
    """Return the background around each bin, in counts of the whole detector.

    The fitted background is averaged over enough bins to be a model rather than the data.
    """
    enough = max(int(np.ceil(_STEADY_COUNTS / max(counts.mean(), 1e-9))), 1)
    return np.clip(_running_mean(background, min(enough, len(counts))), 0.0, None)


def _running_mean(values: Floats, number: int) -> Floats:
    """Return the running mean over `number` values; the ends are padded with the end values."""
    padded = np.pad(values, (number // 2, (number - 1) // 2), mode="edge")
    sums = np.cumsum(np.append(0.0, padded))
    means: Floats = (sums[number:] - sums[:-number]) / number
    return means
