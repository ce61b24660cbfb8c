"""The likelihood of points of a chain."""

from __future__ import annotations

import numpy as np

from oda_widgets.fitting.models.expression import components
from oda_widgets.fitting.models.grid import Floats
from oda_widgets.fitting.models.lattice import FOR_CHAINS
from oda_widgets.fitting.models.twins import FLUX_TWINS, TWINS
from oda_widgets.fitting.problem import Problem, Recipe


def problem_of_chain(recipe: Recipe) -> Problem:
    """Return a problem that is asked so often that slow models are interpolated."""
    return Problem(recipe, interpolated=FOR_CHAINS)


def log_likelihood(problem: Problem, points: Floats) -> Floats:
    """Return the log likelihood of points, shape (n_points, n_free); -inf outside the limits."""
    low, high = problem.links.low, problem.links.high
    inside = np.all((points >= low) & (points <= high), axis=1)
    values = np.full(len(points), -np.inf)
    for number in np.flatnonzero(inside):
        values[number] = -0.5 * problem.statistic(points[number])
    return values


def is_plain(recipe: Recipe) -> bool:
    """Tell whether a model is NumPy only and asks nothing of XSPEC's library."""
    names = {part.model.name for part in components(recipe.tree)}
    return names <= {*TWINS, *FLUX_TWINS}
