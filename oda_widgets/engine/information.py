"""The information (1 / variance) about the flux of one more source, in every direction.

With columns X_k fitted and weights W it is

    x W x - c N^-1 c,   c_k = x W X_k,   N = X W X,

for a source with column x. The second term is what the fit of background and sources takes away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.engine.scene import Scene, counts_per_flux
from oda_widgets.engine.sky_grid import (
    WHOLE,
    SkyGrid,
    Window,
    correlate,
    correlate_squares,
    refined,
)

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_WEIGHT_CHANGE = 0.02
_INDEPENDENT = 1e-9  # part of a variance below which a column repeats others


def information(scene: Scene, grid: SkyGrid) -> Singles:
    """Return the information next to all that is fitted, shape (size, size)."""
    return information_limit(scene, grid) - _taken(scene, grid, 0)


def information_limit(scene: Scene, grid: SkyGrid) -> Singles:
    """Return x W x: the information if background and sources were known."""
    scale = counts_per_flux(scene.shadowgram.seconds)
    seen = scene.background.efficiency * scene.on_detector(scene.fit.weights)
    return correlate_squares(grid, scale**2 * scene.background.efficiency * seen)


def project(scene: Scene, grid: SkyGrid, values: Floats, window: Window = WHOLE) -> Singles:
    """Return the sum over used pixels of values times the column of each direction."""
    scale = counts_per_flux(scene.shadowgram.seconds)
    seen = scale * scene.background.efficiency * scene.on_detector(values)
    return correlate(grid, seen, window)


def _taken(scene: Scene, grid: SkyGrid, first: int) -> Singles:
    """Return what the columns from the number `first` on take away: c C c, C the covariance.

    A column that is added to a fit adds v v / v_k to its covariance, where v is the new row and
    v_k the new variance; so the columns are taken off again, the last first.
    """
    covariance = scene.fit.covariance.copy()
    taken = np.zeros((grid.size, grid.size), np.float32)
    for number in reversed(range(first, len(covariance))):
        if covariance[number, number] > _INDEPENDENT * scene.fit.covariance[number, number]:
            row = covariance[number] / np.sqrt(covariance[number, number])
            covariance -= np.outer(row, row)
            taken += project(scene, grid, scene.fit.weights * (row @ scene.columns)) ** 2
    return taken


class InformationMap:
    """The information while sources are added one by one, to some per cent.

    It is computed on every second point and interpolated. As long as the weights stay, a new
    source takes one projection.

    Parameters
    ----------
    grid
        Directions.
    """

    def __init__(self, grid: SkyGrid) -> None:
        self._grid = grid
        self._coarse = grid.coarser()
        self._weights = np.zeros(0)
        self._seen = 0

    def of(self, scene: Scene) -> Singles:
        """Return the information next to all that is fitted in a scene."""
        if self._seen == 0 or self._moved(scene.fit.weights):
            self._weights = scene.fit.weights
            self._map = information_limit(scene, self._coarse)
            self._seen = 0
        self._map = self._map - _taken(scene, self._coarse, self._seen)
        self._seen = len(scene.columns)
        return refined(self._map, self._grid.size)

    def _moved(self, weights: Floats) -> bool:
        return bool(np.mean(np.abs(weights / self._weights - 1)) > _WEIGHT_CHANGE)
