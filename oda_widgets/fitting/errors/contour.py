"""Two parameters at once: where the statistic has risen by how much, the others following."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oda_widgets.fitting.minimise import Bounds, Minimum, minimise
from oda_widgets.fitting.models.grid import Floats
from oda_widgets.fitting.problem import Problem

# Rises of the statistic for two parameters at 68.3, 90 and 99 %.
LEVELS = {"68 %": 2.30, "90 %": 4.61, "99 %": 9.21}


@dataclass(frozen=True)
class Contour:
    """The rise of the statistic on a grid of two parameters.

    Parameters
    ----------
    names
        Of the parameters, horizontal and vertical.
    x, y
        Their values.
    rise
        Shape (n_y, n_x).
    best
        The minimum.
    """

    names: tuple[str, str]
    x: Floats
    y: Floats
    rise: Floats
    best: tuple[float, float]


def contour(
    problem: Problem,
    minimum: Minimum,
    pair: tuple[int, int],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    points: int,
) -> tuple[Floats, Floats, Floats]:
    """Return two axes and the rise of the statistic on their grid, shape (n_y, n_x).

    Parameters
    ----------
    problem, minimum
        What was fitted, and where it ended.
    pair
        Indices of two free parameters.
    ranges
        First and last value of each.
    points
        Values along each axis.
    """
    bounds = problem.bounds
    others = [i for i in range(len(minimum.values)) if i not in pair]
    inner = Bounds(bounds.low[others], bounds.high[others], bounds.steps[others])
    x, y = (np.linspace(*edges, points) for edges in ranges)
    rise = np.empty((points, points))
    for row, second in enumerate(y):
        near = minimum.values[others]
        for column, first in enumerate(x):
            full = minimum.values.copy()
            full[list(pair)] = first, second

            def deviate(rest: Floats, full: Floats = full) -> Floats:
                values = full.copy()
                values[others] = rest
                return problem.deviations(values)

            found = minimise(deviate, near, inner)
            near = found.values
            rise[row, column] = found.statistic - minimum.statistic
    return x, y, np.maximum(rise, 0.0)
