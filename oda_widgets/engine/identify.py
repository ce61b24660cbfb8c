"""Identify a peak: one or two sources of the catalogue, or a new source.

The mask repeats itself after 53 elements, so a source casts nearly the same shadow as one at a
ghost of its position. Noise, and side lobes of sources not yet in the fit, can raise a ghost above
the source itself, and can shift a peak; the peaks of sources closer to each other than the width of
a peak merge. A direction is therefore judged by how much of the data it explains, not by its
distance from the highest point of a map.

The gain in chi-squared of a source at the peak, the best of ten thousand directions, is compared
with that of catalogue sources at their catalogue positions. The catalogue is believed as long as it
loses no more than the true position would lose by chance in one of ten thousand cases: a new source
exactly on a ghost of a known one is less likely than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.engine.locate import (
    PRECISION,
    error_radius,
    gain,
    locate,
    score_test,
    significance_at,
)
from oda_widgets.engine.scene import Scene
from oda_widgets.request.catalog import SAME_PLACE

_RIVAL = 0.8  # of the significance of a peak: a ghost as high may be the source
_LEAST_SEEN = 0.1  # of the information at a peak: less comes from a few pixels at the field's edge
MOST_ERRORS = 2.0
"""Distance in units of the 90 % radius of a position that 0.01 % of all cases exceed."""

AS_ONE = float(np.radians(SAME_PLACE))
"""Tangent within which two sources, however bright, cannot be separated."""

SURER_THAN_CATALOGUE = 25.0
"""Significance above which errors of the alignment would show."""

_CHI_SQUARED_90 = 4.605  # of the two coordinates of a position


@dataclass(frozen=True)
class Known:
    """A catalogue source and its direction in a pointing.

    Parameters
    ----------
    name
        Name in the catalogue.
    tangents
        Direction, shape (2,).
    radius
        Uncertainty of the catalogue position, tangent.
    always
        Whether to fit it at this position whatever its significance.
    """

    name: str
    tangents: Floats
    radius: float = 0.0
    always: bool = False


@dataclass(frozen=True)
class Found:
    """A source in the fit.

    Parameters
    ----------
    name
        Name of the known source it was identified with, or ``None``.
    tangents
        Direction used in the fit, shape (2,).
    home
        Direction in the catalogue; None for a new source.
    significance
        Significance of its detection: the score test of the fit without it.
    noise
        Noise factor of its errors, beyond counting statistics.
    peak
        Direction of its peak; NaN if it has no peak of its own.
    """

    name: str | None
    tangents: Floats
    home: Floats | None = None
    significance: float = 0.0
    noise: float = 1.0
    peak: Floats = field(default_factory=lambda: np.full(2, np.nan))

    @property
    def bright(self) -> bool:
        """True when its position is better known from the data than from a catalogue."""
        return self.significance > SURER_THAN_CATALOGUE


@dataclass(frozen=True)
class Peak:
    """A peak of the residual map.

    Parameters
    ----------
    start
        Direction where the search hit it, shape (2,).
    tangents
        Direction of its top, shape (2,).
    significance
        In units of `noise`.
    noise
        Noise factor of errors, beyond counting statistics.
    confusion
        The same including side lobes of sources not yet in the fit, which shift the peak.
    scale
        Width of a peak of the telescope relative to IBIS.
    """

    start: Floats
    tangents: Floats
    significance: float
    noise: float
    confusion: float
    scale: float = 1.0

    @property
    def bright(self) -> bool:
        """True when its position is better known from the data than from a catalogue."""
        return self.significance > SURER_THAN_CATALOGUE

    @property
    def counting(self) -> float:
        """Significance by counting statistics."""
        return self.significance * self.noise

    @property
    def error(self) -> float:
        """The 90 % radius of its position, as a tangent."""
        return float(np.radians(error_radius(self.counting / self.confusion, self.scale)))


def identified(scene: Scene, peak: Peak, known: Sequence[Known]) -> list[Found]:
    """Return the sources that make a peak: one, or two of the catalogue that have merged.

    Parameters
    ----------
    scene
        The fit without these sources.
    peak
        The highest peak of its residuals.
    known
        Catalogue sources that are not in the fit.
    """
    peak = _highest_image(scene, peak)
    near = [_placed(scene, source, peak) for source in _near(scene, known, peak)]
    if near:
        gains = significance_at(scene, np.array([source.tangents for source in near]))
        best = int(np.argmax(gains))
        by_chance = loss_by_chance(peak.counting, np.degrees(peak.error), peak.scale)
        enough = peak.counting**2 - by_chance
        if gains[best] > 0 and gains[best] ** 2 >= enough:
            return [_found(near[best], peak, float(gains[best]))]
        for gained, pair in _pairs(scene, near):
            if gained >= enough:
                return [_found(source, peak, float(np.sqrt(gained))) for source in pair]
    new = Found(None, peak.tangents, None, peak.significance, peak.noise)
    return _higher(scene, peak, known) or [new]


def _highest_image(scene: Scene, peak: Peak) -> Peak:
    """Return a peak, or the ghost of it that explains the data better."""
    places = _images(scene, peak)
    score, information = score_test(scene, scene.shine(places))
    seen = information > _LEAST_SEEN * information[0]
    heights = score[seen] / np.sqrt(information[seen]) / peak.noise
    for place in places[seen][1:][heights[1:] > _RIVAL * peak.significance]:
        tangents, counting = locate(scene, place)
        if counting / peak.noise > peak.significance:
            peak = replace(peak, tangents=tangents, significance=counting / peak.noise)
    return peak


def _images(scene: Scene, peak: Peak) -> Floats:
    return peak.tangents + np.vstack([np.zeros(2), scene.aperture.ghosts])


def _near(scene: Scene, known: Sequence[Known], peak: Peak) -> list[Known]:
    """Return the sources in the peak or in one of its ghosts."""
    tangents = np.array([source.tangents for source in known]).reshape(-1, 1, 2)
    away = np.abs(_images(scene, peak) - tangents)
    near = np.any(np.all(away < scene.aperture.peak_width, axis=2), axis=1)
    return [source for source, inside in zip(known, near, strict=True) if inside]


def _placed(scene: Scene, source: Known, peak: Peak) -> Found:
    """Return a source at the peak, if that is more accurate than its catalogue position.

    A source far above the noise leaves ghosts when it is fitted half an arcminute off, a possible
    error of the telescope's alignment; for a faint one the catalogue is more accurate.
    """
    images = _images(scene, peak)
    home = source.tangents
    distances = np.hypot(*(images - home).T)
    nearest = int(np.argmin(distances))
    agrees = distances[nearest] < MOST_ERRORS * np.hypot(peak.error, source.radius)
    if agrees and source.radius > peak.error:
        return Found(source.name, images[nearest], images[nearest])
    return Found(source.name, images[nearest] if agrees and peak.bright else home, home)


def loss_by_chance(significance: float, error: float, scale: float = 1.0) -> float:
    """Return the chi-squared that a source may lose by being fitted at its true position.

    Parameters
    ----------
    significance
        Significance of its peak, by counting statistics.
    error
        The 90 % radius of its position in degrees.
    scale
        Width of a peak relative to IBIS.
    """
    errors = error * significance / (PRECISION * scale)
    return float(_CHI_SQUARED_90 * (MOST_ERRORS * errors) ** 2)


def _pairs(scene: Scene, near: Sequence[Found]) -> Iterator[tuple[float, list[Found]]]:
    """Iterate over pairs of sources whose peaks merge, with their gain, the best first."""
    score, information = gain(scene, np.array([source.tangents for source in near]))
    gains = []
    for pair in combinations(range(len(near)), 2):
        first, second = (near[index] for index in pair)
        if np.all(np.abs(first.tangents - second.tangents) < 2 * scene.aperture.peak_width):
            some = list(pair)
            fluxes = np.linalg.lstsq(information[np.ix_(some, some)], score[some], rcond=None)[0]
            if fluxes.min() > 0:
                gains.append((float(fluxes @ score[some]), pair))
    for gained, (i, j) in sorted(gains, reverse=True):
        yield gained, [near[i], near[j]]


def _higher(scene: Scene, peak: Peak, known: Sequence[Known]) -> list[Found]:
    """Return the catalogue source that is more significant than a peak, wherever it is, if any.

    The edge of the field is not searched: too few pixels see it to establish a new source. A known
    source there can have side lobes farther in.
    """
    if not known:
        return []
    places = np.array([peak.tangents, *(source.tangents for source in known)])
    score, information = score_test(scene, scene.shine(places))
    seen = information > _LEAST_SEEN * information[0]
    heights = np.where(seen, score, 0.0) / np.sqrt(np.where(seen, information, 1.0))
    best = int(np.argmax(heights[1:]))
    if heights[1 + best] <= peak.counting:
        return []
    home = known[best].tangents
    return [_found(Found(known[best].name, home, home), peak, float(heights[1 + best]))]


def _found(source: Found, peak: Peak, counting: float) -> Found:
    """Return a catalogue source that explains a peak."""
    return replace(source, significance=counting / peak.noise, noise=peak.noise)
