"""The noise of rates beyond counting statistics, common to the bins of a science window.

Errors of the model, in the efficiencies of single pixels and the structure of the background, are
the same in all bins, in proportion to the counts. The resulting error of a rate does not fall with
exposure, as the counting error does: it is invisible in bins of seconds and obvious in whole
windows. It is measured in the image of the whole band, as for images: from the scatter of pixels
around the fit and the noise factor of the residual map (`noise`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.deconvolve import residual_significance
from oda_widgets.engine.extract import RateEstimator
from oda_widgets.engine.information import beside_background, information_limit
from oda_widgets.engine.noise import noise_curve
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.sky_grid import SkyGrid, between, every

_EDGE_OF_FIELD = 1e-3  # of the information of the best direction
_APART = 2  # pixels of ISGRI between directions; values 2.7 pixels apart are independent
_SMOOTH = 2  # step in directions; information beside the background is smooth in between
_AROUND = 1.5  # peak widths: a source or its ghost


def variance_in_common(
    scene: Scene,
    model: Floats,
    counting: Floats | None = None,
    blank: BlankSky | None = None,
) -> Floats:
    """Return the variance of each source's rate that is common to all bins of a window.

    With the variances from counting, C, and from the scatter of pixels, S, and the noise factor F
    of the map, the image has the variance F^2 (C + S); the part that is not the counting variance
    of the bins is common to them.

    Parameters
    ----------
    scene
        Fit of the whole window in a band.
    model
        Sum of the expected counts of the groups of the band, shape (134, 130). With efficiencies
        from neighbouring windows, which are less precise in a group than in a band, pixels
        scatter more around it than around the fit of the band.
    counting
        Counting variance of the sum of the bins, (counts per second)^2, shape (n_sources,); C by
        default.
    blank
        Directions without sources, if they are known from another band of the window.

    Returns
    -------
    ndarray
        (counts per second)^2, shape (n_sources,).
    """
    estimator = RateEstimator.of(scene)
    by_counting = estimator.counting_variance(scene.fluxes, scene.shadowgram.seconds)
    scatter = estimator.noise_in_common[1:] * _scatter_ratio(scene, model)
    whole = noise_at_sources(scene, blank) ** 2 * (by_counting + scatter)
    return np.maximum(whole - (by_counting if counting is None else counting), 0.0)


def _scatter_ratio(scene: Scene, model: Floats) -> float:
    """Return the scatter of pixels around a model over that of a scene, at least 1."""
    if scene.background.stiffness is not None:  # known from the reference
        return 1.0
    quiet = ~scene.noisy
    counts, model = scene.counted[quiet], model[scene.used][quiet]
    found = float(np.sum((counts - model) ** 2 - model))
    known = float(np.sum(scene.background.scatter_of_used[quiet] * model**2))
    return max(found / known, 1.0) if known > 0 else 1.0


def noise_at_sources(scene: Scene, blank: BlankSky | None = None) -> Floats:
    """Return the noise factor of the map of a scene at its sources, shape (n_sources,).

    It is 1 where there are too few counts to measure it.

    Parameters
    ----------
    scene
        Fit of the whole window in a band.
    blank
        Directions without sources, if they are known from another band.
    """
    if scene.foreknown is not None:
        return np.ones(len(scene.tangents))
    if blank is None or not blank.serves(scene):
        blank = BlankSky(scene)
    information = blank.information(scene)
    limit = float(information.max()) * _EDGE_OF_FIELD
    significance = residual_significance(scene, blank.grid, information)
    curve = noise_curve(significance, information, limit, 1 / _APART)
    without_them = 1.0 / scene.flux_errors**2
    return curve.at(without_them.astype(np.float32)).astype(float)


@dataclass(frozen=True)
class BlankSky:
    """Directions away from the sources of a scene and their ghosts, to measure its noise.

    The part of the information that is lost to the background depends on its shapes and on the
    pixels in use, and hardly on weights: it is computed once for the bands of a window.
    """

    scene: Scene

    @property
    def grid(self) -> SkyGrid:
        """The directions, closer to each other than independent ones."""
        search = self.scene.aperture.search_grid
        far = _APART * search.fineness * search.pixel
        return SkyGrid(1, far, round(search.pixels * search.pixel / far), 1)

    @cached_property
    def _part(self) -> Singles:
        """The fraction of the information that the background leaves, in some directions."""
        known = np.maximum(self._known(self.scene), np.finfo(np.float32).tiny)
        left = beside_background(self.scene, self.grid, every(_SMOOTH))
        return (left / known).astype(np.float32, copy=False)

    @cached_property
    def _away(self) -> NDArray[np.bool_]:
        """True for the directions away from sources and their ghosts."""
        aperture, grid = self.scene.aperture, self.grid
        away = np.ones((grid.size, grid.size), np.bool_)
        around = np.vstack([np.zeros(2), aperture.ghosts])
        for place in self.scene.tangents:
            away[np.ix_(*grid.crossing(place + around, _AROUND * aperture.peak_width))] = False
        return away

    def _known(self, scene: Scene) -> Singles:
        """Return the information for known background and sources, in some directions."""
        return information_limit(scene, self.grid, every(_SMOOTH))

    def serves(self, scene: Scene) -> bool:
        """Return True for a band with the same pixels, shapes and sources."""
        mine = self.scene
        same = np.array_equal(scene.used, mine.used) and scene.n_background == mine.n_background
        return same and np.array_equal(scene.tangents, mine.tangents)

    def information(self, scene: Scene) -> Singles:
        """Return the information in blank directions for a band, 0 elsewhere."""
        some = self._part * self._known(scene)
        information: Singles = between(some, _SMOOTH, self.grid.size) * self._away
        return information


def correlation(scenes: list[Scene]) -> Floats:
    """Return the correlation of the common noise of several bands, shape (n_bands, n_bands).

    Poisson noise of different bands is independent: what their residuals share is common noise.
    """
    if not scenes:
        return np.zeros((0, 0))
    residuals = np.array([_of_quiet(s, s.counted - s.fit.model) for s in scenes])
    expected = np.array([_of_quiet(s, s.fit.expected) for s in scenes])
    shared = residuals @ residuals.T - np.diag(expected.sum(axis=1))
    size = expected @ expected.T
    covariance = shared / np.maximum(size, 1e-300)
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    found: Floats = np.clip(covariance / np.outer(scale, scale), 0.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _of_quiet(scene: Scene, values: Floats) -> Floats:
    """Return values of the used pixels on the whole detector, 0 for noisy ones; flat."""
    return scene.on_detector(values * ~scene.noisy).ravel()
