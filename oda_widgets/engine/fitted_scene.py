"""The scene of one band of a science window, with sources at known positions.

Images of whole bands and of groups of energies are fitted in the same way, so that spectra and
light curves have the noise of an image of their band.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.efficiency import pixel_efficiency
from oda_widgets.engine.energy_groups import groups_within
from oda_widgets.engine.identify import Known
from oda_widgets.engine.pixel_health import PixelHealth, pixel_health
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Recorded, Shadowgram, live_seconds, shadowgrams
from oda_widgets.engine.template import NeighbourSums, PixelSums, efficiencies_from_neighbours
from oda_widgets.engine.window_background import serves, window_background
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import TimeInterval, without

_FEWEST_COUNTS = 0.02  # per pixel
_LEAST_BACKGROUND = 0.1  # of its mean: a polynomial may dip below zero in a corner


@dataclass(frozen=True)
class BandImage:
    """Counts of the detector in a band.

    Parameters
    ----------
    image
        Counts to be analysed.
    reference
        Counts of the window's other seconds.
    """

    band: EnergyBand
    image: Shadowgram
    reference: Shadowgram

    @property
    def has_reference(self) -> bool:
        """True if the shape of the background comes from the other seconds."""
        return serves(self.reference, self.image)

    @property
    def is_sparse(self) -> bool:
        """True if the counts are too few to show the shape of the background."""
        return bool(self.image.counts.mean() < _FEWEST_COUNTS)


def band_images(
    events: WindowEvents,
    bands: Sequence[EnergyBand],
    intervals: Sequence[TimeInterval],
    counts: Sequence[Floats],
) -> list[BandImage]:
    """Return the images of adjoining bands.

    Parameters
    ----------
    bands
        In order; each begins where the one before ends.
    intervals
        Good time to be analysed; the rest is the reference.
    counts
        Counts of the bands inside the intervals, shape (134, 130) each.
    """
    edges = np.array([bands[0].low, *(band.high for band in bands)])
    seconds = live_seconds(events, intervals)
    images = [Shadowgram(one, seconds) for one in counts]
    references = shadowgrams(events, edges, without(events.good_time, intervals))
    return [BandImage(*one) for one in zip(bands, images, references, strict=True)]


def merged(images: Sequence[BandImage]) -> BandImage:
    """Return adjoining bands as one."""
    band = EnergyBand(images[0].band.low, images[-1].band.high)
    return BandImage(
        band,
        _sum([one.image for one in images]),
        _sum([one.reference for one in images]),
    )


def _sum(images: Sequence[Shadowgram]) -> Shadowgram:
    """Return the counts of several bands in the same seconds."""
    return Shadowgram(np.sum([image.counts for image in images], axis=0), images[0].seconds)


@dataclass(frozen=True)
class SceneFitter:
    """Fits the same sources in front of the background of any band of a science window.

    Parameters
    ----------
    pixels
        Health of the pixels.
    directions
        Tangents of the sources, shape (n_sources, 2).
    neighbours
        Gives pixel counts of neighbouring windows, one set per energy group; called only if the
        efficiencies reduce the errors.
    efficiency
        Gives the efficiencies of the pixels in a band that are known before the fit.
    """

    pixels: PixelHealth
    directions: Floats
    neighbours: NeighbourSums = lambda: None
    efficiency: Callable[[EnergyBand], Floats | float] = lambda _: 1.0

    @classmethod
    def of(
        cls,
        events: Recorded,
        sources: Sequence[Known],
        neighbours: NeighbourSums,
        health: PixelHealth | None = None,
    ) -> Self:
        """Return the fitter of a window; the health of its pixels is measured if not given."""
        pixels = pixel_health(events) if health is None else health
        return cls(
            pixels,
            np.array([source.tangents for source in sources]),
            neighbours,
            lambda band: pixel_efficiency(events, band, pixels),
        )

    def fitted(
        self, one: BandImage, like: Scene | None = None, expected: Floats | None = None
    ) -> Scene:
        """Return the scene of a band.

        If there are few counts, the weights come from a reference: a model fitted to them would
        follow their noise.

        Parameters
        ----------
        like
            Scene of another band of the window, whose fit is the start of this one.
        expected
            Sum of the expected counts of the parts of the band, shape (134, 130), if it has parts.
        """
        scene = self._freely_fitted(one, like, expected)
        if one.has_reference and one.is_sparse:
            return replace(scene, foreknown=_background_of(one, scene), start=None)
        return scene

    def _freely_fitted(self, one: BandImage, like: Scene | None, expected: Floats | None) -> Scene:
        """Return the scene of a band with weights from its own model."""
        image = one.image
        background = window_background(
            self.pixels,
            image,
            one.reference,
            lambda scene: scene.with_tangents(self.directions),
            self.efficiency(one.band),
        )
        begun = Scene(image, background, self.directions)
        if like is not None:
            begun = begun.begun_like(like, expected)
        if begun.start is not None and begun.begins == "estimate":
            begun = begun.with_scatter_around(begun.start)
        scene = begun.with_measured_background()
        better = efficiencies_from_neighbours(scene, background, lambda: self._sums(one.band))
        if better is None:
            return scene
        begun = Scene(image, better, self.directions).begun_like(scene)
        return begun.with_measured_background()

    def _sums(self, band: EnergyBand) -> PixelSums | None:
        """Return the pixel counts of neighbouring windows in a band, as one set."""
        sums = self.neighbours()
        return None if sums is None else sums.together(groups_within(band))


def _background_of(one: BandImage, scene: Scene) -> Floats:
    """Return the background counts in the pixels in use that the reference predicts.

    Parameters
    ----------
    scene
        Its scene, with the shape of the background from the reference.
    """
    n, behind = scene.n_background, replace(scene, shadowgram=one.reference, start=None)
    counts = behind.fit.coefficients[:n] @ behind.columns[:n]
    least = _LEAST_BACKGROUND * max(float(counts.mean()), 1.0 / counts.size)
    scaled: Floats = np.maximum(counts, least) * (one.image.seconds / one.reference.seconds)
    return scaled
