"""The information (1 / variance) about the flux of one more source, in every direction.

With columns X_k fitted and weights W it is

    x W x - c N^-1 c,   c_k = x W X_k,   N = X W X,

for a source with column x. The second term is what the fit of background and sources takes away;
it is a sum of squares once the columns have been made orthonormal.
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
_INDEPENDENT = 1e-9  # part of a column that must be left beside the others


def information(scene: Scene, grid: SkyGrid) -> Singles:
    """Return the information next to all that is fitted, shape (size, size)."""
    weights = scene.fit.weights
    left = information_limit(scene, grid)
    for column in orthonormal(scene.columns, weights, np.zeros((0, len(weights)))):
        left -= project(scene, grid, weights * column) ** 2
    return left


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


def orthonormal(columns: Floats, weights: Floats, basis: Floats) -> Floats:
    """Return what columns add to a basis, such that all together are orthonormal: X W X = 1.

    Parameters
    ----------
    columns
        Shape (n_columns, n_pixels); those that add nothing are left out.
    weights
        Shape (n_pixels,).
    basis
        Orthonormal, shape (n_basis, n_pixels).
    """
    grown = basis
    for column in columns:
        rest = column
        for _ in range(2):  # the second time removes what rounding left
            rest = rest - (grown @ (weights * rest)) @ grown
        square = weights @ rest**2
        if square > _INDEPENDENT * (weights @ column**2):
            grown = np.vstack([grown, rest / np.sqrt(square)])
    return grown[len(basis) :]


class InformationMap:
    """The information while sources are added one by one, to some per cent.

    It is computed on every second point and interpolated. As long as the weights stay, a new
    source takes one projection: that of the part of its column that is new.

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
            self._basis = np.zeros((0, len(self._weights)))
            self._map = information_limit(scene, self._coarse)
            self._seen = 0
        self._add(scene)
        return refined(self._map, self._grid.size)

    def _moved(self, weights: Floats) -> bool:
        return bool(np.mean(np.abs(weights / self._weights - 1)) > _WEIGHT_CHANGE)

    def _add(self, scene: Scene) -> None:
        """Take the columns into account that have not been seen."""
        added = orthonormal(scene.columns[self._seen :], self._weights, self._basis)
        for column in added:
            self._map -= project(scene, self._coarse, self._weights * column) ** 2
        self._basis = np.vstack([self._basis, added])
        self._seen = len(scene.columns)
