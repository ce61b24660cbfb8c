"""The flux of a fitted model in any band, with its error by profile."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, DataError
from oda_widgets.fitting.errors.profile import Interval
from oda_widgets.fitting.errors.search import found_nearby
from oda_widgets.fitting.models.arithmetic import renamed
from oda_widgets.fitting.models.expression import Product, components, parse
from oda_widgets.fitting.models.grid import Grid
from oda_widgets.fitting.models.model import evaluator, extended, flux_ranges
from oda_widgets.fitting.models.parameters import Parameter, Parameters, labels, parameters_of
from oda_widgets.fitting.models.scales import leading_constants, scales
from oda_widgets.fitting.models.twins import energy_flux, photon_flux
from oda_widgets.fitting.problem import Problem, Recipe
from oda_widgets.request.numbers import number_within

_BINS = 2000  # of equal ratio: a power law's flux is right to 1e-7
_FLUX_MODELS = {"erg": "cflux", "photons": "cpflux"}
_UNITS = {"erg": "erg/cm2/s", "photons": "photons/cm2/s"}
_ADDED = 3  # parameters of a flux model
_LOWEST, _HIGHEST = 1e-2, 1e5  # keV


@dataclass(frozen=True)
class Flux:
    """A flux with its errors.

    Parameters
    ----------
    low_energy, high_energy
        The band, keV.
    interval
        Value and ends, in `unit`.
    unit
        "erg/cm2/s" or "photons/cm2/s".
    level
        Confidence of the interval.
    rates_error
        Relative systematic error of the rates, which is not in the interval.
    """

    low_energy: float
    high_energy: float
    interval: Interval
    unit: str
    level: float
    rates_error: float = 0.0

    @property
    def value(self) -> float:
        """The flux."""
        return self.interval.value

    @property
    def error(self) -> float:
        """Half of the width of the interval; NaN where one end was not found."""
        return 0.5 * (self.interval.minus + self.interval.plus)

    def __repr__(self) -> str:
        ends = f"-{self.interval.minus:.2g} +{self.interval.plus:.2g}"
        band = f"{self.low_energy:g}-{self.high_energy:g} keV"
        level = f"{100 * self.level:.3g} %"
        if self.rates_error > 0:
            level += f"; rates ± {100 * self.rates_error:.2g} % systematic besides"
        return f"Flux {band}: {self.value:.4g} {ends} {self.unit} ({level})"


def measured_flux(
    recipe: Recipe, values: Floats, band: tuple[float, float], unit: str, level: float
) -> Flux:
    """Return the flux of a fitted model in a band, with its error by profile.

    Parameters
    ----------
    recipe
        The model with its parameters at the minimum.
    values
        All parameters of the model for the first spectrum, whose flux it is.
    band
        Lower and upper edge, keV.
    unit
        "erg" or "photons", per cm2 and second.
    level
        Confidence of the error.

    Raises
    ------
    DataError
        If the model has no flux there.
    """
    low, high = checked_band(band, "fit")
    label = checked_unit(unit)
    value = model_flux(recipe, values, low, high, unit)
    if not value > 0:
        problem = f"The model has no flux in {low:g} to {high:g} keV."
        raise DataError(problem, "Take another band.")
    search = found_nearby(Problem(flux_recipe(recipe, low, high, unit, value)))
    name = "lg10Flux" if unit == "erg" else "Flux"
    parameters = search.problem.recipe.parameters
    sizes = (i for i, known in enumerate(parameters.free) if parameters[known].name == name)
    [interval] = search.intervals([next(sizes)], level)
    interval = _power_of_ten(interval) if unit == "erg" else interval
    systematic = recipe.datasets[0].spectrum.observation.rates_error
    return Flux(low, high, replace(interval, value=value), label, level, systematic)


def checked_band(band: tuple[float, float], of: str) -> tuple[float, float]:
    """Return a band, keV, if it is one.

    Parameters
    ----------
    band
        Lower and upper edge.
    of
        What the flux is asked of, for the message: "fit" or "chain".

    Raises
    ------
    BadParameter
        If it is not.
    """
    low, high = (number_within("energy", edge, _LOWEST, _HIGHEST, "keV") for edge in band)
    if not low < high:
        limit = "the lower edge must be below the upper edge"
        raise BadParameter("energy", band, limit, f"Write {of}.flux(20, 100).")
    return low, high


def _power_of_ten(interval: Interval) -> Interval:
    value, low, high = (10.0**end for end in (interval.value, interval.low, interval.high))
    return Interval(value, low if interval.low_found else 0.0, high, high_found=interval.high_found)


def model_flux(recipe: Recipe, values: Floats, low: float, high: float, unit: str = "erg") -> float:
    """Return the flux of a model, without an error.

    Parameters
    ----------
    recipe
        The model.
    values
        All parameters of the model for one spectrum.
    low, high
        The band, keV.
    unit
        "erg" or "photons", per cm2 and second.
    """
    edges, _ = extended(np.geomspace(low, high, _BINS + 1), flux_ranges(recipe.tree, values))
    grid = Grid(edges)
    photons = evaluator(recipe.tree, grid)(values)
    total = energy_flux if unit == "erg" else photon_flux
    return total(grid, photons, low, high)


def checked_unit(unit: str) -> str:
    """Return a unit if it is one that fluxes are given in.

    Raises
    ------
    BadParameter
        If it is not.
    """
    if str(unit) not in _UNITS:
        raise BadParameter("unit", unit, "no such unit of flux", 'Write "erg" or "photons".')
    return _UNITS[unit]


def flux_recipe(recipe: Recipe, low: float, high: float, unit: str, value: float) -> Recipe:
    """Return the same model with its flux as a free parameter, in place of one of its norms.

    Parameters
    ----------
    recipe
        The model with its parameters at the minimum.
    low, high
        The band, keV.
    unit
        "erg" or "photons".
    value
        The flux to start from.
    """
    number, text = _wrapped(recipe, _FLUX_MODELS[unit])
    parts = list(components(parse(text)))
    n_spectra = len(recipe.datasets)
    fresh = list(parameters_of(parts, n_spectra).values())
    old = iter(recipe.parameters.values())
    n_parameters = len(fresh) // n_spectra
    place = sum(len(part.model.parameters) for part in parts[:number])
    added = range(place, place + _ADDED)
    kept = {i: next(old) for i in range(len(fresh)) if i % n_parameters not in added}
    items = _relabelled(fresh, kept)
    items[place : place + _ADDED] = _flux_parameters(
        items[place : place + _ADDED], low, high, value
    )
    size = place + _ADDED - 1
    return replace(
        recipe, model=text, parameters=_without_scales(recipe, kept, items, size, n_parameters)
    )


def _relabelled(fresh: list[Parameter], kept: dict[int, Parameter]) -> list[Parameter]:
    """Return the old parameters in their new places, under the names that they have there.

    A model that holds a flux model already has two of them now.
    """
    names = {item.full_name: fresh[i].full_name for i, item in kept.items()}
    items = list(fresh)
    for i, item in kept.items():
        link = renamed(item.link, lambda word: names.get(word, word)) if item.link else ""
        items[i] = replace(item, model=fresh[i].model, link=link)
    return items


def _wrapped(recipe: Recipe, flux_model: str) -> tuple[int, str]:
    """Return the expression with a flux model, and the number of that component.

    Factors between spectra stay outside: the flux is that of the first spectrum.
    """
    outside = leading_constants(recipe.tree)
    if not outside or not isinstance(recipe.tree, Product):
        return 0, f"{flux_model}({recipe.tree})"
    rest = [f for f in recipe.tree.factors if getattr(f, "number", None) not in outside]
    if outside != list(range(len(outside))):
        return 0, f"{flux_model}({recipe.tree})"
    inner = str(Product(tuple(rest))) if len(rest) > 1 else str(rest[0])
    return len(outside), f"{'*'.join(['constant'] * len(outside))}*{flux_model}({inner})"


def _flux_parameters(
    items: list[Parameter], low: float, high: float, value: float
) -> list[Parameter]:
    first, last, size = items
    logarithm = size.name == "lg10Flux"
    return [
        replace(first, value=low, frozen=True),
        replace(last, value=high, frozen=True),
        replace(size, value=float(np.log10(value)) if logarithm else value, frozen=False),
    ]


def _without_scales(
    recipe: Recipe, kept: dict[int, Parameter], items: list[Parameter], size: int, n_parameters: int
) -> Parameters:
    """Return parameters in which the flux replaces one scale of each spectrum that has its own."""
    names = labels(list(components(recipe.tree)))
    wanted = {(names[scale.number], scale.name) for scale in scales(recipe.tree)}
    places = [i for i, item in kept.items() if (item.model, item.name) in wanted]
    # A norm of zero scales nothing.
    first = next((i for i in places if items[i].value != 0), places[0])
    for place in range(first, len(items), n_parameters):
        own = not items[place].link
        items[place] = replace(items[place], frozen=items[place].frozen or own)
        flux = size + (place - first)
        if own and flux != size:
            items[flux] = replace(items[flux], value=items[size].value, link="", frozen=False)
    return Parameters(items)
