"""Values to start from, where the user gives none.

The norms follow from the data by a linear fit, so only the shapes are tried: XSPEC's defaults,
those that suit hard X-ray sources, and a scatter of their combinations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice, product

import numpy as np
from scipy.optimize import nnls

from oda_widgets.arrays import Floats
from oda_widgets.fitting.problem import Problem

_MOST_TRIED = 150
_SEED = 20021017  # INTEGRAL's launch; any constant makes guesses repeatable
# By model and parameter, what sources in 3 to 1000 keV have shown.
_TYPICAL: dict[str, tuple[float, ...]] = {
    "PhoIndex": (1.5, 2.1, 3.0),
    "PhoIndx1": (1.5, 2.1),
    "PhoIndx2": (2.2, 3.0),
    "PhoIndx3": (2.4, 3.5),
    "BreakE": (30.0, 80.0),
    "BreakE1": (25.0, 50.0),
    "BreakE2": (80.0, 150.0),
    "HighECut": (20.0, 80.0, 250.0),
    "alpha": (-1.7, -1.0),
    "beta": (-2.3, -3.0),
    "tem": (50.0, 300.0),
    "bbody.kT": (1.0, 2.0, 10.0),
    "bbodyrad.kT": (1.0, 2.0, 10.0),
    "bremss.kT": (5.0, 20.0, 60.0),
    "Tin": (0.8, 1.5, 2.5),
    "T0": (0.3, 1.0),
    "compTT.kT": (4.0, 15.0, 50.0),
    "taup": (0.5, 1.5, 4.0),
    "compbb.kT": (1.0, 3.0),
    "tau": (0.3, 1.5),
    "kTe": (50.0, 150.0, 400.0),
    "tau_y": (0.3, 1.0, 2.0, -0.3, -1.0, -1.5),
    "LineE": (60.0,),
    "cutoffE": (15.0, 30.0),
    "foldE": (20.0, 80.0, 200.0),
}


def guess(problem: Problem, given: Collection[str]) -> list[Floats]:
    """Return values of the free parameters to start from, the most promising first.

    Parameters
    ----------
    problem
        What is to be fitted.
    given
        Short names of parameters whose values the user has chosen; they stay.
    """
    free = problem.recipe.parameters.free
    open_norms = [i for i, name in enumerate(free) if _is_norm(name) and name not in given]
    tried = [_with_norms(problem, shape, open_norms) for shape in _shapes(problem, given)]
    ranked = sorted(tried, key=problem.statistic)
    return _best_of_each(ranked, [i for i in range(len(free)) if i not in open_norms])


def _best_of_each(ranked: Sequence[Floats], shapes: Sequence[int]) -> list[Floats]:
    """Return of each value of each parameter the first of all that have it, the others left out.

    The best of all alone tend to be neighbours, which lead to the same minimum.
    """
    first: dict[tuple[int, float], int] = {}
    for rank, values in enumerate(ranked):
        for index in shapes:
            first.setdefault((index, float(values[index])), rank)
    return [ranked[rank] for rank in sorted({0, *first.values()})]


def _shapes(problem: Problem, given: Collection[str]) -> Iterator[Floats]:
    """Yield values with all norms as they stand: the defaults first."""
    start = problem.links.start
    yield start
    choices = [_choices(problem, index, name, given) for index, name in
               enumerate(problem.recipe.parameters.free)]  # fmt: skip
    number = int(np.prod([len(choice) for choice in choices], dtype=np.float64))
    if number <= _MOST_TRIED:
        yield from (np.array(values) for values in product(*choices))
        return
    rng = np.random.default_rng(_SEED)
    for _ in islice(range(number), _MOST_TRIED):
        yield np.array([rng.choice(choice) for choice in choices])


def _choices(problem: Problem, index: int, name: str, given: Collection[str]) -> tuple[float, ...]:
    links = problem.links
    value = float(links.start[index])
    if name in given:
        return (value,)
    item = problem.recipe.parameters[name]
    model = item.model.split("#")[0]
    typical = _TYPICAL.get(f"{model}.{item.name}", _TYPICAL.get(item.name, (value,)))
    inside = tuple(v for v in typical if links.low[index] <= v <= links.high[index])
    return inside or (value,)


def _with_norms(problem: Problem, shape: Floats, norms: list[int]) -> Floats:
    """Return values whose norms fit the data best for this shape."""
    if not norms:
        return shape
    links = problem.links
    values = shape.copy()
    for _ in range(2):  # a factor between spectra multiplies the norms: once each is not enough
        for group in (
            _of_kind(problem, norms, factor=False),
            _of_kind(problem, norms, factor=True),
        ):
            values = _solved(problem, values, group)
    return np.clip(values, links.low, links.high)


def _of_kind(problem: Problem, norms: list[int], *, factor: bool) -> list[int]:
    free = problem.recipe.parameters.free
    items = [(i, problem.recipe.parameters[free[i]].name) for i in norms]
    return [i for i, name in items if (name == "factor") is factor]


def _solved(problem: Problem, values: Floats, norms: list[int]) -> Floats:
    """Return values with some of the norms, in which the model is linear, fitted to the data."""
    if not norms:
        return values
    logarithms = [i for i in norms if _is_logarithm(problem, i)]
    if logarithms:
        return _flux_set(problem, values, logarithms[0])
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
    # A spectrum with no part in the first guess could never come back.
    amounts = np.where(amounts > 0, amounts, 1e-3 / scale[usable])
    result[np.array(norms)[usable]] = amounts
    return result


def _flux_set(problem: Problem, values: Floats, index: int) -> Floats:
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
