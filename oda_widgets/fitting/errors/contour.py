"""Contours of two parameters: the delta statistic on a grid, the others refitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.fitting.minimise import Minimum, minimise
from oda_widgets.fitting.problem import Problem

# Delta statistic for two parameters jointly, at 68.3, 90 and 99 % confidence.
LEVELS = {"68 %": 2.30, "90 %": 4.61, "99 %": 9.21}


@dataclass(frozen=True, repr=False)
class Contour(KeptArrays):
    """The delta statistic on a grid of two parameters.

    Parameters
    ----------
    names
        Names of the horizontal and the vertical parameter.
    x, y
        Values along the axes, shapes (n_x,) and (n_y,).
    rise
        Delta statistic, shape (n_y, n_x).
    best
        The two parameters at the minimum.
    simulated
        Whether the data are not real.
    """

    names: tuple[str, str]
    x: Floats
    y: Floats
    rise: Floats
    best: tuple[float, float]
    simulated: bool = False

    def __repr__(self) -> str:
        lines = [
            f"{name}: {values[0]:.4g} to {values[-1]:.4g} in {len(values)} steps, best {best:.4g}"
            for name, values, best in zip(self.names, (self.x, self.y), self.best, strict=True)
        ]
        levels = ", ".join(f"{label} at {value:g}" for label, value in LEVELS.items())
        lines.append(f"delta statistic up to {self.rise.max():.3g}; {levels}")
        return "\n".join(["Contour (SIMULATED)" if self.simulated else "Contour", *lines])


def contour(
    problem: Problem,
    minimum: Minimum,
    pair: tuple[int, int],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    points: int,
) -> tuple[Floats, Floats, Floats]:
    """Return two axes and the delta statistic on their grid, shape (n_y, n_x).

    Parameters
    ----------
    problem, minimum
        The function that was minimised, and its minimum.
    pair
        Indices of two free parameters.
    ranges
        First and last value of each.
    points
        Number of values along each axis.
    """
    others = [i for i in range(len(minimum.values)) if i not in pair]
    bounds = problem.bounds.without(*pair)
    x, y = (np.linspace(*edges, points) for edges in ranges)
    rise = np.empty((points, points))
    for row, second in enumerate(y):
        near = minimum.values[others]
        for column, first in enumerate(x):
            indices, values = zip(*sorted(zip(pair, (first, second), strict=True)), strict=True)
            found = minimise(problem.objective.held(indices, values), near, bounds)
            near = found.values
            rise[row, column] = found.statistic - minimum.statistic
    return x, y, np.maximum(rise, 0.0)
