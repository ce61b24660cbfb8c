"""Start values of parameters for which the user gives none.

Norms follow from the data by a linear fit, so only shapes are tried.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from scipy.optimize import nnls

from oda_widgets.arrays import Floats
from oda_widgets.fitting.problem import Problem
from oda_widgets.fitting.shapes import shapes


def guess(problem: Problem, given: Collection[str]) -> list[Floats]:
    """Return values of the free parameters to start from, the most promising first.

    Parameters
    ----------
    problem
        Data and model.
    given
        Short names of parameters whose values the user has chosen; they stay.
    """
    free = problem.recipe.parameters.free
    open_norms = [i for i, name in enumerate(free) if _is_norm(name) and name not in given]
    tried = [_with_norms(problem, shape, open_norms) for shape in shapes(problem, given)]
    ranked = sorted(tried, key=problem.statistic)
    return _best_of_each(ranked, [i for i in range(len(free)) if i not in open_norms])


def _best_of_each(ranked: Sequence[Floats], indices: Sequence[int]) -> list[Floats]:
    """Return, for each value of each parameter, the first point that has it.

    The best points of all are mostly neighbours, which lead to the same minimum.
    """
    first: dict[tuple[int, float], int] = {}
    for rank, values in enumerate(ranked):
        for index in indices:
            first.setdefault((index, float(values[index])), rank)
    return [ranked[rank] for rank in sorted({0, *first.values()})]


def _with_norms(problem: Problem, shape: Floats, norms: list[int]) -> Floats:
    """Return values whose norms fit the data best for this shape."""
    if not norms:
        return shape
    links = problem.links
    values = shape.copy()
    for _ in range(2):  # factors between spectra multiply norms: fit both twice
        for group in (
            _factors_or_norms(problem, norms, factor=False),
            _factors_or_norms(problem, norms, factor=True),
        ):
            values = _with_linear_fit(problem, values, group)
    return np.clip(values, links.low, links.high)


def _factors_or_norms(problem: Problem, norms: list[int], *, factor: bool) -> list[int]:
    free = problem.recipe.parameters.free
    items = [(i, problem.recipe.parameters[free[i]].name) for i in norms]
    return [i for i, name in items if (name == "factor") is factor]


def _with_linear_fit(problem: Problem, values: Floats, norms: list[int]) -> Floats:
    """Return values with some of the norms, in which the model is linear, fitted to the data."""
    if not norms:
        return values
    logarithms = [i for i in norms if _is_logarithm(problem, i)]
    if logarithms:
        return _with_fitted_flux(problem, values, logarithms[0])
    nothing = values.copy()
    nothing[norms] = 0.0
    base = _deviations(problem, nothing)
    columns = []
    for index in norms:
        one = nothing.copy()
        one[index] = 1.0
        columns.append(base - _deviations(problem, one))
    design = np.stack(columns, axis=1)
    scale = np.linalg.norm(design, axis=0)
    usable = np.isfinite(scale) & (scale > 0)
    if not usable.any() or not np.isfinite(base).all():
        return values
    solution, _ = nnls(design[:, usable] / scale[usable], base)
    result = values.copy()
    amounts = solution / scale[usable]
    # Leave no norm at zero: the shape of its term would have no slope.
    amounts = np.where(amounts > 0, amounts, 1e-3 / scale[usable])
    result[np.array(norms)[usable]] = amounts
    return result


def _with_fitted_flux(problem: Problem, values: Floats, index: int) -> Floats:
    """Return values with the logarithm of a flux fitted to the data."""
    one = values.copy()
    weak = one.copy()
    weak[index] = -100.0
    base, bright = _deviations(problem, weak), _deviations(problem, one)
    change = base - bright
    amount = float(base @ change) / max(float(change @ change), 1e-300)
    if amount > 0:
        one[index] = values[index] + np.log10(amount)
    return one


def _deviations(problem: Problem, values: Floats) -> Floats:
    """Return the deviations of Gaussian data from the model, in sigma."""
    first, second = problem.derivatives_of(problem.model(values))
    return -first / np.sqrt(second)


def _is_logarithm(problem: Problem, index: int) -> bool:
    name = problem.recipe.parameters.free[index]
    return problem.recipe.parameters[name].name == "lg10Flux"


def _is_norm(name: str) -> bool:
    return name.rsplit(":", maxsplit=1)[-1].rsplit(".", maxsplit=1)[-1] in {
        "norm",
        "factor",
        "lg10Flux",
        "Flux",
    }
