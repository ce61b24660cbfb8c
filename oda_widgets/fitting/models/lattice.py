"""Slow models, interpolated between the points of a lattice of their parameters.

A chain calls a model hundreds of thousands of times where it hardly changes; compPS with
reflection takes 0.1 s per call. So it is computed once at each point of a lattice nearby, and its
logarithm is interpolated by polynomials of third order through four points along each
parameter. All points are inside the safe ranges. ``tests/fitting/test_lattice.py`` measures
the errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from math import asinh

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.definitions import ModelDefinition, definitions
from oda_widgets.fitting.models.grid import Grid, Values
from oda_widgets.fitting.models.safe_ranges import safe_ranges

# Distances of points, relative, by model; the others are as fast as their interpolation.
SLOW = {"diskbb": 0.1, "compTT": 0.07, "compbb": 0.1, "compPS": 0.1}
# Most parameters that vary: each takes four times as many points. Three take longer to compute than
# a fit, but not than a chain.
FOR_FITS, FOR_CHAINS = 2, 3
_LINEAR = 0.1  # of the default value: points of smaller values are equidistant, through zero
_ORDER = 4  # points along each parameter
_MOST_SPECTRA = 4000  # of 20 kB; the least recently used are dropped
_MOST_NUMBERS = 3_000_000  # at the points of a lattice and again in its cells, likewise
# Of the brightest bin: fainter bins are negligible. compTT ends with a jump at 1e-20, where no
# polynomial can follow.
_FAINTEST = 1e-18
_SMALLEST = 1e-300  # the smallest number with a logarithm

Point = tuple[float, ...]  # all parameters but the norm
Cell = tuple[tuple[float, ...], ...]  # of each parameter, the values at the points around


class Lattice:
    """A model of XSPEC's library, interpolated.

    Parameters
    ----------
    model
        Definition of the model.
    grid
        Energies.
    varying
        Indices of the parameters that change, among those of the model.
    matrix
        Counts per second in a channel for one photon/cm2/s in a bin, shape (n_bins, n_channels),
        where counts are to be interpolated; None for photons.
    """

    def __init__(
        self,
        model: ModelDefinition,
        grid: Grid,
        varying: Sequence[int],
        matrix: Floats | None = None,
    ) -> None:
        self._model, self._grid, self._matrix = model, grid, matrix
        self._axes = {place: _Axis(model, place) for place in sorted(varying)}
        self._edges = grid.edges.tobytes()
        most = _MOST_NUMBERS // (len(grid) if matrix is None else matrix.shape[1])
        self._cached_point = lru_cache(most)(self._logarithm_at)
        self._cached_cell = lru_cache(most // _ORDER ** len(self._axes))(self._logarithms_in_cell)

    def __call__(self, values: Values) -> Floats:
        """Return photons/cm2/s in each bin, or counts/s, for the parameters without the norm."""
        weights = np.ones(1)
        cell: list[tuple[float, ...]] = [(float(value),) for value in values]
        for place, axis in self._axes.items():
            [value] = cell[place]
            if not axis.low <= value <= axis.high:
                return self._folded(library.evaluate(self._model, self._grid, values))
            cell[place], along = axis.around(value)
            weights = (weights[:, np.newaxis] * along).ravel()
        found: Floats = np.exp(weights @ self._cached_cell(tuple(cell)))
        return found

    def _logarithms_in_cell(self, cell: Cell) -> Floats:
        """Return the logarithms at all points of a cell, a row for each."""
        return np.stack([self._cached_point(point) for point in product(*cell)])

    def _logarithm_at(self, point: Point) -> Floats:
        """Return the logarithm of the model at a point of the lattice."""
        found = self._folded(_photons(self._model.name, self._edges, point))
        logarithms: Floats = np.log(np.maximum(found, _FAINTEST * found.max() + _SMALLEST))
        return logarithms

    def _folded(self, photons: Floats) -> Floats:
        if self._matrix is None:
            return photons
        folded: Floats = photons @ self._matrix
        return folded


class _Axis:
    """Values of one parameter, between the ends of its safe range or XSPEC's limits."""

    def __init__(self, model: ModelDefinition, place: int) -> None:
        item, safe = model.parameters[place], safe_ranges(model)[place]
        self.low, self.high = safe if np.isfinite(safe).all() else (item.hard_low, item.hard_high)
        self._unit = _LINEAR * abs(item.value)
        self._start = asinh(self.low / self._unit)
        length = asinh(self.high / self._unit) - self._start
        self._last = max(int(np.ceil(length / SLOW[model.name])), _ORDER - 1)
        self._step = length / self._last
        places = self._start + self._step * np.arange(self._last + 1)
        values = np.clip(self._unit * np.sinh(places), self.low, self.high)
        self._points: tuple[float, ...] = tuple(values.tolist())

    def around(self, value: float) -> tuple[tuple[float, ...], Floats]:
        """Return the points around a value, and their weights."""
        position = (asinh(value / self._unit) - self._start) / self._step
        first = min(max(int(position) - 1, 0), self._last - _ORDER + 1)
        return self._points[first : first + _ORDER], _lagrange(position - first)


def _lagrange(x: float) -> Floats:
    """Return the weights of points at 0, 1, 2 and 3 for the polynomial through them at x."""
    a, b, c, d = x, x - 1.0, x - 2.0, x - 3.0
    return np.array([-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0])


@lru_cache(_MOST_SPECTRA)
def _photons(model: str, edges: bytes, values: Point) -> Floats:
    """Return the spectrum of a model at a point, cached: successive fits use the same points."""
    photons = library.evaluate(definitions()[model], Grid(np.frombuffer(edges)), values)
    photons.flags.writeable = False
    return photons
