"""The flux of a fitted model in any band, with its error by profile, and its upper limit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, DataError
from oda_widgets.fitting.errors.profile import Interval
from oda_widgets.fitting.errors.search import minimise_from_start
from oda_widgets.fitting.extrapolated import extrapolation
from oda_widgets.fitting.flux_of_spectrum import normalised_to
from oda_widgets.fitting.limit import UpperLimit
from oda_widgets.fitting.models.arithmetic import renamed
from oda_widgets.fitting.models.band_flux import energy_flux, photon_flux
from oda_widgets.fitting.models.expression import Product, components, parse
from oda_widgets.fitting.models.grid import Grid
from oda_widgets.fitting.models.model import evaluator, extended, flux_ranges
from oda_widgets.fitting.models.parameters import Parameter, Parameters, labels, parameters_of
from oda_widgets.fitting.models.scales import leading_constants, scales
from oda_widgets.fitting.problem import Problem, Recipe
from oda_widgets.request.numbers import number_within

_BINS = 2000  # of equal ratio: a power law's flux is right to 1e-7
_FLUX_MODELS = {"erg": "cflux", "photons": "cpflux"}
_UNITS = {"erg": "erg/cm²/s", "photons": "photons/cm²/s"}
_VISIBLE = 1.0  # rise of the statistic by a flux that the data can tell from 0
_FAINTER = 1e-3  # than the faintest visible flux
_SPAN = 1e30  # factor below and above a flux in which the faintest visible one is searched
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
        "erg/cm²/s" or "photons/cm²/s".
    level
        Confidence of the interval.
    rates_error
        Relative systematic error of the rates, which is not in the interval.
    spectrum
        Number of the spectrum that it is normalised to, from 1.
    extrapolated
        The part of the band beyond the fitted energies, in words; empty if they cover all of it.
    """

    low_energy: float
    high_energy: float
    interval: Interval
    unit: str
    level: float
    rates_error: float = 0.0
    spectrum: int = 1
    extrapolated: str = ""

    @property
    def value(self) -> float:
        """The flux."""
        return self.interval.value

    @property
    def error(self) -> float:
        """Half of the width of the interval; NaN where one end was not found."""
        return 0.5 * (self.interval.minus + self.interval.plus)

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        band = f"{self.low_energy:g}-{self.high_energy:g} keV"
        level = f"{100 * self.level:.3g} %"
        if self.rates_error > 0:
            level += f"; rates ± {100 * self.rates_error:.2g} % systematic besides"
        if self.extrapolated:
            level += f"; {self.extrapolated}"
        of = f" of spectrum {self.spectrum}" if self.spectrum > 1 else ""
        return f"Flux {band}{of}: {self.interval} {self.unit} ({level})"


def measured_flux(
    recipe: Recipe,
    values: Floats,
    band: tuple[float, float],
    unit: str,
    level: float,
    spectrum: int = 0,
) -> Flux:
    """Return the flux of a fitted model in a band, with its error by profile.

    Parameters
    ----------
    recipe
        The model with its parameters at the minimum.
    values
        All parameters of the model for the spectrum whose flux it is.
    band
        Lower and upper edge, keV.
    unit
        "erg" or "photons", per cm2 and second.
    level
        Confidence of the error.
    spectrum
        Index of the spectrum, from 0.

    Raises
    ------
    BadParameter
        If the spectrum differs from the first by more than a factor.
    DataError
        If the model has no flux there.
    """
    low, high = checked_band(band, "fit")
    label = checked_unit(unit)
    value = model_flux(recipe, values, low, high, unit)
    systematic = recipe.datasets[spectrum].spectrum.observation.rates_error
    recipe = normalised_to(recipe, spectrum)
    if value < 0:
        problem = f"The model is negative in {low:g} to {high:g} keV: {value:.3g} {label}."
        advice = "Write fit.flux_limit for an upper limit, or keep norms positive with limits=."
        raise DataError(problem, advice)
    if value > 0:
        interval = _profile_interval(recipe, (low, high), unit, value, level)
    else:
        end, found = _end_above_zero(recipe, (low, high), unit, level)
        interval = Interval(0.0, 0.0, end, high_found=found)
    beyond = extrapolation(recipe.datasets, (low, high))
    return Flux(low, high, interval, label, level, systematic, spectrum + 1, beyond)


def flux_limit(
    recipe: Recipe, values: Floats, band: tuple[float, float], unit: str, level: float
) -> UpperLimit:
    """Return the one-sided upper limit of the flux of a fitted model; see `measured_flux`.

    Parameters
    ----------
    recipe, values, band, unit
        As for `measured_flux`.
    level
        Confidence of the limit, above 0.5.

    Raises
    ------
    DataError
        If the model has no flux there, whatever its norms.
    """
    low, high = checked_band(band, "fit")
    label = checked_unit(unit)
    value = model_flux(recipe, values, low, high, unit)
    both = 2.0 * level - 1.0
    if value > 0:
        interval = _profile_interval(recipe, (low, high), unit, value, both)
        end, found = interval.high, interval.high_found
    else:
        end, found = _end_above_zero(recipe, (low, high), unit, both)
    systematic = recipe.datasets[0].spectrum.observation.rates_error
    name = f"flux {low:g}-{high:g} keV"
    beyond = extrapolation(recipe.datasets, (low, high))
    return UpperLimit(end, name, label, level, systematic, found=found, extrapolated=beyond)


def _profile_interval(
    recipe: Recipe, band: tuple[float, float], unit: str, value: float, level: float
) -> Interval:
    """Return the interval of a flux above 0, by profile."""
    interval = _flux_interval(Problem(flux_recipe(recipe, *band, unit, value)), unit, level)
    # Responses have coarser bins than `model_flux`: scale all three numbers to its bins.
    ratio = value / interval.value
    return replace(interval, value=value, low=interval.low * ratio, high=interval.high * ratio)


def _flux_interval(problem: Problem, unit: str, level: float) -> Interval:
    """Return the interval of the flux of a problem that has it as a parameter."""
    search = minimise_from_start(problem)
    [interval] = search.intervals([_index_of_flux(problem.recipe, unit)], level)
    if unit == "erg":
        value, low, high = (10.0**end for end in (interval.value, interval.low, interval.high))
        interval = replace(interval, value=value, low=low, high=high)
    # Where the data allow any fainter flux, the interval ends at zero.
    return interval if interval.low_found else replace(interval, low=0.0, low_found=True)


def _end_above_zero(
    recipe: Recipe, band: tuple[float, float], unit: str, level: float
) -> tuple[float, bool]:
    """Return the upper end of a flux that is best at 0, and whether the data set it."""
    recipe = _with_positive_norm(recipe)
    whole_model = Problem(recipe)
    shape = whole_model.values_of(whole_model.links.start, 0)
    whole = model_flux(recipe, shape, *band, unit)
    if not whole > 0:
        text = f"The model has no flux in {band[0]:g} to {band[1]:g} keV, whatever its norms."
        raise DataError(text, "Take another band.")
    problem = Problem(flux_recipe(recipe, *band, unit, whole))
    faint = _invisible_flux(problem, unit, whole)
    interval = _flux_interval(Problem(_limited_below(problem.recipe, unit, faint)), unit, level)
    return interval.high, interval.high_found


def _invisible_flux(problem: Problem, unit: str, whole: float) -> float:
    """Return a flux a little fainter than the data can tell from 0.

    Parameters
    ----------
    problem
        One with the flux as a parameter.
    unit
        "erg" or "photons".
    whole
        A flux of the model: fluxes far below and above it are tried.
    """
    place, values = _index_of_flux(problem.recipe, unit), problem.links.start.copy()

    def statistic(flux: float) -> float:
        values[place] = np.log10(flux) if unit == "erg" else flux
        return problem.statistic(values)

    flux = whole * _SPAN**-1
    nothing = statistic(flux)
    while flux < whole * _SPAN and statistic(flux) - nothing < _VISIBLE:
        flux *= 10.0
    return flux * _FAINTER


def _with_positive_norm(recipe: Recipe) -> Recipe:
    """Return the same model with one norm above 0, so that its spectrum has a shape."""
    names = labels(list(components(recipe.tree)))
    parameters = recipe.parameters
    for scale in scales(recipe.tree):
        name = f"{names[scale.number]}.{scale.name}"
        item = parameters[name]
        if scale.name != "lg10Flux" and not item.value > 0 and not item.link:
            return replace(recipe, parameters=parameters.changed(name, value=1.0))
    return recipe


def _limited_below(recipe: Recipe, unit: str, flux: float) -> Recipe:
    """Return a recipe with a faint flux as start and lower limit: fainter ones change nothing."""
    name = recipe.parameters.free[_index_of_flux(recipe, unit)]
    start = float(np.log10(flux)) if unit == "erg" else flux
    return replace(recipe, parameters=recipe.parameters.changed(name, value=start, low=start))


def _index_of_flux(recipe: Recipe, unit: str) -> int:
    """Return the index of the flux among the free parameters."""
    name = "lg10Flux" if unit == "erg" else "Flux"
    parameters = recipe.parameters
    return next(i for i, known in enumerate(parameters.free) if parameters[known].name == name)


def checked_band(band: tuple[float, float], of: str) -> tuple[float, float]:
    """Check a band, keV, and return it.

    Parameters
    ----------
    band
        Lower and upper edge.
    of
        Object whose flux it is, for the advice: "fit" or "chain".

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
    """Check a unit of flux, and return it in full.

    Raises
    ------
    BadParameter
        If it is not.
    """
    if not isinstance(unit, str) or unit not in _UNITS:
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
    number, text = _with_flux_model(recipe, _FLUX_MODELS[unit])
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
        recipe,
        model=text,
        parameters=_with_flux_for_scales(recipe, kept, items, size, n_parameters),
    )


def _relabelled(fresh: list[Parameter], kept: dict[int, Parameter]) -> list[Parameter]:
    """Return the old parameters in their new places, with the names that they have there.

    Names change if the model has held a flux model before, as it has two now.
    """
    names = {item.full_name: fresh[i].full_name for i, item in kept.items()}
    items = list(fresh)
    for i, item in kept.items():
        link = renamed(item.link, lambda word: names.get(word, word)) if item.link else ""
        items[i] = replace(item, model=fresh[i].model, link=link)
    return items


def _with_flux_model(recipe: Recipe, flux_model: str) -> tuple[int, str]:
    """Return the number of the flux model as a component, and the expression that holds it.

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


def _with_flux_for_scales(
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
