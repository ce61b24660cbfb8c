"""Compile a model expression for many evaluations on one grid of energies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, MissingTool
from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.definitions import ModelDefinition
from oda_widgets.fitting.models.expression import (
    Applied,
    ModelComponent,
    Product,
    Sum,
    Tree,
    components,
)
from oda_widgets.fitting.models.grid import Grid, Values
from oda_widgets.fitting.models.lattice import SLOW, Lattice
from oda_widgets.fitting.models.numpy_models import NUMPY_FLUX_MODELS, NUMPY_MODELS

Evaluate = Callable[[Values], Floats]

_CACHED = 3  # results per component: a numerical derivative returns to its starting point
_EXTRA_BINS = 200  # per side, where a flux reaches beyond the response


@dataclass(frozen=True)
class Varying:
    """Parameters of a model that change often: slow models are interpolated in these.

    Parameters
    ----------
    places
        Indices among all parameters of the model.
    most
        Largest number of them in a component that is interpolated.
    """

    places: frozenset[int] = frozenset()
    most: int = 0

    def of(self, place: slice) -> list[int]:
        """Return indices among the parameters of a component, the norm left out."""
        found = [i - place.start for i in range(place.start, place.stop - 1) if i in self.places]
        return found if len(found) <= self.most else []


_NONE = Varying()


def evaluator(
    tree: Tree, grid: Grid, varying: Varying = _NONE, matrix: Floats | None = None
) -> Evaluate:
    """Return a function from all parameters of a model to photons/cm2/s in each bin.

    Parameters
    ----------
    tree
        The expression.
    grid
        Bins of energy.
    varying
        Parameters in which slow models are interpolated.
    matrix
        Response, shape (n_bins, n_channels): the function then returns counts/s per channel.
        Each component is folded alone, so that its last results need not be folded again; the
        expression has to be `linear`.

    Raises
    ------
    MissingTool
        If a model needs XSPEC's library, and that is not installed.
    """
    return _compile(tree, grid, Parts(places(tree), varying, matrix))


def linear(tree: Tree) -> bool:
    """Return whether a model is a sum of components, apart from constant factors."""
    return all(
        part.model.kind == "add" or part.model.name == "constant" for part in components(tree)
    )


def places(tree: Tree) -> list[slice]:
    """Return the slice of the parameters of each component among those of the model."""
    ends = np.cumsum([0, *(len(part.model.parameters) for part in components(tree))])
    return [slice(int(a), int(b)) for a, b in pairwise(ends)]


def flux_ranges(tree: Tree, values: Values) -> list[tuple[float, float]]:
    """Return the energy ranges, keV, in which flux models of an expression set the flux.

    Raises
    ------
    BadParameter
        If a range is empty.
    """
    ranges = []
    for part, place in zip(components(tree), places(tree), strict=True):
        if part.model.kind == "con":
            low, high = values[place][:2]
            if not 0 < low < high:
                limit = f"{part.model.name} needs 0 < Emin < Emax, in keV"
                advice = 'Write for example start={"Emin": 20, "Emax": 100}.'
                raise BadParameter("Emin, Emax", (float(low), float(high)), limit, advice)
            ranges.append((float(low), float(high)))
    return ranges


def extended(edges: Floats, ranges: Sequence[tuple[float, float]]) -> tuple[Floats, slice]:
    """Return edges with bins added so that all ranges are inside, and where the old bins are.

    XSPEC's flux models silently return another flux when their range leaves the grid.
    """
    below: Floats = np.array([])
    above: Floats = np.array([])
    lowest = min((low for low, _ in ranges), default=edges[0])
    highest = max((high for _, high in ranges), default=edges[-1])
    if lowest < edges[0]:
        below = np.geomspace(lowest, edges[0], _EXTRA_BINS + 1)[:-1]
    if highest > edges[-1]:
        above = np.geomspace(edges[-1], highest, _EXTRA_BINS + 1)[1:]
    start = len(below)
    return np.concatenate([below, edges, above]), slice(start, start + len(edges) - 1)


@dataclass(frozen=True)
class Parts:
    """Parameters of each component, those that change, and a response if there is one."""

    where: list[slice]
    varying: Varying
    matrix: Floats | None


def _compile(tree: Tree, grid: Grid, parts: Parts) -> Evaluate:
    match tree:
        case ModelComponent():
            return _compile_component(tree, grid, parts)
        case Sum(terms=terms):
            first, *others = [_compile(term, grid, parts) for term in terms]
            return lambda values: sum((one(values) for one in others), start=first(values))
        case Product(factors=factors):
            each = [_compile(factor, grid, parts) for factor in factors]
            return lambda values: _product([one(values) for one in each])
        case Applied(component=component, inner=inner):
            apply = flux_function(component.model, grid)
            place, photons = parts.where[component.number], _compile(inner, grid, parts)
            return lambda values: apply(values[place], photons(values))


def _product(factors: list[Floats]) -> Floats:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


def _compile_component(component: ModelComponent, grid: Grid, parts: Parts) -> Evaluate:
    place = parts.where[component.number]
    matrix = parts.matrix if component.model.kind == "add" else None
    function = _with_cache(function_of(component.model, grid, parts.varying.of(place), matrix))
    if component.model.kind != "add":
        return lambda values: function(values[place])
    shape, norm = slice(place.start, place.stop - 1), place.stop - 1
    return lambda values: function(values[shape]) * values[norm]


def function_of(
    model: ModelDefinition, grid: Grid, varying: Sequence[int], matrix: Floats | None
) -> Evaluate:
    """Return a model on a grid, folded where there is a matrix.

    Parameters
    ----------
    model
        Definition of the model.
    grid
        Bins of energy.
    varying
        Those of its parameters, by index, in which a slow model is interpolated.
    matrix
        Response, shape (n_bins, n_channels), or None for photons.
    """
    if varying and model.name in SLOW and library.available():
        return Lattice(model, grid, varying, matrix)
    photons = _photons(model, grid)
    if matrix is None:
        return photons
    return lambda values: photons(values) @ matrix


def _photons(model: ModelDefinition, grid: Grid) -> Evaluate:
    """Return the NumPy function of a model if there is one, else that of XSPEC's library."""
    if model.name in NUMPY_MODELS:
        function = NUMPY_MODELS[model.name]
        return lambda values: function(grid, values)
    _require_library(model)
    return lambda values: library.evaluate(model, grid, values)


def flux_function(model: ModelDefinition, grid: Grid) -> Callable[[Values, Floats], Floats]:
    """Return a flux model as a function of its parameters and of the photons of a spectrum."""
    function = NUMPY_FLUX_MODELS[model.name]
    return lambda values, photons: function(grid, values, photons)


def _require_library(model: ModelDefinition) -> None:
    if not library.available():
        problem = f"The model {model.name} is in XSPEC's library only, which is not available here."
        alone = ", ".join((*NUMPY_MODELS, *NUMPY_FLUX_MODELS))
        advice = f"Install xspectrampoline (Linux x86_64, macOS), or use one of: {alone}."
        raise MissingTool(problem, advice)


def _with_cache(function: Evaluate) -> Evaluate:
    """Return a function that caches its last few results, which must not be changed."""
    known: tuple[tuple[bytes, Floats], ...] = ()

    def evaluate(values: Values) -> Floats:
        nonlocal known
        key = np.asarray(values, dtype=np.float64).tobytes()
        for before, result in known:
            if before == key:
                return result
        result = function(values)
        known = ((key, result), *known[: _CACHED - 1])
        return result

    return evaluate
