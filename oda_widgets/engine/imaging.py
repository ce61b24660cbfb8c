"""The image of one science window: background, sources, maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oda_widgets.engine.background import Background
from oda_widgets.engine.clean import clean
from oda_widgets.engine.coding import LEAST_CODING
from oda_widgets.engine.deconvolve import SkyMaps, sky_maps
from oda_widgets.engine.efficiency import pixel_efficiency
from oda_widgets.engine.identify import Found, Known
from oda_widgets.engine.peak_positions import with_peaks
from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.engine.reference_shape import with_own_shape
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Recorded, Shadowgram, shadowgram
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.engine.template import NeighbourSums, efficiencies_from_neighbours
from oda_widgets.engine.window_background import window_background
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
        Identification of each source of the scene, in its order.
    """

    maps: SkyMaps
    scene: Scene
    sources: tuple[Found, ...]

    @cached_property
    def measured(self) -> NDArray[np.bool_]:
        """True for the sources that enough of the detector sees, shape (n_sources,)."""
        return _measured(self.scene)


def image_window(
    events: Recorded,
    band: EnergyBand,
    intervals: Sequence[TimeInterval],
    known: Sequence[Known],
    grid: SkyGrid,
    lowest_significance: float,
    report: Report = lambda _: None,
    neighbours: NeighbourSums = lambda: None,
) -> WindowImage:
    """Return the image of one science window.

    Parameters
    ----------
    events
        Usable events of the window.
    band
        Energy band in keV.
    intervals
        Good time to be imaged.
    known
        Catalogue sources in the field of view.
    grid
        Directions of the maps.
    lowest_significance
        Detection threshold of new sources.
    report
        Called with the name of each step as it begins; may raise to stop.
    neighbours
        Gives pixel counts of neighbouring windows;
        called only if the efficiencies reduce the errors.
    """
    report("background")
    image = shadowgram(events, band, intervals)
    health = pixel_health(events)
    background = window_background(
        health,
        image,
        shadowgram(events, band, without(events.good_time, intervals)),
        lambda scene: clean(scene, known, _SURE, lambda _: report("background"))[0],
        pixel_efficiency(events, band, health),
    )
    report("sources")

    def cleaned(image: Shadowgram, background: Background) -> tuple[Scene, tuple[Found, ...]]:
        scene = Scene(image, background, _NO_SOURCES)
        return clean(scene, known, lowest_significance, lambda _: report("sources"))

    scene, found = cleaned(image, background)
    measured = efficiencies_from_neighbours(scene, background, neighbours)
    if measured is not None:
        scene, found = cleaned(image, measured)
    report("maps")
    return _mapped(with_own_shape(scene), found, grid)


def image_again(
    scene: Scene,
    known: Sequence[Known],
    grid: SkyGrid,
    lowest_significance: float,
    report: Report = lambda _: None,
) -> WindowImage:
    """Return the image of a science window again, with more known sources.

    Parameters
    ----------
    scene
        Counts and background of the first image, without its sources.
    known, grid, lowest_significance, report
        See `image_window`.
    """
    report("sources")
    cleaned, found = clean(scene, known, lowest_significance, lambda _: report("sources"))
    report("maps")
    return _mapped(cleaned, found, grid)


def _mapped(scene: Scene, found: Sequence[Found], grid: SkyGrid) -> WindowImage:
    """Return the maps of a scene; sources that are not measured stay removed from them."""
    shown = zip(found, _measured(scene), strict=True)
    maps = sky_maps(scene, grid, [s.significance if seen else None for s, seen in shown])
    return WindowImage(maps, scene, with_peaks(found, maps, grid, scene.aperture))


def _measured(scene: Scene) -> NDArray[np.bool_]:
    """Return True for the sources of a scene that enough of the detector sees."""
    return scene.aperture.coding_fraction(*scene.tangents.T) >= LEAST_CODING
