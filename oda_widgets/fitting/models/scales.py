"""The parameter that sets the size of a model: a norm, or the flux of a flux model."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.arrays import Floats
from oda_widgets.fitting.models.expression import (
    Applied,
    ModelComponent,
    Product,
    Sum,
    Tree,
    components,
)
from oda_widgets.fitting.models.model import places
from oda_widgets.fitting.models.parameters import labels

_NO_FLUX = -100.0  # logarithm of a negligible flux


@dataclass(frozen=True)
class Scale:
    """A parameter that the size of a spectrum is proportional to, or its logarithm.

    Parameters
    ----------
    number
        Index of the component.
    name
        Name of the parameter: "norm", "lg10Flux" or "Flux".
    """

    number: int
    name: str


def scales(tree: Tree) -> list[Scale]:
    """Return the parameters that together set the size of a model, one per term of a sum."""
    match tree:
        case ModelComponent():
            return [Scale(tree.number, "norm")] if tree.model.kind == "add" else []
        case Applied(component=component):
            return [Scale(component.number, component.model.parameters[-1].name)]
        case Sum(terms=parts) | Product(factors=parts):
            return [scale for part in parts for scale in scales(part)]


def scales_inside_flux_models(tree: Tree) -> list[Scale]:
    """Return the norms that flux models make redundant, one inside each flux model."""
    match tree:
        case Applied(inner=inner):
            return [scales(inner)[0], *scales_inside_flux_models(inner)]
        case Sum(terms=parts) | Product(factors=parts):
            return [scale for part in parts for scale in scales_inside_flux_models(part)]
        case ModelComponent():
            return []


def leading_constants(tree: Tree) -> list[int]:
    """Return the indices of "constant" components that multiply the whole model."""
    if not isinstance(tree, Product):
        return []
    parts = [part for part in tree.factors if isinstance(part, ModelComponent)]
    return [part.number for part in parts if part.model.name == "constant"]


def term_values(tree: Tree, values: Floats) -> dict[str, Floats]:
    """Return the parameters of one spectrum with all terms but one switched off, by name.

    Empty for a model of one term.
    """
    parts = list(components(tree))
    names, where = labels(parts), places(tree)
    sizes = scales(tree)
    if len(sizes) < 2:
        return {}
    alone: dict[str, Floats] = {}
    for chosen in sizes:
        only = values.copy()
        for other in sizes:
            if other is not chosen:
                off = _NO_FLUX if other.name == "lg10Flux" else 0.0
                only[where[other.number].stop - 1] = off
        alone[names[chosen.number]] = only
    return alone
