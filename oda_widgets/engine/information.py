"""The information (1 / variance) about the flux of one more source, in every direction.

With columns X_k fitted and weights W it is

    x W x - c N^-1 c,   c_k = x W X_k,   N = X W X,

for a source with column x. The second term is the loss to the fit of background and sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.sky_grid import (
    WHOLE,
    Lines,
    SkyGrid,
    Window,
    between,
    every,
)

_WEIGHT_CHANGE = 0.02
_SMOOTH = 2  # step in detector pixels; information beside the background is smooth in between
_ELSEWHERE = 2  # step in grid points of the projection of a source away from its position
_AROUND = 1.5  # peak widths: a source or its ghost
_ROUNDING = 1e-9  # of the product of two errors
_INDEPENDENT = 1e-9  # part of a variance below which a column repeats others


def information(scene: Scene, grid: SkyGrid, limit: Singles | None = None) -> Singles:
    """Return the information beside all fitted columns, shape (size, size).

    Parameters
    ----------
    scene, grid
        The fit, and the directions.
    limit
        Result of `information_limit`, if it is known.

    Notes
    -----
    The loss to a source is exact at its position and its ghosts; elsewhere it is interpolated
    between every second point, which is accurate to some parts in ten thousand.
    """
    if limit is None:
        limit = information_limit(scene, grid)
    left = limit - _lost_to(scene, grid, range(scene.n_background))
    sources = list(_sources(scene, grid))
    return left - _near_sources(scene, grid, sources) - _far_from_sources(scene, grid, sources)


def information_limit(scene: Scene, grid: SkyGrid, window: Window = WHOLE) -> Singles:
    """Return x W x: the information for known background and sources."""
    squares = scene.on_detector(scene.seen**2 * scene.fit.weights)
    return scene.aperture.correlate_squares(grid, squares, window)


def project(
    scene: Scene, grid: SkyGrid, values: Floats | Singles, window: Window | Lines = WHOLE
) -> Singles:
    """Return the sum over used pixels of values times the column of each direction."""
    return scene.aperture.correlate(grid, scene.on_detector(scene.seen * values), window)


def _lost_to(scene: Scene, grid: SkyGrid, columns: range, window: Window = WHOLE) -> Singles:
    """Return the information lost to some fitted columns, given all columns before them."""
    taken = np.zeros((grid.size, grid.size), np.float32)[window]
    _, values = _column_images(scene, columns)
    for one in values:
        taken += project(scene, grid, one, window) ** 2
    return taken


def _near_sources(scene: Scene, grid: SkyGrid, sources: Iterable[_Projected]) -> Singles:
    """Return the information lost to sources at their positions and ghosts, 0 elsewhere."""
    taken = np.zeros((grid.size, grid.size), np.float32)
    for values, here in sources:
        taken[np.ix_(*here)] += project(scene, grid, values, here) ** 2
    return taken


def _far_from_sources(scene: Scene, grid: SkyGrid, sources: Iterable[_Projected]) -> Singles:
    """Return the information lost to sources far from them, about 1e-4 for each source."""
    some = every(_ELSEWHERE)
    taken = np.zeros((grid.size, grid.size), np.float32)[some]
    for values, here in sources:
        far = project(scene, grid, values, some) ** 2
        far[np.ix_(*(_of_every(lines, _ELSEWHERE) for lines in here))] = 0.0
        taken += far
    return between(taken, _ELSEWHERE, grid.size)


_Projected = tuple[Singles, Lines]


def _sources(scene: Scene, grid: SkyGrid, first: int = 0) -> Iterator[_Projected]:
    """Iterate over sources: the image to project, and the grid lines near source and ghosts.

    Parameters
    ----------
    scene, grid
        The fit, and the directions.
    first
        Index of the first source.
    """
    source_and_ghosts = np.vstack([np.zeros(2), scene.aperture.ghosts])
    around = _AROUND * scene.aperture.peak_width
    n = scene.n_background
    numbers, values = _column_images(scene, range(n + first, len(scene.columns)))
    for number, one in zip(numbers, values, strict=True):
        places = scene.tangents[number - n] + source_and_ghosts
        yield one, grid.crossing(places, around)


def _column_images(scene: Scene, columns: range) -> tuple[list[int], Singles]:
    """Return the numbers of columns, and the image to project for each, (n, n_used).

    One matrix product takes a quarter of the time of one product for each column.
    """
    numbers, rows = [], []
    for number, row in _rows(scene, columns):
        numbers.append(number)
        rows.append(row)
    if not rows:
        return [], np.zeros((0, len(scene.fit.weights)), np.float32)
    images: Singles = np.array(rows, np.float32) @ scene.columns
    images *= scene.fit.weights.astype(np.float32)
    return numbers, images


def _of_every(lines: NDArray[np.intp], step: int) -> NDArray[np.intp]:
    """Return the indices of the given lines among every `step`-th line."""
    numbers: NDArray[np.intp] = lines[lines % step == 0] // step
    return numbers


def _rows(scene: Scene, columns: range) -> Iterator[tuple[int, Floats]]:
    """Iterate over columns and their rows of the covariance of a fit without later columns.

    A column that is added to a fit adds v v / v_k to its covariance, where v is the new row and
    v_k the new variance; so the columns are removed again, the last first.
    """
    covariance = scene.fit.covariance.copy()
    for number in reversed(range(columns.start, len(covariance))):
        if covariance[number, number] > _INDEPENDENT * scene.fit.covariance[number, number]:
            row = _row(covariance, number)
            covariance -= np.outer(row, row)
            if number in columns:
                yield number, row


def _row(covariance: Floats, number: int) -> Floats:
    """Return a row of a covariance over its own error, with rounding errors set to zero.

    The shapes of one module are independent of those of another, and zeros are faster to project.
    """
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    row: Floats = covariance[number] / errors[number]
    row[np.abs(row) <= _ROUNDING * errors] = 0.0
    row[number + 1 :] = 0.0  # removed already
    return row


class InformationMap:
    """The information while sources are added, to a few per cent.

    The information beside the background is smooth: it is computed on every second detector pixel,
    interpolated, and computed again only when the weights change. The loss to each source, beside
    those before it, is computed near it and its ghosts, once as long as these and the weights stay
    the same.
    """

    def __init__(self, grid: SkyGrid) -> None:
        self._grid = grid
        self._weights = np.zeros(0)
        self._background = 0
        self._places = np.zeros((0, 2))

    def of(self, scene: Scene) -> Singles:
        """Return the information beside all fitted columns of a scene."""
        if self._background != scene.n_background or self._moved(scene.fit.weights):
            self._weights = scene.fit.weights
            self._background = scene.n_background
            step = _SMOOTH * self._grid.oversampling
            some = beside_background(scene, self._grid, every(step))
            self._smooth = between(some, step, self._grid.size)
            self._forget_sources()
        if not np.array_equal(self._places, scene.tangents[: len(self._places)]):
            self._forget_sources()
        more = _sources(scene, self._grid, len(self._places))
        self._lost += _near_sources(scene, self._grid, more)
        self._places = scene.tangents
        return self._smooth - self._lost

    def _forget_sources(self) -> None:
        self._lost = np.zeros((self._grid.size, self._grid.size), np.float32)
        self._places = np.zeros((0, 2))

    def _moved(self, weights: Floats) -> bool:
        return bool(np.mean(np.abs(weights / self._weights - 1)) > _WEIGHT_CHANGE)


def beside_background(scene: Scene, grid: SkyGrid, window: Window) -> Singles:
    """Return the information beside the background in a part of a grid."""
    taken = _lost_to(scene, grid, range(scene.n_background), window)
    return information_limit(scene, grid, window) - taken
