"""The delta statistic of two parameters on a grid along their valley, the others refitted."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.fitting.errors.contour import LEVELS
from oda_widgets.fitting.errors.profile import BETTER, BetterMinimum
from oda_widgets.fitting.minimise import Minimum, minimise
from oda_widgets.fitting.problem import Problem

_WIDTH = 3.18  # conditional errors from the best value to the ends of a column, at first
BEYOND = 1.05  # times the highest level, where the grid ends
_FAR = 1.1  # times that, where a column ends at the latest: similar ends make smooth lines
_MOST_TRIALS = 12


@dataclass(frozen=True)
class _Section:
    """The delta statistic along the second parameter, with the first one held."""

    problem: Problem
    minimum: Minimum
    pair: tuple[int, int]
    held: float

    def ends(self, near: Floats, width: float) -> tuple[float, float, Floats, float]:
        """Return where the second parameter begins and ends, and where the next column begins.

        Parameters
        ----------
        near
            Values of all parameters but the first, to search from.
        width
            Conditional error of the second one, used where its curvature is not positive.

        Returns
        -------
        tuple
            Both ends; all parameters but the first at their best; the conditional error.
        """
        first, second = self.pair
        place = second - (second > first)
        objective = self.problem.objective.held([first], [self.held])
        best = minimise(objective, near, self.problem.bounds.without(first))
        self._check(best.statistic, np.insert(best.values, first, self.held))
        variance = float(best.covariance[place, place])
        sigma = sqrt(variance) if isfinite(variance) and variance > 0 else width
        low, high = (self._end(best, place, sign * _WIDTH * sigma) for sign in (-1, 1))
        return low, high, best.values, sigma

    def along(self, near: Floats, places: Floats) -> Floats:
        """Return the delta statistic at values of the second parameter, others refitted."""
        second = self.pair[1] - (self.pair[1] > self.pair[0])
        others = np.delete(near, second)
        found = np.empty(len(places))
        middle = int(np.argmin(np.abs(places - near[second])))
        for order in (range(middle, len(places)), range(middle - 1, -1, -1)):
            start = others
            for row in order:
                found[row], start = self._rise(float(places[row]), start)
        return found

    def _end(self, best: Minimum, place: int, reach: float) -> float:
        """Return a value a little beyond the highest level, or the limit of the parameter."""
        index = self.pair[1]
        bounds = self.problem.bounds
        limit = float((bounds.low if reach < 0 else bounds.high)[index])
        centre = float(best.values[place])
        start = np.delete(best.values, place)
        target = BEYOND * max(LEVELS.values())
        above = max(best.statistic - self.minimum.statistic, 0.0)
        for _ in range(_MOST_TRIALS):
            reach = np.sign(reach) * min(abs(reach), abs(limit - centre))
            rise, _ = self._rise(centre + reach, start)
            own = rise - above
            if target <= own <= _FAR * target or (own < target and centre + reach == limit):
                break
            # The rise grows about as the square of the distance.
            reach *= float(np.clip(np.sqrt(1.05 * target / max(own, 1e-9)), 0.3, 3.0))
        return limit if abs(centre + reach - limit) < abs(reach) * 1e-9 else centre + reach

    def _rise(self, value: float, near: Floats) -> tuple[float, Floats]:
        held_values = sorted(zip(self.pair, (self.held, value), strict=True))
        indices, values = [i for i, _ in held_values], [v for _, v in held_values]
        bounds = self.problem.bounds.without(*self.pair)
        found = minimise(self.problem.objective.held(indices, values), near, bounds)
        whole = found.values
        for index, one in held_values:
            whole = np.insert(whole, index, one)
        self._check(found.statistic, whole)
        return max(found.statistic - self.minimum.statistic, 0.0), found.values

    def _check(self, statistic: float, values: Floats) -> None:
        if statistic < self.minimum.statistic - BETTER:
            raise BetterMinimum(values)


def contour_grid(
    problem: Problem,
    minimum: Minimum,
    pair: tuple[int, int],
    edges: tuple[float, float],
    points: int,
) -> tuple[Floats, Floats, Floats]:
    """Return the grid of two parameters and the delta statistic on it, shapes (points, points).

    Parameters
    ----------
    problem, minimum
        The function that was minimised, and its minimum.
    pair
        Indices of two free parameters.
    edges
        First and last value of the first one.
    points
        Number of values along each side.

    Raises
    ------
    BetterMinimum
        If one is met.
    """
    first, second = pair
    across = np.linspace(*edges, points)
    x, y, rise = (np.empty((points, points)) for _ in range(3))
    middle = int(np.argmin(np.abs(across - minimum.values[first])))
    for order in (range(middle, points), range(middle - 1, -1, -1)):
        near = np.delete(minimum.values, first)
        width = 10.0 * float(problem.bounds.steps[second])
        for column in order:
            section = _Section(problem, minimum, pair, float(across[column]))
            low, high, near, width = section.ends(near, width)
            x[:, column], y[:, column] = across[column], np.linspace(low, high, points)
            rise[:, column] = section.along(near, y[:, column])
    return x, y, rise
