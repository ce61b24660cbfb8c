"""Shapes to start from: XSPEC's defaults, typical values, and a scatter of their combinations.

A sum of like components (two black bodies, two power laws, a disk and a black body) has a minimum
wherever one of them explains all data and the other the rest. Their temperatures are therefore
spread over those that shine in the energy range of the data, their indices and lines likewise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.fitting.models.parameters import Parameter
from oda_widgets.fitting.problem import Problem

_MOST_TRIED = 150
_SEED = 20021017  # INTEGRAL's launch; any constant makes guesses repeatable
# Values found in sources in 3 to 1000 keV, by the name of the parameter, if need be with its model.
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
_KINDS = {
    "bbody.kT": "temperature",
    "bbodyrad.kT": "temperature",
    "diskbb.Tin": "temperature",
    "powerlaw.PhoIndex": "index",
    "pegpwrlw.PhoIndex": "index",
    "cutoffpl.PhoIndex": "index",
    "gaussian.LineE": "line",
}
_INDICES = (0.5, 1.5, 2.1, 3.0, 4.5)
_SPREAD = 8  # values over the energy range
_COOLEST, _HOTTEST = 1 / 20, 1 / 3  # temperature over the lowest and highest energy: Wien's tails


@dataclass(frozen=True)
class _Group:
    """Indices of free parameters, and the combinations of values to try for them."""

    indices: tuple[int, ...]
    choices: Sequence[tuple[float, ...]]


def shapes(problem: Problem, given: Collection[str]) -> Iterator[Floats]:
    """Yield values of the free parameters with their present norms, the defaults first.

    Parameters
    ----------
    problem
        Data and model.
    given
        Short names of parameters whose values the user has chosen; they stay.
    """
    start = problem.links.start
    yield start
    groups = _groups(problem, given)
    for chosen in _combinations([group.choices for group in groups]):
        values = start.copy()
        for group, part in zip(groups, chosen, strict=True):
            values[list(group.indices)] = part
        yield values


def _combinations(
    choices: Sequence[Sequence[tuple[float, ...]]],
) -> Iterator[Sequence[tuple[float, ...]]]:
    """Yield combinations of one choice of each: all, or a random part if they are too many."""
    number = int(np.prod([len(choice) for choice in choices], dtype=np.float64))
    if number <= _MOST_TRIED:
        yield from product(*choices)
        return
    rng = np.random.default_rng(_SEED)
    for _ in islice(range(number), _MOST_TRIED):
        yield [choice[int(rng.integers(len(choice)))] for choice in choices]


def _groups(problem: Problem, given: Collection[str]) -> list[_Group]:
    """Return groups of parameters: those that components could swap are in one group."""
    parameters = problem.recipe.parameters
    several = _kinds_to_swap(parameters.values())
    swapped: dict[tuple[int, str], list[int]] = {}
    single = []
    for index, name in enumerate(parameters.free):
        item = parameters[name]
        if name in given:
            single.append(_Group((index,), [(float(problem.links.start[index]),)]))
        elif _kind(item) in several:
            swapped.setdefault((item.spectrum, _model_and_name(item)), []).append(index)
        else:
            single.append(
                _Group((index,), [(v,) for v in _within_limits(problem, index, _typical(item))])
            )
    spread = [_spread(problem, tuple(indices)) for indices in swapped.values()]
    return sorted(single + spread, key=lambda group: group.indices)


def _spread(problem: Problem, indices: tuple[int, ...]) -> _Group:
    """Return increasing values for parameters that components could swap."""
    item = problem.recipe.parameters[problem.recipe.parameters.free[indices[0]]]
    values = _within_limits(
        problem, indices[0], _over_range(problem, _KINDS[_model_and_name(item)])
    )
    together = [*combinations(values, len(indices))]
    return _Group(indices, together or [tuple(problem.links.start[list(indices)].tolist())])


def _over_range(problem: Problem, kind: str) -> tuple[float, ...]:
    if kind == "index":
        return _INDICES
    low = min(float(data.low.min()) for data in problem.recipe.datasets)
    high = max(float(data.high.max()) for data in problem.recipe.datasets)
    if kind == "temperature":
        low, high = _COOLEST * low, _HOTTEST * high
    # Lines at the ends of the range would be half outside it.
    inside = (
        np.geomspace(low, high, _SPREAD + 2)[1:-1]
        if kind == "line"
        else np.geomspace(low, high, _SPREAD)
    )
    return tuple(inside.tolist())


def _kinds_to_swap(items: Collection[Parameter]) -> set[tuple[int, str]]:
    """Return the kinds of which a spectrum has several parameters without links."""
    counted = Counter(
        _kind(item) for item in items if not item.link and _model_and_name(item) in _KINDS
    )
    return {kind for kind, number in counted.items() if number > 1}


def _kind(item: Parameter) -> tuple[int, str]:
    return item.spectrum, _KINDS.get(_model_and_name(item), "")


def _model_and_name(item: Parameter) -> str:
    """Return the name without the number of the component: "bbodyrad.kT"."""
    return f"{item.model.split('#')[0]}.{item.name}"


def _typical(item: Parameter) -> tuple[float, ...]:
    return _TYPICAL.get(_model_and_name(item), _TYPICAL.get(item.name, ()))


def _within_limits(problem: Problem, index: int, values: Sequence[float]) -> tuple[float, ...]:
    """Return the values within the limits of a parameter; its present value if there are none."""
    links = problem.links
    inside = tuple(v for v in values if links.low[index] <= v <= links.high[index])
    return inside or (float(links.start[index]),)
