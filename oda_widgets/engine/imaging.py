"""The image of one science window: background, sources, maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.base import WindowEvents
from oda_widgets.engine.background import (
    Background,
    healthy_pixels,
    reference_background,
    smooth_background,
)
from oda_widgets.engine.clean import Found, Known, clean
from oda_widgets.engine.deconvolve import SkyMaps, sky_maps
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import pixel_numbers, shadowgram
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments import isgri
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import TimeInterval, without

Report = Callable[[str], None]

_NO_SOURCES = np.zeros((0, 2))
_SURE = 5.0  # significance of sources that are taken out of a reference


@dataclass(frozen=True)
class WindowImage:
    """The image of one science window.

    Parameters
    ----------
    maps
        Flux, variance and coding on the grid.
    scene
        The joint fit behind it.
    sources
        What the sources of the scene are, in its order.
    """

    maps: SkyMaps
    scene: Scene
    sources: tuple[Found, ...]


def image_window(
    events: WindowEvents,
    band: EnergyBand,
    intervals: Sequence[TimeInterval],
    known: Sequence[Known],
    grid: SkyGrid,
    lowest_significance: float,
    report: Report = lambda _: None,
) -> WindowImage:
    """Return the image of one science window.

    Parameters
    ----------
    events
        Its events.
    band
        Energies.
    intervals
        Good time to be imaged.
    known
        Catalogue sources in the field of view.
    grid
        Directions.
    lowest_significance
        Below it a new source is not believed.
    report
        Called with the name of each step as it begins; may raise to stop.
    """
    report("background")
    background = window_background(
        events,
        band,
        intervals,
        lambda scene: clean(scene, grid, known, _SURE, lambda _: report("background"))[0],
    )
    report("sources")
    scene = Scene(shadowgram(events, band, intervals), background, _NO_SOURCES)
    scene, found = clean(scene, grid, known, lowest_significance, lambda _: report("sources"))
    report("maps")
    maps = sky_maps(scene, grid, [source.significance for source in found])
    return WindowImage(maps, scene, found)


def window_background(
    events: WindowEvents,
    band: EnergyBand,
    intervals: Sequence[TimeInterval],
    take_out: Callable[[Scene], Scene],
) -> Background:
    """Return the background for some seconds of a science window.

    The window's other seconds are the reference when they are at least as long.

    Parameters
    ----------
    events
        Events of the window.
    band
        Energies.
    intervals
        The seconds that are asked for.
    take_out
        Fits the sources of the reference, so that they do not become background.
    """
    used = pixel_health(events).used
    rest = without(events.good_time, intervals)
    reference = shadowgram(events, band, rest)
    requested = sum(interval.seconds for interval in intervals)
    if sum(interval.seconds for interval in rest) < requested or not reference.counts.any():
        return smooth_background(used)
    scene = take_out(Scene(reference, smooth_background(used), _NO_SOURCES))
    return reference_background(
        used,
        reference.counts,
        scene.fitted_background(),
        scene.fitted_sources(),
        reference.seconds,
        float(scene.with_measured_scatter().background.scatter),
    )


@dataclass(frozen=True)
class PixelHealth:
    """Which pixels can be used, shape (134, 130)."""

    used: NDArray[np.bool_]


def pixel_health(events: WindowEvents) -> PixelHealth:
    """Return the health of the pixels in a window, judged by all its events."""
    size = isgri.DETECTOR_SHAPE[0] * isgri.DETECTOR_SHAPE[1]
    counts = np.bincount(pixel_numbers(events), minlength=size).reshape(isgri.DETECTOR_SHAPE)
    return PixelHealth(healthy_pixels(counts.astype(float), events.flagged_counts))
