"""Finding sources: the brightest first, each fitted together with all others, then again.

Every source casts a shadow whose side lobes and ghosts fill the image, so that peaks mean nothing
until all brighter sources are in the fit. The loop adds one source at a time to the joint fit and
looks again at what is left; nothing is ever subtracted from the data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.engine.deconvolve import residual_significance
from oda_widgets.engine.information import InformationMap
from oda_widgets.engine.locate import error_radius, locate, significance_at
from oda_widgets.engine.noise import noise_curve
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.sky_grid import SkyGrid

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_MOST_SOURCES = 60
_GRID_LOSS = 0.95  # a peak between grid points shows at least this part of its significance
_TOO_NEAR = 6.7 / 3202.97  # 0.6 mask elements: a mismodelled source, not a second one
_EDGE_OF_FIELD = 0.02  # of the information in the best direction
_SIDE_LOBES_RULE = 20.0  # significance of a peak whose side lobes would be taken for noise
_SURER_THAN_CATALOGUE = 25.0  # significance above which alignment errors would show


@dataclass(frozen=True)
class Known:
    """A source that a catalogue knows, where this pointing sees it.

    Parameters
    ----------
    name
        Its name.
    tangents
        Its direction, shape (2,).
    radius
        Uncertainty of the catalogue position, tangent.
    always
        True when it is to be fitted at this position whatever its significance.
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
    peak
        Direction of its peak; NaN when it was not searched for.
    significance
        Of its detection: the score test of the fit without it.
    noise
        Factor of its errors beyond counting statistics.
    """

    name: str | None
    tangents: Floats
    peak: Floats
    significance: float = 0.0
    noise: float = 1.0

    @property
    def bright(self) -> bool:
        """True when its position is better known from the data than from a catalogue."""
        return self.significance > _SURER_THAN_CATALOGUE


def clean(
    scene: Scene,
    grid: SkyGrid,
    known: Sequence[Known],
    lowest_significance: float,
    report: Callable[[int], None] = lambda _: None,
) -> tuple[Scene, tuple[Found, ...]]:
    """Return the scene with all its sources, and what they are.

    Parameters
    ----------
    scene
        Counts and background.
    grid
        Directions to search.
    known
        Catalogue sources in the field of view.
    lowest_significance
        Below it a new source is not believed.
    report
        Called with the number of sources after each step; may raise to stop.
    """
    found = [Found(k.name, k.tangents, np.full(2, np.nan)) for k in known if k.always]
    search = _Search(grid, lowest_significance)
    scene = _fitted(scene, found)
    found = _relocated(_measured(found, scene, search), scene)
    scene, settled = _fitted(scene, found), True
    while len(found) < _MOST_SOURCES:
        report(len(found))
        peak = search.brightest(scene)
        # Bright sources were located while others were not yet in the fit. Before anything faint
        # is believed or the search ends, all are located again.
        if not settled and (peak is None or not peak.bright):
            found, settled = _relocated(found, scene), True
            scene = _fitted(scene, found)
            continue
        if peak is None:
            break
        candidate = _identified(peak, known, found)
        if candidate.significance < lowest_significance:
            search.dismiss(peak.start)
            continue
        found.append(candidate)
        settled = settled and not candidate.bright
        scene = _fitted(scene, found)
    return scene, tuple(_measured(found, scene, search))


@dataclass(frozen=True)
class _Peak:
    """A peak of the residual map: where the search hit it, and where it is."""

    start: Floats
    tangents: Floats
    significance: float
    noise: float

    @property
    def bright(self) -> bool:
        """True when it is too high for a catalogue position."""
        return self.significance > _SURER_THAN_CATALOGUE


class _Search:
    """Where to look next, at the significance of one more source next to all that are fitted."""

    def __init__(self, grid: SkyGrid, lowest_significance: float) -> None:
        self._grid = grid
        self._lowest = lowest_significance * _GRID_LOSS
        self._dismissed: list[Floats] = []
        self._information = InformationMap(grid)
        self._noise = np.ones((grid.size, grid.size), np.float32)

    def brightest(self, scene: Scene) -> _Peak | None:
        """Return the highest peak that is left, or None."""
        significance = self._residual(scene)
        for tangents in [*scene.tangents, *self._dismissed]:
            self._blank(significance, tangents)
        z, y = np.unravel_index(np.argmax(significance), significance.shape)
        if significance[z, y] < self._lowest:
            return None
        start = np.array([self._grid.tangent_y[y], self._grid.tangent_z[z]])
        tangents, counting = locate(scene, start)
        noise = float(self._noise[z, y])
        return _Peak(start, tangents, counting / noise, noise)

    def dismiss(self, tangents: Floats) -> None:
        """Do not return to a direction."""
        self._dismissed.append(tangents)

    def noise_at(self, tangents: Floats) -> float:
        """Return the factor of errors beyond counting statistics in a direction."""
        return float(self._noise[self._grid.nearest(tangents)])

    def _residual(self, scene: Scene) -> Singles:
        """Return the residual significance, zero outside the field of view."""
        information = self._information.of(scene)
        limit = float(information.max()) * _EDGE_OF_FIELD
        significance = residual_significance(scene, self._grid, information)
        significance[~(information > limit)] = 0.0
        if significance.max() > _SIDE_LOBES_RULE:
            return significance
        curve = noise_curve(significance, information, limit)
        self._noise = curve.at(information)
        calibrated: Singles = significance / self._noise
        return calibrated

    def _blank(self, image: Singles, tangents: Floats) -> None:
        y = np.abs(self._grid.tangent_y - tangents[0]) < _TOO_NEAR
        z = np.abs(self._grid.tangent_z - tangents[1]) < _TOO_NEAR
        image[np.ix_(z, y)] = 0.0


def _identified(peak: _Peak, known: Sequence[Known], found: Sequence[Found]) -> Found:
    """Return a peak as a source, with the name of the catalogue source that it is."""
    taken = {source.name for source in found}
    match = _nearest([k for k in known if k.name not in taken], peak)
    candidate = Found(None, peak.tangents, peak.tangents, peak.significance, peak.noise)
    if match is None:
        return candidate
    # A source far above the noise leaves ghosts when it is fitted half an arcminute off, which
    # the alignment of the telescope can be; a faint one is better placed by the catalogue.
    place = peak.tangents if candidate.bright else match.tangents
    return replace(candidate, name=match.name, tangents=place)


def _nearest(known: Sequence[Known], peak: _Peak) -> Known | None:
    """Return the known source that a peak is, if there is one within the errors."""
    blur = np.radians(error_radius(peak.significance))
    distances = [(float(np.hypot(*(k.tangents - peak.tangents))), k) for k in known]
    near = [(d, k) for d, k in distances if d < 2.0 * np.hypot(blur, k.radius)]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _relocated(found: Sequence[Found], scene: Scene) -> list[Found]:
    """Return the sources with the bright ones located again, now that all are in the fit."""
    relocated = list(found)
    for number, source in enumerate(found):
        if source.bright:
            peak, _ = locate(_without(scene, relocated, number), source.tangents)
            if np.hypot(*(peak - source.tangents)) < _TOO_NEAR:
                relocated[number] = replace(source, tangents=peak, peak=peak)
    return relocated


def _measured(found: Sequence[Found], scene: Scene, search: _Search) -> list[Found]:
    """Return the sources with the significance each has next to all brighter ones.

    A fainter one on its ghost can take over a part of a source, and says nothing against it.
    """
    measured = []
    brightness = scene.fluxes / scene.flux_errors
    for number, source in enumerate(found):
        noise = search.noise_at(source.tangents)
        brighter = scene.with_tangents(scene.tangents[brightness > brightness[number]])
        counting = float(significance_at(brighter, source.tangents[None])[0])
        # What a bright source leaves behind where the model of the mask is not perfect is noise
        # for others and for its flux, but no argument against its being there.
        detection = counting if source.bright else counting / noise
        measured.append(replace(source, significance=detection, noise=noise))
    return measured


def _fitted(scene: Scene, found: Sequence[Found]) -> Scene:
    """Return the scene with the sources found; what the pixels scatter is what they leave."""
    return scene.with_tangents(_directions(found)).with_measured_background()


def _without(scene: Scene, found: Sequence[Found], number: int) -> Scene:
    others = [source for index, source in enumerate(found) if index != number]
    return scene.with_tangents(_directions(others))


def _directions(found: Sequence[Found]) -> Floats:
    return np.array([source.tangents for source in found], float).reshape(-1, 2)
