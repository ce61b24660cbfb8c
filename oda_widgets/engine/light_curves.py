"""The light curves of all sources of one science window, fitted together in every bin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.base import WindowEvents
from oda_widgets.engine.background import Background
from oda_widgets.engine.energy_groups import group_number, groups_of_band
from oda_widgets.engine.extract import RateEstimator, Rates
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import Report
from oda_widgets.engine.pixel_health import PixelHealth, pixel_health
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import in_band, inside, live_seconds, pixel_numbers, shadowgram
from oda_widgets.engine.template import Elsewhere, told_elsewhere
from oda_widgets.engine.window_background import window_background
from oda_widgets.instruments import isgri
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval, without

Floats = NDArray[np.float64]

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
        Lengths of the bins, seconds.
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
    elsewhere: Elsewhere = lambda: None,
) -> WindowLightCurves:
    """Return the light curves of sources.

    Parameters
    ----------
    events
        Events of the window.
    band
        Energies.
    time_bin
        Length of a bin in seconds.
    intervals
        Good time to be used; bins are counted from its start.
    sources
        Sources to be fitted together.
    report
        Called with the name of each step; may raise to stop.
    elsewhere
        Asks other windows of the pixels in all groups of energies; called only if it helps.
    """
    edges = _edges(intervals, time_bin)
    exposure = np.diff(_good_time_before(edges, intervals))
    # A bin that touches good time by less than a microsecond holds no event.
    seen = exposure > 1e-6
    live = live_seconds(events, intervals) / sum(interval.seconds for interval in intervals)
    report("background")
    pixels = pixel_health(events)
    total, rates = np.zeros(int(seen.sum())), Rates.zero(len(sources), int(seen.sum()))
    for group in groups_of_band(band):
        report("light curves")
        told = partial(told_elsewhere, elsewhere=elsewhere, band=group_number(group))
        scene = _mean_scene(events, group, intervals, sources, pixels, told)
        estimator = RateEstimator.of(scene)
        sums, counts = _sums(events, group, intervals, edges, estimator, scene)
        seconds = exposure[seen] * live
        level = _steady_level(sums[0, seen], counts[seen]) / seconds / estimator.mean_background
        rates += estimator.rates(sums[:, seen], seconds, level)
        total += counts[seen]
    width = np.diff(edges)[seen] * SECONDS_PER_DAY
    return WindowLightCurves(
        time=((edges[:-1] + edges[1:]) / 2)[seen],
        width=width,
        exposed_fraction=np.minimum(exposure[seen] / width, 1.0),
        total_counts=total,
        rates=rates,
    )


def _mean_scene(
    events: WindowEvents,
    band: EnergyBand,
    intervals: Sequence[TimeInterval],
    sources: Sequence[Known],
    pixels: PixelHealth,
    told: Callable[[Scene, Background], Background | None],
) -> Scene:
    """Return the mean of the window with a background of one component.

    The shape of the background is that of the whole; only its level is fitted in each bin.
    """
    directions = np.array([source.tangents for source in sources])
    image = shadowgram(events, band, intervals)
    reference = shadowgram(events, band, without(events.good_time, intervals))
    background = window_background(
        pixels, image, reference, lambda scene: scene.with_tangents(directions)
    )
    scene = Scene(image, background, directions).with_measured_background()
    better = told(scene, background)
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


def _sums(
    events: WindowEvents,
    band: EnergyBand,
    intervals: Sequence[TimeInterval],
    edges: Floats,
    estimator: RateEstimator,
    scene: Scene,
) -> tuple[Floats, Floats]:
    """Return the estimator's rows summed over the events of each bin, and their number."""
    chosen = in_band(events, band) & inside(events.time, intervals)
    pixel = pixel_numbers(events, chosen)
    chosen_used = scene.used.ravel()[pixel]
    pixel, time = pixel[chosen_used], events.time[chosen][chosen_used]
    number = len(edges) - 1
    bin_number = ((time - edges[0]) / (edges[1] - edges[0])).astype(np.intp)
    bin_number = np.clip(bin_number, 0, number - 1)
    counts = np.bincount(bin_number, minlength=number).astype(float)
    rows = np.zeros((len(estimator.matrix), isgri.DETECTOR_SHAPE[0] * isgri.DETECTOR_SHAPE[1]))
    rows[:, scene.used.ravel()] = estimator.matrix
    sums = [np.bincount(bin_number, weights=row[pixel], minlength=number) for row in rows]
    return np.array(sums), counts


def _steady_level(background: Floats, counts: Floats) -> Floats:
    """Return the background around each bin, in counts of the whole detector.

    The fitted background is averaged over enough bins to be a model and not the data themselves.
    """
    from scipy.ndimage import uniform_filter1d  # noqa: PLC0415 - heavy; the store needs none of it

    per_bin = max(int(np.ceil(_STEADY_COUNTS / max(counts.mean(), 1e-9))), 1)
    smooth: Floats = uniform_filter1d(background, min(per_bin, len(counts)), mode="nearest")
    return np.clip(smooth, 0.0, None)
