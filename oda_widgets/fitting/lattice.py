"""Slow models, interpolated between the points of a lattice of their parameters.

A chain asks a model hundreds of thousands of times in a region where it hardly changes; compPS with
reflection takes 0.1 s each. It is computed at the points of a lattice around, once for all, and its
logarithm interpolated by polynomials of third order through four points along each parameter. All
points are where the library can be asked. ``tests/fitting/test_lattice.py`` measures the errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

import numpy as np

from oda_widgets.fitting import library
from oda_widgets.fitting.definitions import ModelDefinition, definitions
from oda_widgets.fitting.grid import Floats, Grid, Values
from oda_widgets.fitting.safe_ranges import safe_ranges

SLOW = ("diskbb", "compbb", "compPS")  # the others are about as fast as their interpolation
MOST_VARYING = 2  # parameters: four times as many points for each
_SPACING = 0.1  # of a parameter, relative
_LINEAR = 0.1  # of the default: smaller values have equal distances, through zero
_ORDER = 4  # points along each parameter
_MOST_POINTS = 4000  # of 20 kB; those longest not asked for are forgotten
_FAINTEST = 1e-300  # photons; what is less has no logarithm


class Lattice:
    """A model of XSPEC's library, interpolated.

    Parameters
    ----------
    model
        Which one.
    grid
        Energies.
    varying
        Places of the parameters that change, among those of the model.
    """

    def __init__(self, model: ModelDefinition, grid: Grid, varying: Sequence[int]) -> None:
        self._model, self._grid = model, grid
        self._axes = {place: _Axis(model, place) for place in sorted(varying)}
        self._edges = grid.edges.tobytes()

    def __call__(self, values: Values) -> Floats:
        """Return photons/cm2/s in each bin for the parameters without the norm."""
        weights = np.ones(1)
        points: list[tuple[float, ...]] = [(float(value),) for value in values]
        for place, axis in self._axes.items():
            if not axis.low <= values[place] <= axis.high:
                return library.evaluate(self._model, self._grid, values)
            points[place], along = axis.around(values[place])
            weights = np.outer(weights, along).ravel()
        name, edges = self._model.name, self._edges
        photons: Floats = np.exp(
            weights @ np.stack([_logarithm(name, edges, corner) for corner in product(*points)])
        )
        return photons


class _Axis:
    """Values of one parameter, between the ends of its safe range, or else XSPEC's limits."""

    def __init__(self, model: ModelDefinition, place: int) -> None:
        item, safe = model.parameters[place], safe_ranges(model)[place]
        self.low, self.high = safe if np.isfinite(safe).all() else (item.hard_low, item.hard_high)
        self._unit = _LINEAR * abs(item.value)
        self._start = np.arcsinh(self.low / self._unit)
        length = np.arcsinh(self.high / self._unit) - self._start
        self._last = max(int(np.ceil(length / _SPACING)), _ORDER - 1)
        self._step = length / self._last
        places = self._start + self._step * np.arange(self._last + 1)
        values = np.clip(self._unit * np.sinh(places), self.low, self.high)
        self._points: tuple[float, ...] = tuple(values.tolist())

    def around(self, value: float) -> tuple[tuple[float, ...], Floats]:
        """Return the points around a value, and their weights."""
        position = (np.arcsinh(value / self._unit) - self._start) / self._step
        first = min(max(int(position) - 1, 0), self._last - _ORDER + 1)
        return self._points[first : first + _ORDER], _lagrange(position - first)


def _lagrange(x: float) -> Floats:
    """Return the weights of points at 0, 1, 2 and 3 for the polynomial through them at x."""
    a, b, c, d = x, x - 1.0, x - 2.0, x - 3.0
    return np.array([-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0])


@lru_cache(_MOST_POINTS)
def _logarithm(model: str, edges: bytes, values: tuple[float, ...]) -> Floats:
    """Return the logarithm of a model's spectrum: one fit after the other asks for the same."""
    grid = Grid(np.frombuffer(edges))
    logarithm = np.log(np.maximum(library.evaluate(definitions()[model], grid, values), _FAINTEST))
    logarithm.flags.writeable = False
    return logarithm
