"""Which spectrum a flux is normalised to, where a factor lies between spectra."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.models.model import places
from oda_widgets.fitting.models.parameters import Parameter, Parameters
from oda_widgets.fitting.models.scales import leading_constants
from oda_widgets.fitting.problem import Recipe
from oda_widgets.request.numbers import whole_number


def checked_spectrum(spectrum: Any, recipe: Recipe) -> int:
    """Return the index, from 0, of a spectrum that was given by its number from 1.

    Raises
    ------
    BadParameter
        If there is no such spectrum.
    """
    return whole_number("spectrum", spectrum, 1, len(recipe.datasets)) - 1


def normalised_to(recipe: Recipe, spectrum: int) -> Recipe:
    """Return the same model with the factor of one spectrum held at 1.

    The factors of the others are divided by its own, so that a flux in the model is its flux.

    Parameters
    ----------
    recipe
        The model with its parameters at the minimum.
    spectrum
        Index of the spectrum, from 0.

    Raises
    ------
    BadParameter
        If the spectrum differs from the first by more than the factor.
    """
    items = list(recipe.parameters.values())
    size = len(items) // len(recipe.datasets)
    own = [place for place in range(size) if not items[spectrum * size + place].link]
    if spectrum == 0 or not own:
        return recipe
    place = _place_of_factor(recipe)
    if place is None or own != [place]:
        limit = "it has parameters of its own besides a factor before the whole model"
        raise BadParameter("spectrum", spectrum + 1, limit, "Fit this spectrum alone.")
    scale, free = items[spectrum * size + place].value, not items[spectrum * size + place].frozen
    for number in range(len(recipe.datasets)):
        at = number * size + place
        if not items[at].link:
            frozen = number == spectrum or (items[at].frozen and not (number == 0 and free))
            items[at] = _divided(items[at], scale, frozen=frozen)
    return replace(recipe, parameters=Parameters(items))


def _place_of_factor(recipe: Recipe) -> int | None:
    """Return the index of the one factor before the whole model, among its parameters."""
    factors = leading_constants(recipe.tree)
    return places(recipe.tree)[0].start if factors == [0] else None


def _divided(factor: Parameter, scale: float, *, frozen: bool) -> Parameter:
    return replace(
        factor,
        value=factor.value / scale,
        low=factor.low / scale,
        high=factor.high / scale,
        frozen=frozen,
    )
