"""Classes of pixels with similar illumination, from the shadows of the brightest sources.

Before a science window is analysed, a single pixel has too few counts to show whether it is lit by
a source. The shadow of the mask shows it: a source that is detected in all pixels together
determines the illumination of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.background_shapes import smooth_shapes
from oda_widgets.engine.lone_pixels import stands_out
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.engine.summit import summit_near
from oda_widgets.instruments.isgri import detector as isgri

Place = tuple[float, float]
"""Tangents of a direction."""

LIGHT_CLASSES = 5

_LOOKS = 3
"""Number of searches, each in the residuals of the one before."""

_MOST_PEAKS = 8
"""Largest number of sources from one search."""

_SHOWS = 7.0
"""Least significance of a source; fainter ones change no spectrum."""

_OF_THE_HIGHEST = 0.6
"""Relative height of a peak above which it is no side lobe of the highest one."""

_FEWEST_PIXELS = 1000
_LEAST_SEEN = 0.05
"""Fraction of the best information; where it is less, few pixels see the sky."""

_LEAST = 1e-9

_FAINT = 0.03
"""Fraction of the counts from sources below which all pixels are in one class."""

_BRIGHT = 0.3
"""Flux relative to the background above which a source needs an exact direction."""

_MOVES = 3
_STEP_OF_SLOPE = 1e-4  # tangent; a pixel is seven times as wide, seen from the mask

_TOP = 98.0  # per cent of the pixels have less light than those of the last class


def light_classes(counts: Floats) -> NDArray[np.intp]:
    """Return the illumination class of each pixel, from 0 for the darkest, shape (134, 130).

    Parameters
    ----------
    counts
        Of each pixel, shape (134, 130).
    """
    used = isgri.existing_pixels() & (counts > 0) & ~stands_out(counts, np.sqrt(counts + 1.0))
    if np.count_nonzero(used) < _FEWEST_PIXELS:
        return np.zeros(counts.shape, np.intp)
    light = _light(counts, used)
    part = light / (1.0 + light)  # of the counts of a pixel; it decides which spectrum they have
    top = float(np.percentile(part[used], _TOP))
    if top < _FAINT:
        return np.zeros(counts.shape, np.intp)
    return np.clip(part / top * LIGHT_CLASSES, 0, LIGHT_CLASSES - 1).astype(np.intp)


def _light(counts: Floats, used: NDArray[np.bool_]) -> Floats:
    """Return the light of detected sources over the mean background, shape (134, 130)."""
    image = _Image.of(counts, used)
    places, shadows = np.zeros((0, 2)), np.zeros((0, *counts.shape), np.float32)
    for _ in range(_LOOKS):
        fit = image.fit(shadows)
        more = _brightest(fit.residual, float(fit.residual[used].std()))
        if not more:
            break
        places, shadows = np.vstack([places, more]), np.vstack([shadows, _shadows(np.array(more))])
    else:
        fit = image.fit(shadows)
    bright = np.flatnonzero(fit.fluxes > _BRIGHT * fit.background)
    if len(bright):
        shadows[bright] = _at_their_places(places, shadows, bright, image)
        fit = image.fit(shadows)
    return np.tensordot(np.maximum(fit.fluxes, 0.0) / fit.background, shadows, 1)


def _shadows(places: Floats) -> Singles:
    """Return the shadows of sources with tangents (n, 2), shape (n, 134, 130)."""
    return IBIS.illumination(*places.T)


def _at_their_places(
    places: Floats, shadows: Singles, bright: NDArray[np.intp], image: _Image
) -> Singles:
    """Return the shadows of bright sources, with directions as exact as the counts allow.

    Whether a pixel at the edge of a shadow is dark or lit depends on a tenth of a pixel.
    """
    places, shadows = places[bright], shadows.copy()
    for _ in range(_MOVES):
        fluxes = image.fit(np.vstack([shadows, _slopes(places)])).fluxes
        moves = fluxes[len(shadows) :].reshape(-1, 2)
        steps = moves / np.maximum(fluxes[bright], _LEAST)[:, None]
        places = places + np.clip(steps, -IBIS.search_grid.step, IBIS.search_grid.step)
        shadows[bright] = _shadows(places)
    return shadows[bright]


def _slopes(places: Floats) -> Singles:
    """Return the derivatives of shadows by the tangents of sources, shape (2 n, 134, 130)."""
    steps = _STEP_OF_SLOPE * np.array([(1, 0), (-1, 0), (0, 1), (0, -1)])
    around = _shadows((places[:, None] + steps).reshape(-1, 2))
    return np.asarray((around[::2] - around[1::2]) / (2 * _STEP_OF_SLOPE), np.float32)


@dataclass(frozen=True)
class _Fit:
    """A fit of a smooth background and shadows to counts.

    Parameters
    ----------
    background
        Mean of the background, counts.
    fluxes
        Counts of a pixel fully lit by each source, shape (n_shadows,).
    residual
        Counts that are not explained; 0 for pixels that are not used; shape (134, 130).
    """

    background: float
    fluxes: Floats
    residual: Floats


@dataclass(frozen=True)
class _Image:
    """Counts of pixels and the shapes of their background, 0 in unused pixels.

    Parameters
    ----------
    counts
        Shape (n_pixels,).
    smooth
        Shape (n_shapes, n_pixels).
    used
        1 for the pixels that are used, shape (n_pixels,).
    """

    counts: Singles
    smooth: Singles
    used: Singles

    @classmethod
    def of(cls, counts: Floats, used: NDArray[np.bool_]) -> Self:
        """Return the used part of counts, shape (134, 130)."""
        smooth = (smooth_shapes() * used).reshape(-1, used.size).astype(np.float32)
        return cls(
            (counts * used).ravel().astype(np.float32), smooth, used.ravel().astype(np.float32)
        )

    def fit(self, shadows: Singles) -> _Fit:
        """Return the least-squares fit with shadows of shape (n_shadows, 134, 130)."""
        columns = np.vstack([self.smooth, shadows.reshape(-1, self.used.size) * self.used])
        found = np.linalg.lstsq(columns @ columns.T, columns @ self.counts, rcond=None)[0]
        level, fluxes = np.split(found, [len(self.smooth)])
        residual = (self.counts - found @ columns).reshape(isgri.DETECTOR_SHAPE)
        background = float(level @ self.smooth.sum(axis=1) / self.used.sum(dtype=float))
        return _Fit(max(background, _LEAST), fluxes, residual)


def _brightest(residual: Floats, error: float) -> list[Place]:
    """Return the directions of the brightest sources in counts, tangents.

    Parameters
    ----------
    residual
        Counts of pixels that are not explained, shape (134, 130).
    error
        Standard error of one pixel.
    """
    grid = IBIS.search_grid
    significance = IBIS.correlate(grid, residual) / (_depth() * max(error, _LEAST))
    lowest = max(_SHOWS, _OF_THE_HIGHEST * float(significance.max()))
    others = significance.copy()
    places: list[Place] = []
    while others.max() > lowest and len(places) < _MOST_PEAKS:
        z, y = np.unravel_index(np.argmax(others), others.shape)
        (z_top, y_top), _ = summit_near(significance, int(z), int(y))
        place = grid.step * (np.array([y_top, z_top]) - (grid.size - 1) / 2) * (-1, 1)
        places.append((float(place[0]), float(place[1])))
        others[grid.around(place, 2 * IBIS.peak_width)] = 0.0
        others[z, y] = 0.0
    return places


@cache
def _depth() -> Singles:
    """Return the deviation of each shadow from its mean over all pixels, on the search grid.

    It is infinite where few pixels see the sky.
    """
    pixels, grid = isgri.existing_pixels().astype(np.float32), IBIS.search_grid
    squares = IBIS.correlate_squares(grid, pixels)
    squares -= IBIS.correlate(grid, pixels) ** 2 / np.float32(pixels.sum())
    seen = squares > _LEAST_SEEN * squares.max()
    depth = np.where(seen, np.sqrt(np.maximum(squares, _LEAST)), np.inf).astype(np.float32)
    depth.setflags(write=False)
    return depth
