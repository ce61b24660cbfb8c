"""What other science windows tell of the background: the efficiencies of the pixels.

One pointing cannot tell the efficiency of a pixel from the shadow of a steady source; others can,
because the sources fall on other pixels there. Their smooth backgrounds and their sources are
fitted, and what a pixel counts beyond that, in all of them, is its efficiency. The smooth shape is
not taken from them: it is fitted in each window, so that it may change. The window itself must not
be among them, or its noise would be taken for efficiency: that lowers every source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.base import WindowEvents
from oda_widgets.engine.background import Background, relative_scatter, smooth_background
from oda_widgets.engine.clean import Known, clean
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import shadowgram
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.engine.window_background import pixel_health
from oda_widgets.request.energy import EnergyBand

Floats = NDArray[np.float64]

_SURE = 5.0  # significance of sources that are taken out
_MATTERS = 0.3
"""Variance from unknown efficiencies over that of counting above which others are asked.

Half a dozen windows then make the errors smaller by 8 %, or more.
"""


@dataclass(frozen=True)
class PixelSums:
    """Counts of the pixels in some time, and what a smooth detector would have counted.

    Parameters
    ----------
    counts
        Of the pixels in use, zero elsewhere; shape (134, 130).
    expected
        Fitted to them: smooth background and sources; same shape.
    """

    counts: Floats
    expected: Floats

    def __add__(self, other: PixelSums) -> PixelSums:
        return PixelSums(self.counts + other.counts, self.expected + other.expected)


def pixel_sums(
    events: WindowEvents,
    band: EnergyBand,
    known: Sequence[Known],
    grid: SkyGrid,
    report: Callable[[int], None] = lambda _: None,
) -> PixelSums:
    """Return what a window tells of its pixels.

    Parameters
    ----------
    events
        Its events.
    band
        Energies.
    known
        Catalogue sources in the field of view.
    grid
        Directions to search for sources.
    report
        Called with the number of sources after each step; may raise to stop.
    """
    health = pixel_health(events)
    image = shadowgram(events, band, events.good_time)
    smooth = smooth_background(health.used, health.counting)
    scene, _ = clean(Scene(image, smooth, np.zeros((0, 2))), grid, known, _SURE, report)
    return PixelSums(image.counts * scene.used, scene.on_detector(scene.fit.expected))


def pixels_matter(scene: Scene) -> bool:
    """Return whether knowing the efficiencies of pixels would make an image clearly better.

    Where a reference has told them it would not.
    """
    if scene.background.stiffness is not None:
        return False
    return scene.background.excess * float(scene.fit.expected.mean()) > _MATTERS


def with_efficiencies(smooth: Background, sums: PixelSums) -> Background:
    """Return a smooth background with efficiencies measured in other windows.

    Parameters
    ----------
    smooth
        Background of a window.
    sums
        Of other windows.

    Notes
    -----
    The efficiency of a pixel is its mean under a gamma prior whose variance is that of all pixels,
    so that one that was seldom in use is taken for an average one.
    """
    seen = sums.expected > 0
    variance = relative_scatter(sums.counts[seen], sums.expected[seen])
    if variance == 0:
        return smooth
    prior = 1.0 / variance
    scatter = smooth.used / (sums.expected + prior)
    efficiency = scatter * (sums.counts + prior)
    columns = smooth.columns * efficiency
    return replace(smooth, columns=columns, efficiency=efficiency, scatter=scatter)
