"""The search for sources: the brightest first, each fitted together with all others.

Every source casts a shadow whose side lobes and ghosts fill the image, so peaks mean nothing until
all brighter sources are in the fit. The loop adds one source at a time to the joint fit and looks
at the residuals again; nothing is ever subtracted from the data. Known sources whose peaks overlap
those found, or that are significant at their positions, join the fit even if they are too faint to
be found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.deconvolve import residual_significance
from oda_widgets.engine.faint_new import explained_by_new, faint_new
from oda_widgets.engine.identify import (
    AS_ONE,
    SURER_THAN_CATALOGUE,
    Found,
    Known,
    Peak,
    identified,
)
from oda_widgets.engine.information import InformationMap
from oda_widgets.engine.known_in_fit import KnownInView, left
from oda_widgets.engine.locate import locate, significance_at
from oda_widgets.engine.noise import noise_curve
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.engine.summit import summit_near

_MOST_SOURCES = 100
_GRID_LOSS = 0.78  # a peak between grid points shows at least this part of its significance
_SUMMIT_LOSS = 0.94  # the same where its summit is taken from the points around it
_GHOST_LOSS = 0.66  # as _GRID_LOSS, on a bright source's ghost: information varies steeply there
_BRIGHT = 50.0  # significance of a source whose ghosts matter
_MOST_PEAKS = 8  # taken from one map
_STAYS = 0.8  # of the height of a peak: less remains if other sources explain it
_STRIDE = 7  # between the values of a map that are sampled
_MEDIAN_OF_NORMAL = 0.6745  # of the absolute value
_ANOTHER = 0.2  # of the significance of a source: residuals of a mismodelled source are lower
_EDGE_OF_FIELD = 0.02  # of the information in the best direction
_OWN_NOISE = 8.0  # significance above which the noise of a source lowers its own significance
_SIDE_LOBES_RULE = 20.0  # significance of a peak whose side lobes would be mistaken for noise


def clean(
    scene: Scene,
    known: Sequence[Known],
    lowest_significance: float,
    report: Callable[[int], None] = lambda _: None,
) -> tuple[Scene, tuple[Found, ...]]:
    """Find and fit all sources; return the fitted scene and the list of sources.

    Parameters
    ----------
    scene
        Detector image with its background, no source fitted yet.
    known
        Catalogue sources in the field of view.
    lowest_significance
        Detection threshold of new sources.
    report
        Called with the number of sources after each step; may raise to stop.
    """
    in_view = KnownInView(scene, known)
    found = in_view.asked_for
    search = _Search(scene.aperture, lowest_significance, [source.tangents for source in found])
    scene = _fitted(scene, found)
    found = _relocated(found, scene)
    revisions: list[_Revision] = [
        _reshaped,
        partial(_with_faint_known, in_view=in_view, search=search),
        partial(_reconsidered, known=known, search=search),
    ]
    scene, settled = _fitted(scene, found), True
    while len(found) < _MOST_SOURCES:
        report(len(found))
        peak = search.next(scene)
        if peak is None:
            scene = scene.with_measured_scatter()
            peak = search.look(scene)
        # Bright sources were located while others were not yet in the fit. Before anything faint
        # is believed or the search ends, all are located again.
        if not settled and (peak is None or not peak.bright):
            found, settled = _relocated(found, scene), True
        elif peak is None and revisions:
            found, scene = revisions.pop(0)(found, scene)
        elif peak is None:
            fainter = in_view.companions(found, scene, search.noise_at)
            if not fainter:
                break
            found += fainter
        elif not search.believes(peak):
            search.dismiss(peak)
            continue
        else:
            sources = identified(scene, peak, left(known, found))
            found += sources
            settled = settled and not any(source.bright for source in sources)
        scene = _fitted(scene, found)
    return scene, tuple(_measured(found, scene, search))


_Revision = Callable[[list[Found], Scene], tuple[list[Found], Scene]]


class _Search:
    """Map of the significance of one more source beside all that are fitted."""

    def __init__(
        self, aperture: Aperture, lowest_significance: float, asked: Sequence[Floats] = ()
    ) -> None:
        self._aperture = aperture
        self._grid = aperture.search_grid
        self._lowest = lowest_significance
        self._asked = {tuple(place.tolist()) for place in asked}
        self._dismissed: list[Floats] = []
        self._information = InformationMap(self._grid)
        self._noise = np.ones((self._grid.size, self._grid.size), np.float32)
        self._confusion = 1.0
        self._starts: list[tuple[Floats, float]] = []
        self._fresh = False
        self._empty: Scene | None = None

    def next(self, scene: Scene) -> Peak | None:
        """Return the next peak of the last map, or None when it has no more.

        A map takes longer than all the rest, so several peaks are taken from it. Each is tested
        again beside the sources found since, which may explain it.
        """
        self._fresh = False
        while self._starts:
            start, height = self._starts.pop(0)
            if significance_at(scene, start[None])[0] > _STAYS * height * self.noise_at(start):
                peak = self.peak_at(scene, start)
                if not _is_near(scene, peak.tangents):
                    return peak
        return None

    def look(self, scene: Scene) -> Peak | None:
        """Return the highest peak of the residual map, or None if no peak is left."""
        self._fresh = True
        if scene is not self._empty:
            self._starts = self._mapped(scene)
        while self._starts:
            peak = self.peak_at(scene, self._starts.pop(0)[0])
            if not _is_at(scene, peak.tangents):
                return peak
        self._empty = scene
        return None

    def _mapped(self, scene: Scene) -> list[tuple[Floats, float]]:
        """Return the peaks of the residual map and their heights, the highest first.

        Peaks lower than half of the highest may be its side lobes.
        """
        significance = self._residual(scene)
        self._raise_ghosts(significance, scene)
        for tangents, brightness in zip(scene.tangents, _brightness(scene), strict=True):
            self._blank_around(significance, tangents, brightness)
        for tangents in self._dismissed:
            self._blank(significance, tangents, self._aperture.too_near)
        lowest = self._lowest
        others = significance.copy()
        starts: list[tuple[Floats, float]] = []
        while len(starts) < _MOST_PEAKS:
            z, y = np.unravel_index(np.argmax(others), others.shape)
            if others[z, y] < _GRID_LOSS * lowest:
                break
            start, height = _summit(significance, self._grid, int(z), int(y))
            self._blank(others, start, self._aperture.peak_width)
            if height > _SUMMIT_LOSS * lowest:
                starts.append((start, height))
                lowest = max(lowest, height / 2)
        return sorted(starts, key=lambda peak: -peak[1])

    def _raise_ghosts(self, significance: Singles, scene: Scene) -> None:
        """Correct a map in place for the loss of significance at ghosts of bright sources."""
        for tangents in scene.tangents[scene.fluxes > _BRIGHT * scene.flux_errors]:
            for ghost in tangents + self._aperture.ghosts:
                near = self._grid.around(ghost, self._aperture.peak_width / 2)
                significance[near] *= _GRID_LOSS / _GHOST_LOSS

    def peak_at(self, scene: Scene, start: Floats) -> Peak:
        """Return the peak at a direction."""
        tangents, counting = locate(scene, start)
        noise = self.noise_at(start)
        confusion = max(noise, self._confusion)
        return Peak(start, tangents, counting / noise, noise, confusion, self._aperture.scale)

    def believes(self, peak: Peak) -> bool:
        """Return True for a peak that is high enough to be a source."""
        return peak.significance >= self._lowest

    def dismiss(self, peak: Peak) -> None:
        """Do not return to a peak of a fresh map; one of an older map may be found higher."""
        if self._fresh:
            self._dismissed.append(peak.start)

    def noise_at(self, tangents: Floats) -> float:
        """Return the noise factor, beyond counting statistics, in a direction."""
        return float(self._noise[self._grid.nearest(tangents)])

    def _residual(self, scene: Scene) -> Singles:
        """Return the residual significance, zero outside the field of view."""
        information = self._information.of(scene)
        limit = float(information.max()) * _EDGE_OF_FIELD
        significance = residual_significance(scene, self._grid, information)
        significance[~(information > limit)] = 0.0
        self._confusion = _spread(significance[information > limit])
        if significance.max() > _SIDE_LOBES_RULE:
            return significance
        curve = noise_curve(significance, information, limit, self._grid.noise_step)
        self._noise = curve.at(information)
        calibrated: Singles = significance / self._noise
        return calibrated

    def _blank_around(self, image: Singles, tangents: Floats, brightness: float) -> None:
        """Blank the place of a source, in place; keep brighter peaks beside requested positions.

        A position requested some arcminutes from a bright source does not mean that source.
        """
        lowest = max(SURER_THAN_CATALOGUE, _ANOTHER * brightness)
        asked = tuple(tangents.tolist()) in self._asked
        here = image[self._grid.around(tangents, self._aperture.too_near)]
        here[here < (lowest if asked else np.inf)] = 0.0

    def _blank(self, image: Singles, tangents: Floats, reach: float) -> None:
        image[self._grid.around(tangents, reach)] = 0.0


def _summit(significance: Singles, grid: SkyGrid, z: int, y: int) -> tuple[Floats, float]:
    """Return the summit nearest to a point of the map, and its height, to a few per cent."""
    (z_top, y_top), height = summit_near(significance, z, y)
    return grid.step * (np.array([y_top, z_top]) - (grid.size - 1) / 2) * (-1, 1), height


def _reshaped(found: list[Found], scene: Scene) -> tuple[list[Found], Scene]:
    """Return the scene with the background shapes that it needs, now that it has its sources.

    Before, shadows would have looked like background shapes; and residuals of missing shapes look
    like faint new sources.
    """
    reshaped = scene.with_measured_background()
    if reshaped.n_background != scene.n_background:
        found = [source for source in found if source.name or source.bright]
    return found, reshaped


def _reconsidered(
    found: list[Found], scene: Scene, known: Sequence[Known], search: _Search
) -> tuple[list[Found], Scene]:
    """Return the sources with the new ones tested again, now that all are in the fit.

    Each is left out and searched for at its position. It may be gone, or turn out to be a source
    of the catalogue that others had hidden.
    """
    kept = list(found)
    for source in sorted(found, key=lambda source: source.significance):
        if source.name is None:
            kept = [other for other in kept if other is not source]
            without = scene.with_some(_directions(kept))
            peak = search.peak_at(without, source.tangents)
            if search.believes(peak):
                kept += identified(without, peak, left(known, kept))
    return kept, scene


def _with_faint_known(
    found: list[Found], scene: Scene, in_view: KnownInView, search: _Search
) -> tuple[list[Found], Scene]:
    """Return the sources and the known ones that are too faint to be found but affect the fit.

    They are tested without the faint new sources, which may be their side lobes.
    """
    sure = [source for source in found if source.name or source.bright]
    without = scene.with_some(_directions(sure))
    return found + in_view.companions(sure, without, search.noise_at, found), scene


def _relocated(found: Sequence[Found], scene: Scene) -> list[Found]:
    """Return the sources with the bright ones located again, now that all are in the fit.

    A source that seemed bright while others were missing returns to its catalogue position.
    """
    relocated = list(found)
    for number, (source, brightness) in enumerate(zip(found, _brightness(scene), strict=True)):
        if brightness > SURER_THAN_CATALOGUE:
            peak, _ = locate(_without(scene, relocated, number), source.tangents)
            relocated[number] = _moved(source, peak, scene.aperture.too_near)
        elif source.home is not None:
            relocated[number] = replace(source, tangents=source.home)
    return relocated


def _moved(source: Found, peak: Floats, too_near: float) -> Found:
    """Return a source moved to its peak, unless the peak belongs to another."""
    if source.home is None:
        near = np.hypot(*(peak - source.tangents)) < too_near
        return replace(source, tangents=peak) if near else source
    near = np.hypot(*(peak - source.home)) < AS_ONE
    return replace(source, tangents=peak if near else source.home)


def _brightness(scene: Scene) -> Floats:
    """Return the fluxes of the sources over their errors; 0 where there is no error."""
    fluxes, errors = scene.fluxes, scene.flux_errors
    return np.divide(fluxes, errors, out=np.zeros_like(fluxes), where=errors > 0)


def _measured(found: Sequence[Found], scene: Scene, search: _Search) -> list[Found]:
    """Return the sources with the significance of each beside all that precede it.

    A fainter source on its ghost may take a part of its flux; that does not count against it.
    """
    measured = []
    brightness = _brightness(scene)
    doubted = faint_new(found, brightness)
    rank = _precedence(brightness, doubted)
    gains = _gains(scene, rank)
    explained = explained_by_new(scene, doubted)
    for number, source in enumerate(found):
        noise = search.noise_at(source.tangents)
        # Residuals of a bright source, from errors in the model of the mask, are noise for others
        # and for its flux, but no evidence against its presence.
        bright = max(source.significance, brightness[number]) > SURER_THAN_CATALOGUE
        counting = gains[number]
        if explained[number] and not bright:
            counting = max(brightness[number], 0.0)
        elif counting > _OWN_NOISE:
            before = scene.with_some(scene.tangents[rank > rank[number]])
            counting = significance_at(before, source.tangents[None])[0]
        detection = float(counting) if bright else float(counting) / noise
        measured.append(replace(source, significance=detection, noise=noise))
    return measured


def _precedence(brightness: Floats, doubted: NDArray[np.bool_]) -> Floats:
    """Return the precedence of each source; the highest comes first.

    Brighter sources come first, and known ones before doubtful ones.
    """
    lowest = min(brightness, default=0.0)
    return np.where(doubted, lowest - SURER_THAN_CATALOGUE - 1.0 + brightness, brightness)


def _gains(scene: Scene, rank: Floats) -> Floats:
    """Return the significance of each source beside all of higher rank, with the final weights.

    One Cholesky decomposition adds the columns one after the other. If a column repeats others,
    the matrix has no decomposition, and all significances are infinite.
    """
    n = scene.n_background
    order = np.append(np.arange(n), n + np.argsort(-rank, kind="stable"))
    gains = np.full(len(rank), np.inf)
    try:
        lower = np.linalg.cholesky(scene.fit.normal[np.ix_(order, order)])
    except np.linalg.LinAlgError:
        return gains
    gains[order[n:] - n] = np.linalg.solve(lower, scene.fit.right[order])[n:]
    return gains


def _is_at(scene: Scene, tangents: Floats) -> bool:
    """Return True for a direction that cannot be separated from a fitted source."""
    return bool(np.any(np.hypot(*(scene.tangents - tangents).T) < AS_ONE))


def _is_near(scene: Scene, tangents: Floats) -> bool:
    """Return True for a direction so close to a fitted source that it belongs to it."""
    return bool(np.any(np.all(np.abs(scene.tangents - tangents) < scene.aperture.too_near, axis=1)))


def _spread(values: Singles) -> float:
    """Return the standard deviation of a map without its peaks, at least 1."""
    return max(float(np.median(np.abs(values[::_STRIDE]))) / _MEDIAN_OF_NORMAL, 1.0)


def _fitted(scene: Scene, found: Sequence[Found]) -> Scene:
    """Return the scene with the sources found."""
    return scene.with_tangents(_directions(found))


def _without(scene: Scene, found: Sequence[Found], number: int) -> Scene:
    others = [source for index, source in enumerate(found) if index != number]
    return scene.with_some(_directions(others))


def _directions(found: Sequence[Found]) -> Floats:
    return np.array([source.tangents for source in found], float).reshape(-1, 2)
