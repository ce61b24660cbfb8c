"""How probable a worse fit is, if the model is true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import chdtrc

from oda_widgets.fitting.errors.search import Search, found_nearby
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Problem
from oda_widgets.fitting.simulate import drawn_from


def goodness(search: Search, parameters: Parameters, simulations: int, seed: int) -> float:
    """Return the probability of a worse statistic if the model is true.

    For chi2 it follows from its distribution; for counts, spectra are drawn from the model and
    fitted.

    Parameters
    ----------
    search
        The minimum of the fit.
    parameters
        At their best values.
    simulations
        How many spectra are drawn.
    seed
        Makes the draws repeatable.
    """
    problem, reached = search.problem, search.minimum.statistic
    if problem.recipe.statistic == "chi2":
        return float(chdtrc(max(problem.dof, 1), reached))
    rng = np.random.default_rng(seed)
    drawn = (_drawn_statistic(search, parameters, rng) for _ in range(simulations))
    return sum(statistic >= reached for statistic in drawn) / simulations


def _drawn_statistic(search: Search, parameters: Parameters, rng: np.random.Generator) -> float:
    """Return the statistic of a spectrum drawn from the model and fitted."""
    recipe = search.problem.recipe
    pairs = zip(recipe.datasets, search.problem.folded(search.minimum.values), strict=True)
    drawn = tuple(drawn_from(data, folded, rng, recipe.statistic) for data, folded in pairs)
    fitted = found_nearby(Problem(replace(recipe, datasets=drawn, parameters=parameters)))
    return fitted.minimum.statistic
