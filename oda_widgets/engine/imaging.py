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
    relative_scatter,
    smooth_background,
)
from oda_widgets.engine.clean import Found, Known, clean
from oda_widgets.engine.deconvolve import SkyMaps, sky_maps
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram, pixel_numbers, shadowgram
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
    pixels = pixel_health(events)
    rest = without(events.good_time, intervals)
    reference = shadowgram(events, band, rest)
    requested = sum(interval.seconds for interval in intervals)
    if sum(interval.seconds for interval in rest) < requested or not reference.counts.any():
        return _free_background(shadowgram(events, band, intervals), pixels)
    scene = take_out(Scene(reference, _free_background(reference, pixels), _NO_SOURCES))
    return reference_background(
        pixels.used,
        reference.counts,
        scene.fitted_background(),
        scene.fitted_sources(),
        reference.seconds,
        _scatter(scene, pixels),
    )


@dataclass(frozen=True)
class PixelHealth:
    """Which pixels can be used, and which of them have counted at all; shape (134, 130)."""

    used: NDArray[np.bool_]
    alive: NDArray[np.bool_]


def pixel_health(events: WindowEvents) -> PixelHealth:
    """Return the health of the pixels in a window, judged by all its events."""
    size = isgri.DETECTOR_SHAPE[0] * isgri.DETECTOR_SHAPE[1]
    counts = np.bincount(pixel_numbers(events), minlength=size).reshape(isgri.DETECTOR_SHAPE)
    used = healthy_pixels(counts.astype(float), events.flagged_counts)
    return PixelHealth(used, used & (counts > 0))


def _free_background(image: Shadowgram, pixels: PixelHealth) -> Background:
    """Return a smooth background to be fitted to an image, and how much its pixels scatter."""
    scene = Scene(image, smooth_background(pixels.used), _NO_SOURCES)
    return smooth_background(pixels.used, _scatter(scene, pixels))


def _scatter(scene: Scene, pixels: PixelHealth) -> float:
    model = scene.on_detector(scene.fit.model)
    return relative_scatter(scene.shadowgram.counts[pixels.alive], model[pixels.alive])
