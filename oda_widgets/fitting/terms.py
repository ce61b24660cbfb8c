"""The terms of a model one by one: what the disc, the line, the tail contribute."""

from __future__ import annotations

from oda_widgets.fitting.models.expression import components
from oda_widgets.fitting.models.grid import Floats
from oda_widgets.fitting.models.model import places
from oda_widgets.fitting.models.parameters import labels
from oda_widgets.fitting.models.scales import scales
from oda_widgets.fitting.problem import Recipe

_NO_FLUX = -100.0  # logarithm of a flux that is none


def term_values(recipe: Recipe, values: Floats) -> dict[str, Floats]:
    """Return the parameters of one spectrum with all terms but one switched off, by name.

    A model of one term has none to show.
    """
    parts = list(components(recipe.tree))
    names, where = labels(parts), places(recipe.tree)
    sizes = scales(recipe.tree)
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
