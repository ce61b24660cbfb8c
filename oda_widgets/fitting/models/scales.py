"""Which parameter of a model sets its size: a norm, or the flux of a flux model."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.fitting.models.expression import Applied, Component, Product, Sum, Tree


@dataclass(frozen=True)
class Scale:
    """A parameter that the size of a spectrum is proportional to, or its logarithm.

    Parameters
    ----------
    number
        Of the component.
    name
        Of the parameter: "norm", "lg10Flux" or "Flux".
    """

    number: int
    name: str


def scales(tree: Tree) -> list[Scale]:
    """Return the parameters that together set the size of a model, one per term of a sum."""
    match tree:
        case Component():
            return [Scale(tree.number, "norm")] if tree.model.kind == "add" else []
        case Applied(component=component):
            return [Scale(component.number, component.model.parameters[-1].name)]
        case Sum(terms=parts) | Product(factors=parts):
            return [scale for part in parts for scale in scales(part)]


def scales_inside_flux_models(tree: Tree) -> list[Scale]:
    """Return parameters that flux models make meaningless: one in what each is applied to."""
    match tree:
        case Applied(inner=inner):
            return [scales(inner)[0], *scales_inside_flux_models(inner)]
        case Sum(terms=parts) | Product(factors=parts):
            return [scale for part in parts for scale in scales_inside_flux_models(part)]
        case Component():
            return []


def leading_constants(tree: Tree) -> list[int]:
    """Return numbers of components "constant" that multiply the whole model."""
    if not isinstance(tree, Product):
        return []
    parts = [part for part in tree.factors if isinstance(part, Component)]
    return [part.number for part in parts if part.model.name == "constant"]
