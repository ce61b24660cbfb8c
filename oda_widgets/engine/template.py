"""Measure the efficiencies of the pixels in neighbouring science windows.

One pointing cannot distinguish the efficiency of a pixel from the shadow of a steady source; other
pointings can, because the sources light other pixels there. Their smooth backgrounds and sources
are fitted, and the efficiency of a pixel is the ratio of its counts to the fit in all of them. The
smooth shape is not taken from them: it is fitted in each window, so that it may change. The window
itself must not be among them, or its noise would count as efficiency, which lowers every source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.background import Background, background_of, relative_scatter
from oda_widgets.engine.clean import clean
from oda_widgets.engine.efficiency import pixel_efficiency
from oda_widgets.engine.identify import Known
from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Recorded, shadowgram, shadowgrams
from oda_widgets.request.energy import EnergyBand

_SURE = 5.0  # significance of sources that are removed
_MATTERS = 0.5
"""Variance from unknown efficiencies, relative to counting, above which neighbours are used.

Three windows then reduce the errors by a tenth or more: by half near the low threshold of later
years, where six would reduce them by 54 %.
"""


@dataclass(frozen=True)
class PixelSums:
    """Measured and expected counts of each pixel, summed over science windows.

    Parameters
    ----------
    counts
        Counts of the pixels in use that are not noisy, 0 elsewhere; shape (n_bands, 134, 130).
    expected
        Fitted smooth background and sources; same shape.
    """

    counts: Floats
    expected: Floats

    @classmethod
    def of(cls, scenes: Sequence[Scene]) -> Self:
        """Return the counts of one fitted scene per band."""
        counts = [s.on_detector(s.counted * ~s.noisy) for s in scenes]
        expected = [s.on_detector(s.fit.expected * ~s.noisy) for s in scenes]
        return cls(np.stack(counts), np.stack(expected))

    def together(self, bands: slice) -> PixelSums:
        """Return the sum over some bands as one band."""
        counts, expected = (a[bands].sum(axis=0)[None] for a in (self.counts, self.expected))
        return PixelSums(counts, expected)

    def __add__(self, other: PixelSums) -> PixelSums:
        return PixelSums(self.counts + other.counts, self.expected + other.expected)


NeighbourSums = Callable[[], PixelSums | None]
"""Gives the summed counts of neighbouring windows; None where there are none."""


def pixel_sums(
    events: Recorded,
    edges: Sequence[float],
    search: EnergyBand,
    known: Sequence[Known],
    report: Callable[[int], None] = lambda _: None,
) -> PixelSums:
    """Return the measured and the expected counts of the pixels of one window.

    Parameters
    ----------
    events
        Usable events of the window.
    edges
        Edges of adjoining bands in keV.
    search
        Band in which sources are searched for.
    known
        Catalogue sources in the field of view.
    report
        Called with the number of sources after each step; may raise to stop.
    """
    health = pixel_health(events)

    def smooth(band: EnergyBand) -> Background:
        return background_of(health, pixel_efficiency(events, band, health))

    image = shadowgram(events, search, events.good_time)
    scene, _ = clean(Scene(image, smooth(search), np.zeros((0, 2))), known, _SURE, report)
    images = shadowgrams(events, np.array(edges), events.good_time)
    bands = (EnergyBand(low, high) for low, high in pairwise(edges))
    scenes = [
        Scene(image, smooth(band), scene.tangents).with_measured_background()
        for image, band in zip(images, bands, strict=True)
    ]
    return PixelSums.of(scenes)


def efficiencies_from_neighbours(
    scene: Scene, smooth: Background, neighbours: NeighbourSums
) -> Background | None:
    """Return the background with efficiencies from neighbouring windows, None if not worthwhile.

    Parameters
    ----------
    scene
        Fit with pixels of equal efficiency.
    smooth
        Background of the window before the fit.
    neighbours
        Gives the sums of the band; called only if the efficiencies clearly reduce the errors.
    """
    if scene.background.stiffness is not None:  # measured in the window's own other seconds
        return None
    if scene.background.excess * float(scene.fit.expected.mean()) < _MATTERS:
        return None
    sums = neighbours()
    return None if sums is None else with_efficiencies(smooth, sums)


def with_efficiencies(smooth: Background, sums: PixelSums) -> Background:
    """Return a smooth background with efficiencies measured in other windows.

    Parameters
    ----------
    smooth
        Background of a window.
    sums
        Pixel counts of neighbouring windows, one set for the band of the background.

    Notes
    -----
    The efficiency of a pixel is its mean under a gamma prior with the variance of all pixels, so a
    pixel that was rarely in use keeps the efficiency known before.
    """
    counts, expected = sums.counts[0], sums.expected[0]
    seen = expected > 0
    variance = relative_scatter(counts[seen], expected[seen])
    if variance == 0:
        return smooth
    prior = 1.0 / variance
    scatter = smooth.used / (expected + prior)
    better = smooth.with_efficiency(smooth.efficiency * scatter * (counts + prior))
    return replace(better, scatter=scatter)
