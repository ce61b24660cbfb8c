"""The light curves of all sources of one science window, fitted together in every bin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.background import Background
from oda_widgets.engine.energy_groups import group_number, groups_of_band
from oda_widgets.engine.extract import RateEstimator, Rates
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import Report
from oda_widgets.engine.pixel_health import PixelHealth, pixel_health
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import (
    Shadowgram,
    in_band,
    live_seconds,
    pieces,
    pixel_numbers,
    shadowgrams,
)
from oda_widgets.engine.template import NeighbourSums, efficiencies_from_neighbours
from oda_widgets.engine.window_background import window_background
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval, without

_STEADY_COUNTS = 5000.0
"""Counts over which the level of the background is averaged for the errors: to 1.4 %."""


@dataclass(frozen=True)
class WindowLightCurves:
    """Light curves of one science window; bins without good time are left out.

    Parameters
    ----------
    time
        Centres of the bins, IJD days, shape (n_bins,).
    width
        Bin widths, seconds.
    exposed_fraction
        Good time over length.
    total_counts
        Counts of the pixels in use.
    rates
        Of the sources and of the background.
    """

    time: Floats
    width: Floats
    exposed_fraction: Floats
    total_counts: Floats
    rates: Rates


def window_light_curves(
    events: WindowEvents,
    band: EnergyBand,
    time_bin: float,
    intervals: Sequence[TimeInterval],
    sources: Sequence[Known],
    report: Report = lambda _: None,
    neighbours: NeighbourSums = lambda: None,
) -> WindowLightCurves:
    """Return the light curves of sources.

    Parameters
    ----------
    events
        Events of the window.
    band
        Energy band in keV.
    time_bin
        Length of a bin in seconds.
    intervals
        Good time to be used; bins are counted from its start.
    sources
        Sources to be fitted together.
    report
        Called with the name of each step; may raise to stop.
    neighbours
        Gives pixel counts of neighbouring windows, one set per energy group;
        called only if the efficiencies reduce the errors.
    """
    edges = _edges(intervals, time_bin)
    exposure = np.diff(_good_time_before(edges, intervals))
    # A bin that touches good time by less than a microsecond holds no event.
    seen = exposure > 1e-6
    live = live_seconds(events, intervals) / sum(interval.seconds for interval in intervals)
    report("background")
    groups, pixels = groups_of_band(band), pixel_health(events)
    limits = np.array([groups[0].low, *(group.high for group in groups)])
    images = shadowgrams(events, limits, intervals)
    references = shadowgrams(events, limits, without(events.good_time, intervals))
    directions = np.array([source.tangents for source in sources])
    seconds = exposure[seen] * live
    total, rates = np.zeros(len(seconds)), Rates.zero(len(sources), len(seconds))
    for group, image, reference in zip(groups, images, references, strict=True):
        report("light curves")
        with_efficiencies = partial(
            efficiencies_from_neighbours, neighbours=neighbours, band=group_number(group)
        )
        scene = _mean_scene(image, reference, directions, pixels, with_efficiencies)
        estimator = RateEstimator.of(scene)
        added = _added(events, group, intervals, edges, _per_pixel(scene, estimator))
        counts, sums = added[0, seen], added[1:, seen]
        level = _steady_level(sums[0], counts) / seconds / estimator.mean_background
        rates += estimator.rates(sums, seconds, level)
        total += counts
    width = np.diff(edges)[seen] * SECONDS_PER_DAY
    return WindowLightCurves(
        time=((edges[:-1] + edges[1:]) / 2)[seen],
        width=width,
        exposed_fraction=np.minimum(exposure[seen] / width, 1.0),
        total_counts=total,
        rates=rates,
    )


def _mean_scene(
    image: Shadowgram,
    reference: Shadowgram,
    directions: Floats,
    pixels: PixelHealth,
    with_efficiencies: Callable[[Scene, Background], Background | None],
) -> Scene:
    """Return the mean of the window with a background of one component.

    The shape of the background is that of the whole; only its level is fitted in each bin.
    """
    background = window_background(
        pixels, image, reference, lambda scene: scene.with_tangents(directions)
    )
    scene = Scene(image, background, directions).with_measured_background()
    better = with_efficiencies(scene, background)
    if better is not None:
        scene = Scene(image, better, directions).with_measured_background()
    template = np.maximum(scene.fitted_background(), 0.0) / scene.shadowgram.seconds
    fixed = replace(scene.background, columns=template[None], stiffness=None)
    return Scene(image, fixed, directions)


def _edges(intervals: Sequence[TimeInterval], time_bin: float) -> Floats:
    start, stop = intervals[0].start, intervals[-1].stop
    step = time_bin / SECONDS_PER_DAY
    number = max(int(np.ceil((stop - start) / step - 1e-9)), 1)
    return start + np.arange(number + 1, dtype=float) * step


def _good_time_before(time: Floats, intervals: Sequence[TimeInterval]) -> Floats:
    """Return the seconds of good time before each instant."""
    corners = np.array([[i.start, i.stop] for i in intervals]).ravel()
    lengths = np.array([[0.0, i.seconds] for i in intervals]).ravel()
    before: Floats = np.interp(time, corners, np.cumsum(lengths))
    return before


def _per_pixel(scene: Scene, estimator: RateEstimator) -> Floats:
    """Return the contribution of one event in each pixel to the counts and to the rates.

    Shape (134 * 130, 2 + n_sources); an event in a pixel that is not in use adds nothing.
    """
    used = scene.used.ravel()
    per_pixel = np.zeros((len(used), 1 + len(estimator.matrix)))
    per_pixel[used, 0] = 1.0
    per_pixel[used, 1:] = estimator.matrix.T
    return per_pixel


def _added(
    events: WindowEvents,
    band: EnergyBand,
    intervals: Sequence[TimeInterval],
    edges: Floats,
    per_pixel: Floats,
) -> Floats:
    """Return the summed contributions of the events of a band, (2 + n_sources, n_bins)."""
    number, width = len(edges) - 1, edges[1] - edges[0]
    added = np.zeros((number, per_pixel.shape[1]))
    for piece in pieces(events, intervals):
        chosen = np.flatnonzero(in_band(events, piece, band.low, band.high))
        place = ((events.time[piece][chosen] - edges[0]) / width).astype(np.intp)
        place = np.clip(place, 0, number - 1)
        # Events are in order of time: those of a bin are next to each other.
        first = np.flatnonzero(np.diff(place, prepend=-1))
        if len(first):
            of_events = per_pixel.take(pixel_numbers(events, piece)[chosen], axis=0)
            added[place[first]] += np.add.reduceat(of_events, first)
    return added.T


def _steady_level(background: Floats, counts: Floats) -> Floats:
    """Return the background around each bin, in counts of the whole detector.

    The fitted background is averaged over enough bins to be a model and not the data themselves.
    """
    enough = max(int(np.ceil(_STEADY_COUNTS / max(counts.mean(), 1e-9))), 1)
    return np.clip(_running_mean(background, min(enough, len(counts))), 0.0, None)


def _running_mean(values: Floats, number: int) -> Floats:
    """Return the running mean over `number` values; the ends are padded with the end values."""
    padded = np.pad(values, (number // 2, (number - 1) // 2), mode="edge")
    sums = np.cumsum(np.append(0.0, padded))
    means: Floats = (sums[number:] - sums[:-number]) / number
    return means
