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
from typing import TypeAlias

import numpy as np

from oda_widgets.fitting import library
from oda_widgets.fitting.definitions import ModelDefinition
from oda_widgets.fitting.grid import Floats, Grid, Values
from oda_widgets.fitting.safe_ranges import safe_ranges

Points: TypeAlias = dict[tuple[int, ...], Floats]

SLOW = ("diskbb", "compbb", "compPS")  # the others are about as fast as their interpolation
MOST_VARYING = 2  # parameters: four times as many points for each
_SPACING = 0.1  # of a parameter, relative
_LINEAR = 0.1  # of the default: smaller values have equal distances, through zero
_ORDER = 4  # points along each parameter
_MOST_POINTS = 4000  # of 20 kB, before all are forgotten
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
        self._varying = tuple(varying)
        self._axes = [_Axis(model, place) for place in varying]
        self._key = grid.edges.tobytes()
        # One value, so that threads see parameters and what is known of them together.
        self._known: tuple[tuple[float, ...] | None, Points] = (None, {})

    def __call__(self, values: Values) -> Floats:
        """Return photons/cm2/s in each bin for the parameters without the norm."""
        weights, firsts = np.ones(1), []
        for axis, place in zip(self._axes, self._varying, strict=True):
            if not axis.low <= values[place] <= axis.high:
                return library.evaluate(self._model, self._grid, values)
            first, along = axis.around(values[place])
            firsts.append(first)
            weights = np.outer(weights, along).ravel()
        photons: Floats = np.exp(weights @ self._cell(tuple(firsts), tuple(values)))
        return photons

    def _cell(self, firsts: tuple[int, ...], values: tuple[float, ...]) -> Floats:
        """Return the logarithms of the spectra at the points around, one per row."""
        fixed = tuple(v for place, v in enumerate(values) if place not in self._varying)
        known = self._known
        if fixed != known[0]:
            points = _points(self._model.name, self._key, self._varying, fixed)
            self._known = known = fixed, points
        corners = product(*(range(first, first + _ORDER) for first in firsts))
        return np.stack([self._logarithm(corner, values, known[1]) for corner in corners])

    def _logarithm(
        self, corner: tuple[int, ...], values: tuple[float, ...], points: Points
    ) -> Floats:
        """Return the logarithm of the spectrum at one point, computed where it is not known."""
        found = points.get(corner)
        if found is None:
            asked = np.array(values)
            asked[list(self._varying)] = [
                axis.value(number) for axis, number in zip(self._axes, corner, strict=True)
            ]
            if len(points) >= _MOST_POINTS:
                points.clear()
            photons = library.evaluate(self._model, self._grid, asked)
            found = points[corner] = np.log(np.maximum(photons, _FAINTEST))
        return found


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

    def around(self, value: float) -> tuple[int, Floats]:
        """Return the number of the first point around a value, and the weights of all of them."""
        position = (np.arcsinh(value / self._unit) - self._start) / self._step
        first = min(max(int(position) - 1, 0), self._last - _ORDER + 1)
        return first, _lagrange(position - first)

    def value(self, number: int) -> float:
        """Return the parameter at a point, by its number from the lower end."""
        value = self._unit * np.sinh(self._start + number * self._step)
        return float(min(max(value, self.low), self.high))


def _lagrange(x: float) -> Floats:
    """Return the weights of points at 0, 1, 2 and 3 for the polynomial through them at x."""
    a, b, c, d = x, x - 1.0, x - 2.0, x - 3.0
    return np.array([-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0])


@lru_cache(maxsize=8)
def _points(
    _model: str, _edges: bytes, _varying: tuple[int, ...], _fixed: tuple[float, ...]
) -> Points:
    """Return what is known of a lattice: one fit after the other asks for the same points."""
    return {}
