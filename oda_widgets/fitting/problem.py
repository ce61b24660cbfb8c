"""The function that a fit minimises: data, model and statistic over the free parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, unwritable
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.dataset import Dataset
from oda_widgets.fitting.minimise import Bounds, Objective
from oda_widgets.fitting.models.arithmetic import Formula, read_formula
from oda_widgets.fitting.models.expression import Tree, components, parse
from oda_widgets.fitting.models.grid import Grid
from oda_widgets.fitting.models.lattice import FOR_FITS
from oda_widgets.fitting.models.many import EvaluateMany, evaluator_of_many
from oda_widgets.fitting.models.model import (
    Evaluate,
    Varying,
    evaluator,
    extended,
    flux_ranges,
    linear,
)
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.models.safe_ranges import check_safe

_FAR = 1e16  # statistic of a channel whose model is not a number


@dataclass(frozen=True, repr=False)
class Recipe:
    """Everything that defines a problem, as plain values that other processes can take.

    Parameters
    ----------
    datasets
        Data to fit, one for each spectrum.
    model
        The expression.
    parameters
        Of all spectra, in XSPEC's order.
    notes
        Remarks about the arguments that the user should read.
    """

    datasets: tuple[Dataset, ...]
    model: str
    parameters: Parameters
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(data.spectrum.name for data in self.datasets)
        return f"Recipe: {self.model} to {names}\n  {self.parameters}"

    @cached_property
    def tree(self) -> Tree:
        """The expression, parsed."""
        return parse(self.model)

    @property
    def statistics(self) -> tuple[str, ...]:
        """Name of the statistic of each spectrum."""
        return tuple(data.statistic.name for data in self.datasets)

    @property
    def statistic_name(self) -> str:
        """Name of the statistic; several are joined by " + "."""
        return " + ".join(dict.fromkeys(self.statistics))

    @property
    def gaussian(self) -> bool:
        """Whether all data have Gaussian errors, so that their statistic is chi2."""
        return set(self.statistics) == {"chi2"}

    @property
    def simulated(self) -> bool:
        """Whether any of the data are not real."""
        return any(data.spectrum.observation.simulated for data in self.datasets)


class Problem:
    """Data, model and statistic as one function of the free parameters.

    Parameters
    ----------
    recipe
        Data, model, parameters and statistic.
    interpolated
        Slow models with at most so many parameters that vary are interpolated; see `lattice`.

    Raises
    ------
    OdaError
        If the parts do not fit together.
    """

    def __init__(self, recipe: Recipe, *, interpolated: int = FOR_FITS) -> None:
        self.recipe, self._interpolated = recipe, interpolated
        self.links = Links(recipe.parameters)
        values = self.links.all_values(self.links.start)
        check_safe(recipe.parameters, values)
        self._n = len(recipe.parameters) // len(recipe.datasets)
        varying = self.links.varying
        self._parts = [
            _Part(
                recipe,
                data,
                values[self._slice(i)],
                Varying(frozenset(varying[self._slice(i)].nonzero()[0].tolist()), interpolated),
            )
            for i, data in enumerate(recipe.datasets)
        ]
        self._ends = np.cumsum([data.matrix.shape[1] for data in recipe.datasets])[:-1]
        _check_flux_ranges(recipe)
        self.evaluations = 0

    def __reduce__(self) -> tuple[Callable[..., Problem], tuple[Recipe, int]]:
        """Pickle the recipe only: functions are made anew in the other process."""
        return _rebuild, (self.recipe, self._interpolated)

    @property
    def n_data(self) -> int:
        """Number of channels fitted."""
        return sum(data.matrix.shape[1] for data in self.recipe.datasets)

    @cached_property
    def bounds(self) -> Bounds:
        """Limits and typical steps of the free parameters."""
        return Bounds(self.links.low, self.links.high, self.links.steps)

    @property
    def dof(self) -> int:
        """Degrees of freedom."""
        return self.n_data - len(self.links.free)

    @cached_property
    def objective(self) -> Objective:
        """The statistic as a function of the free parameters, for the minimiser."""
        return Objective(self.model, self.statistic_of, self.derivatives_of)

    def model(self, free: Floats) -> Floats:
        """Return the model in all channels, counts/s, shape (n_data,)."""
        self.evaluations += 1
        parts = self.folded(free)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def statistic(self, free: Floats) -> float:
        """Return the statistic for values of the free parameters."""
        return self.statistic_of(self.model(free))

    def statistics_at(self, points: Floats) -> Floats:
        """Return the statistic at many points at once, shape (n_points,).

        Parameters
        ----------
        points
            Values of the free parameters, shape (n_points, n_free).
        """
        self.evaluations += len(points)
        values = self.links.all_values_at(points)
        with np.errstate(all="ignore"):
            total = sum(
                data.statistic.totals(part.fold_many(values[:, self._slice(i)]))
                for i, (data, part) in enumerate(
                    zip(self.recipe.datasets, self._parts, strict=True)
                )
            )
        return np.where(np.isfinite(total), total, _FAR * self.n_data)

    def statistic_of(self, model: Floats) -> float:
        """Return the statistic of a model in all channels."""
        parts = zip(self.recipe.datasets, self._split(model), strict=True)
        with np.errstate(all="ignore"):
            total = sum(float(data.statistic.values(part).sum()) for data, part in parts)
        return total if isfinite(total) else _FAR * self.n_data

    def derivatives_of(self, model: Floats) -> tuple[Floats, Floats]:
        """Return half the first and half the expected second derivative in all channels."""
        parts = zip(self.recipe.datasets, self._split(model), strict=True)
        with np.errstate(all="ignore"):
            pairs = [data.statistic.derivatives(part) for data, part in parts]
        first, second = (np.concatenate(column) for column in zip(*pairs, strict=True))
        return first, second

    def statistics(self, free: Floats) -> list[float]:
        """Return the statistic of each spectrum."""
        parts = zip(self.recipe.datasets, self.folded(free), strict=True)
        return [float(data.statistic.values(part).sum()) for data, part in parts]

    def folded(self, free: Floats) -> list[Floats]:
        """Return the counts/s that the model predicts in the channels of each spectrum."""
        values = self.links.all_values(free)
        return [part.fold(values[self._slice(i)]) for i, part in enumerate(self._parts)]

    def folded_with(self, values: Floats, spectrum: int) -> Floats:
        """Return counts/s in the channels of a spectrum for all parameters of its model."""
        return self._parts[spectrum].fold(values)

    def photons_with(self, values: Floats, spectrum: int) -> Floats:
        """Return photons/cm2/s in the bins of a spectrum for all parameters of its model."""
        return self._parts[spectrum].photons(values)

    def values_of(self, free: Floats, spectrum: int) -> Floats:
        """Return all parameters of the model for one spectrum, by its index from 0."""
        return self.links.all_values(free)[self._slice(spectrum)]

    def _split(self, model: Floats) -> list[Floats]:
        """Return the model of each spectrum."""
        return [model] if len(self._parts) == 1 else np.split(model, self._ends)

    def _slice(self, spectrum: int) -> slice:
        return slice(spectrum * self._n, (spectrum + 1) * self._n)


def _rebuild(recipe: Recipe, interpolated: int) -> Problem:
    return Problem(recipe, interpolated=interpolated)


class _Part:
    """The model of one spectrum, folded through its response."""

    def __init__(self, recipe: Recipe, data: Dataset, values: Floats, varying: Varying) -> None:
        edges, self._inside = extended(data.edges, flux_ranges(recipe.tree, values))
        self._grid = Grid(edges)
        self._tree, self._varying, self._matrix = recipe.tree, varying, data.matrix
        self._counts = self._compile_counts()

    def fold(self, values: Floats) -> Floats:
        """Return the counts/s in each channel."""
        # The statistic deals with NaN; warnings would only appear on the page.
        with np.errstate(all="ignore"):
            return self._counts(values)

    def fold_many(self, values: Floats) -> Floats:
        """Return the counts/s in each channel at many points, shape (n_points, n_channels)."""
        return self._counts_of_many(values)

    def photons(self, values: Floats) -> Floats:
        """Return photons/cm2/s in each bin of the response."""
        with np.errstate(all="ignore"):
            return self._photons(values)[self._inside]

    @cached_property
    def _counts_of_many(self) -> EvaluateMany:
        """The function for many points; compiled when first needed, as fits use single points."""
        if linear(self._tree):
            return evaluator_of_many(self._tree, self._grid, self._varying, self._matrix)
        photons = evaluator_of_many(self._tree, self._grid, self._varying_of_photons)
        inside, matrix = self._inside, self._matrix
        return lambda values: photons(values)[:, inside] @ matrix

    @property
    def _varying_of_photons(self) -> Varying:
        # Spectra in fine bins need too much memory at as many points as counts in channels.
        return replace(self._varying, most=min(self._varying.most, FOR_FITS))

    @cached_property
    def _photons(self) -> Evaluate:
        return evaluator(self._tree, self._grid, self._varying_of_photons)

    def _compile_counts(self) -> Evaluate:
        if linear(self._tree):
            return evaluator(self._tree, self._grid, self._varying, self._matrix)
        photons, inside, matrix = self._photons, self._inside, self._matrix
        return lambda values: photons(values)[inside] @ matrix


class Links:
    """From the free parameters to all of them.

    Parameters
    ----------
    parameters
        All parameters, with their links.

    Raises
    ------
    BadParameter
        If links go in a circle.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        items = list(parameters.values())
        self.free: NDArray[np.intp] = unwritable(
            np.array([i for i, item in enumerate(items) if item.free], dtype=np.intp)
        )
        self._values = np.array([item.value for item in items])
        self.low = unwritable(np.array([items[i].low for i in self.free]))
        self.high = unwritable(np.array([items[i].high for i in self.free]))
        self.steps = unwritable(np.array([items[i].step for i in self.free]))
        self._formulas = _ordered_formulas(parameters)

    @property
    def start(self) -> Floats:
        """Values of the free parameters as they stand."""
        return self._values[self.free]

    @property
    def varying(self) -> NDArray[np.bool_]:
        """Mask of the parameters that change: the free ones, and those linked to them."""
        changing = np.zeros(len(self._values), dtype=np.bool_)
        changing[self.free] = True
        for index, _, used in self._formulas:
            changing[index] = changing[list(used)].any()
        return changing

    def all_values(self, free: Floats) -> Floats:
        """Return the values of all parameters."""
        values = self._values.copy()
        values[self.free] = free
        for index, formula, _ in self._formulas:
            values[index] = formula(values)
        return values

    def all_values_at(self, points: Floats) -> Floats:
        """Return the values of all parameters at many points, shape (n_points, n_parameters)."""
        values = np.repeat(self._values[np.newaxis], len(points), axis=0)
        values[:, self.free] = points
        for index, formula, _ in self._formulas:
            values[:, index] = [formula(row) for row in values]
        return values


def _ordered_formulas(parameters: Parameters) -> list[tuple[int, Formula, tuple[int, ...]]]:
    """Return the formulas of linked parameters and their inputs, inputs first."""
    waiting: dict[int, tuple[Formula, tuple[int, ...]]] = {}
    for index, item in enumerate(parameters.values()):
        if item.link:
            waiting[index] = read_formula(item.link, parameters.index)
    ordered: list[tuple[int, Formula, tuple[int, ...]]] = []
    while waiting:
        ready = [i for i, (_, used) in waiting.items() if not any(u in waiting for u in used)]
        if not ready:
            names = ", ".join(parameters.name(index) for index in waiting)
            advice = "Leave one of them without a link."
            raise BadParameter("links", names, "these links go in a circle", advice)
        ordered += [(index, *waiting.pop(index)) for index in ready]
    return ordered


def _check_flux_ranges(recipe: Recipe) -> None:
    """Check that no range of a flux is fitted: the data do not constrain it."""
    flux_models = {part.model.name for part in components(recipe.tree) if part.model.kind == "con"}
    for name, item in recipe.parameters.items():
        if item.free and item.model.split("#")[0] in flux_models and item.name.startswith("E"):
            limit = "it says in which range the flux is given, and cannot be fitted"
            raise BadParameter(name, "free", limit, f'Leave "{name}" frozen.')


def free_indices(parameters: Parameters, names: Sequence[str | int]) -> list[int]:
    """Return indices among the free parameters.

    Raises
    ------
    BadParameter
        If a parameter is not known or not free.
    """
    free = list(parameters.free)
    found = []
    for name in names:
        known = parameters.name(parameters.index(name))
        if known not in free:
            limit = "it is frozen or linked, and has no error of its own"
            advice = f"Free are: {', '.join(free) or 'none'}."
            raise BadParameter("parameter", known, limit, advice)
        found.append(free.index(known))
    return found
