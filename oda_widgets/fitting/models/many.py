"""Compile a model expression for many points at once: the walkers of a step of a chain.

Simple models are evaluated for all points in one pass of NumPy, others one by one; all are folded
and multiplied together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, mul

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.fitting.models.definitions import ModelDefinition
from oda_widgets.fitting.models.expression import (
    Applied,
    ModelComponent,
    Product,
    Sum,
    Tree,
)
from oda_widgets.fitting.models.grid import Grid
from oda_widgets.fitting.models.model import Parts, Varying, flux_function, function_of, places
from oda_widgets.fitting.models.numpy_models import COLUMNS, NUMPY_MODELS

EvaluateMany = Callable[[Floats], Floats]
"""From the parameters of points, shape (n_points, n_parameters), to (n_points, n_bins)."""


def evaluator_of_many(
    tree: Tree, grid: Grid, varying: Varying, matrix: Floats | None = None
) -> EvaluateMany:
    """Compile an expression for many points at once; the parameters are those of `evaluator`."""
    return _compile(tree, grid, Parts(places(tree), varying, matrix))


def _compile(tree: Tree, grid: Grid, parts: Parts) -> EvaluateMany:
    match tree:
        case ModelComponent():
            return _compile_component(tree, grid, parts)
        case Sum(terms=terms):
            each = [_compile(term, grid, parts) for term in terms]
            return lambda values: reduce(add, [one(values) for one in each])
        case Product(factors=factors):
            each = [_compile(factor, grid, parts) for factor in factors]
            return lambda values: reduce(mul, [one(values) for one in each])
        case Applied(component=component, inner=inner):
            apply = flux_function(component.model, grid)
            place, photons = parts.where[component.number], _compile(inner, grid, parts)
            return lambda values: np.stack(
                [
                    apply(row, spectrum)
                    for row, spectrum in zip(values[:, place], photons(values), strict=True)
                ]
            )


def _compile_component(component: ModelComponent, grid: Grid, parts: Parts) -> EvaluateMany:
    place = parts.where[component.number]
    matrix = parts.matrix if component.model.kind == "add" else None
    function = _function_of_many(component.model, grid, parts.varying.of(place), matrix)
    if component.model.kind != "add":
        return lambda values: function(values[:, place])
    shape, norm = slice(place.start, place.stop - 1), place.stop - 1
    return lambda values: function(values[:, shape]) * values[:, norm, np.newaxis]


def _function_of_many(
    model: ModelDefinition, grid: Grid, varying: Sequence[int], matrix: Floats | None
) -> EvaluateMany:
    """Return a model on a grid, folded where there is a matrix."""
    if model.name not in COLUMNS:
        one = function_of(model, grid, varying, matrix)
        return lambda values: np.stack([one(row) for row in values])
    function = NUMPY_MODELS[model.name]
    if matrix is None:
        return lambda values: function(grid, values.T[:, :, np.newaxis])
    return lambda values: function(grid, values.T[:, :, np.newaxis]) @ matrix
