"""Sky maps of a scene: the flux that one more source would have in every direction.

With columns X_k fitted and weights W = 1/Var D, one more source in direction t with column x_t
has by linear algebra the least-squares flux

    f(t) = x_t W (D - M) / [x_t W x_t - c N^-1 c],   c_k = x_t W X_k,   N = X W X,

and the variance 1 / [...]. For a single flat background component this is the balanced
correlation of coded-mask imaging (Goldwurm et al. 2003, A&A 411, L223); with all sources in the
fit it is the cleaned image, and its variance includes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.information import information as information_of
from oda_widgets.engine.information import information_limit, project
from oda_widgets.engine.noise import noise_curve
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.sky_grid import SkyGrid, Window

_LEAST_INFORMATION = 1e-3
"""Relative to the best direction; where it is less, only a handful of pixels sees the sky."""

_SHOWS = 5.0
"""Flux over error above which the noise of a source itself is corrected for; fainter sources have
hardly any. A faint source may have a detection, beside the brighter ones, many times this ratio."""


@dataclass(frozen=True)
class SkyMaps:
    """Maps on a grid of tangents, shape (size, size) as [Z, Y]; NaN outside the field of view.

    Parameters
    ----------
    flux
        Counts per second, on-axis equivalent.
    variance
        Variance of the flux, noise factor included.
    coding
        Fraction of the used pixels that a direction lights, relative to a fully coded one.
    noise
        Noise factor of the errors beyond counting statistics; included in the variance.
    """

    flux: Singles
    variance: Singles
    coding: Singles
    noise: Singles

    @property
    def significance(self) -> Singles:
        """Flux over its error."""
        return (self.flux / np.sqrt(self.variance)).astype(np.float32)


def residual_significance(scene: Scene, grid: SkyGrid, information: Singles) -> Singles:
    """Return the significance of one more source, for a given information (1 / variance)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = _score(scene, grid) / np.sqrt(information)
    return ratio.astype(np.float32)


def sky_maps(scene: Scene, grid: SkyGrid, detections: Sequence[float | None]) -> SkyMaps:
    """Return the maps of a scene, with the fitted sources put back where they were found.

    Parameters
    ----------
    scene
        Scene with all sources in its fit.
    grid
        Directions of the map.
    detections
        Significance of each source under the hypothesis that it is absent. The significance map
        shows it at its peak, where the variance is that of this hypothesis, as everywhere else.
        None for a source that is not put back.
    """
    shown = {n: found for n, found in enumerate(detections) if found is not None}
    score = _score(scene, grid)
    known = information_limit(scene, grid)
    limit = float(np.nanmax(known)) * _LEAST_INFORMATION
    information = information_of(scene, grid, known)
    with np.errstate(divide="ignore", invalid="ignore"):
        significance = (score / np.sqrt(information)).astype(np.float32)
    curve = noise_curve(significance, information, limit, grid.noise_step)
    hidden = np.zeros_like(score)
    for number, influence in enumerate(_influences(scene)):
        # Beside a fitted source there is no information on another, but its place needs an error.
        here = score if number in shown else hidden
        _put_back(scene, grid, number, influence, here, information)
    noise = curve.at(information)
    for number, detection in shown.items():
        counting = detection * float(noise[grid.nearest(scene.tangents[number])])
        _without_its_own_noise(scene, grid, number, counting, score, information)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(information > limit, noise**2 / information, np.nan)
        flux = np.where(information > limit, score / information, np.nan)
    return SkyMaps(flux, variance.astype(np.float32), coding_map(scene, grid), noise)


def coding_map(scene: Scene, grid: SkyGrid) -> Singles:
    """Return the fraction of the open mask area that the used pixels see in each direction."""
    shadow = scene.aperture.correlate(grid, scene.used.astype(float))
    coding: Singles = shadow / max(float(np.max(shadow)), 1.0)
    return coding


def _score(scene: Scene, grid: SkyGrid) -> Singles:
    """Return x W (D - M)."""
    residual = scene.counted - scene.fit.model
    return project(scene, grid, scene.fit.weights * residual)


def _influences(scene: Scene) -> Singles:
    """Return the change of each source's flux per count in each pixel, (n, n_used)."""
    rows = scene.fit.covariance[scene.n_background :].astype(np.float32)
    influences: Singles = rows @ scene.columns
    influences *= scene.fit.weights.astype(np.float32)
    return influences


def _put_back(
    scene: Scene,
    grid: SkyGrid,
    number: int,
    influence: Singles,
    score: Singles,
    information: Singles,
) -> None:
    """Undo the fit of one source inside its own peak, in place.

    Leaving source s out of the fit adds f_s g / v_s to the score and g^2 / v_s to the
    information, where g = (N^-1 c)_s and v_s is the variance of its flux.
    """
    column = scene.n_background + number
    flux, variance = scene.fit.coefficients[column], scene.fit.covariance[column, column]
    window, core = _peak(scene.tangents[number], scene.aperture.peak_width, grid)
    g = project(scene, grid, influence, window)
    score[window] += core * flux / variance * g
    information[window] += core * g**2 / variance


def _without_its_own_noise(
    scene: Scene,
    grid: SkyGrid,
    number: int,
    detection: float,
    score: Singles,
    information: Singles,
) -> None:
    """Give the peak of a source the errors that it would have if it were absent, in place."""
    column = scene.n_background + number
    flux, variance = scene.fit.coefficients[column], scene.fit.covariance[column, column]
    if flux > _SHOWS * np.sqrt(variance):
        window, core = _peak(scene.tangents[number], scene.aperture.peak_width, grid)
        gain = (1.0 + core * (detection * np.sqrt(variance) / flux - 1.0)) ** 2
        score[window] *= gain
        information[window] *= gain


def _peak(tangents: Floats, lobe: float, grid: SkyGrid) -> tuple[Window, Floats]:
    """Return the window of a source's peak, and a taper: 1 in its core, 0 at its edge."""
    window = grid.around(tangents, 1.15 * lobe)
    z = np.abs(grid.tangent_z[window[0]] - tangents[1]) / lobe
    y = np.abs(grid.tangent_y[window[1]] - tangents[0]) / lobe
    distance = np.maximum(y[None, :], z[:, None])
    return window, np.clip((1.15 - distance) / 0.3, 0.0, 1.0)
