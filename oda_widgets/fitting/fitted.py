"""The outcome of a fit: the minimum, parameters, notes and their table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from oda_widgets.arrays import Floats, same
from oda_widgets.fitting.dataset import Dataset
from oda_widgets.fitting.errors.profile import ONE_SIGMA, Errors
from oda_widgets.fitting.errors.search import Search, verdict
from oda_widgets.fitting.minimise import Minimum
from oda_widgets.fitting.models.parameters import Parameter, Parameters
from oda_widgets.fitting.problem import Problem, Recipe
from oda_widgets.fitting.table import FitTable, as_html, summary
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.words import in_words


@suggesting_class
class Fitted:
    """Data, model and minimum of a fit; `Fit` adds methods, and describes the parameters."""

    def __init__(
        self, recipe: Recipe, minima: Sequence[Minimum], problem: Problem, seconds: float = 0.0
    ) -> None:
        self._seconds = seconds
        self._made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.recipe = recipe
        self._search = Search(problem, *minima)
        self._forget_errors()

    def __eq__(self, other: object) -> bool:
        """Return whether another fit has the same data, model, parameters and minimum."""
        if not isinstance(other, Fitted) or type(self) is not type(other):
            return NotImplemented
        return same(self.recipe, other.recipe) and self.minimum == other.minimum

    def __hash__(self) -> int:
        # The minimum is left out: a search for errors may move it.
        return hash((type(self), self.model, self.datasets))

    @property
    def model(self) -> str:
        """The expression."""
        return self.recipe.model

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """The data that were fitted, one dataset for each spectrum."""
        return self.recipe.datasets

    @property
    def minimum(self) -> Minimum:
        """The minimum: values of the free parameters, covariance, convergence."""
        return self._search.minimum

    @property
    def problem(self) -> Problem:
        """The function that was minimised."""
        return self._search.problem

    @property
    def parameters(self) -> Parameters:
        """All parameters at their best values; `sigma` is 1 sigma from the covariance."""
        links = self.problem.links
        sigmas = np.full(len(self.recipe.parameters), np.nan)
        variances = np.diagonal(self._search.covariance)
        sigmas[links.free] = np.sqrt(np.maximum(variances, 0.0))
        return self.recipe.parameters.with_values(self.values, sigmas)

    @property
    def values(self) -> Floats:
        """Best values of all parameters, in XSPEC's order."""
        return self.problem.links.all_values(self.minimum.values)

    @property
    def statistic(self) -> float:
        """Value of the statistic at the minimum."""
        return self.minimum.statistic

    @property
    def statistics(self) -> list[float]:
        """Share of each spectrum in the statistic."""
        return self.problem.statistics(self.minimum.values)

    @property
    def dof(self) -> int:
        """Degrees of freedom: channels minus free parameters."""
        return self.problem.dof

    @property
    def folded(self) -> list[Floats]:
        """Counts/s that the model predicts in the channels of each spectrum."""
        return self.problem.folded(self.minimum.values)

    @property
    def statistic_name(self) -> str:
        """Name of the statistic that was minimised, such as "chi2" or "cstat".

        Those of several spectra are joined by " + " where they differ.
        """
        return self.recipe.statistic_name

    @property
    def simulated(self) -> bool:
        """Whether any of the data are not real."""
        return self.recipe.simulated

    @property
    def last_errors(self) -> Errors:
        """The profile-likelihood errors that tables show: all of one confidence level.

        Empty as long as none were asked for, and after the fit has moved to a lower minimum.
        """
        if self._errors_at is not self.minimum:
            self._forget_errors()
        return self._errors

    def _forget_errors(self) -> None:
        self._errors = Errors({}, ONE_SIGMA, self.recipe.parameters)
        self._errors_at = self.minimum

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes to read before using the results."""
        return (*self._notes_of_minimum, *self._notes_of_data)

    @property
    def _notes_of_data(self) -> list[str]:
        return [*self.recipe.notes, *(note for data in self.datasets for note in data.notes)]

    @property
    def _notes_of_minimum(self) -> list[str]:
        notes = []
        judgement = verdict(self._search)
        if judgement:
            notes.append(f"{judgement[0].upper()}{judgement[1:]}.")
        if not self.minimum.converged:
            notes.append("The fit did not converge: start nearer, or freeze a parameter.")
        for name, stuck in zip(self.parameters.free, self.minimum.at_limit, strict=True):
            if stuck:
                value = self.parameters[name].value
                notes.append(
                    f"{name} is at its limit {in_words(value)}: widen limits, or freeze it."
                )
        linked = (_note_on_link(name, item) for name, item in self.parameters.items() if item.link)
        notes += filter(None, linked)
        _, *others = self._search.likely
        notes += [self._other_minimum(other) for other in others]
        if self._search.moved:
            notes.append("The search for errors met a lower minimum: the fit moved there.")
        return notes

    def _other_minimum(self, other: Minimum) -> str:
        pairs = zip(self.parameters.free, other.values, strict=True)
        values = ", ".join(f"{name}={value:.4g}" for name, value in pairs)
        higher = other.statistic - self.statistic
        return f"Second minimum at delta {self.statistic_name} = {higher:.2f}: {values}."

    def __repr__(self) -> str:
        return summary(self._table)

    def _repr_html_(self) -> str:
        return as_html(self._table)

    @property
    def _table(self) -> FitTable:
        spectra = [data.spectrum for data in self.datasets]
        sources = ", ".join(dict.fromkeys(spectrum.name for spectrum in spectra))
        labels = ", ".join(dict.fromkeys(spectrum.observation.label for spectrum in spectra))
        ranges = dict.fromkeys(f"{data.low[0]:.4g}-{data.high[-1]:.4g}" for data in self.datasets)
        return FitTable(
            model=self.model,
            data=f"{sources} · {labels}",
            energy=", ".join(ranges),
            simulated=self.simulated,
            statistic_name=self.statistic_name,
            statistic=self.statistic,
            dof=self.dof,
            verdict=verdict(self._search),
            parameters=self.parameters,
            errors=self.last_errors,
            notes=self.notes,
            rates_error=max(spectrum.observation.rates_error for spectrum in spectra),
        )


def _note_on_link(name: str, item: Parameter) -> str:
    """Return a note if a link has led a parameter out of its limits, which no fit checks."""
    if item.low <= item.value <= item.high:
        return ""
    limits = f"its limits {in_words(item.low)} to {in_words(item.high)}"
    return f"{name} = {item.link} is {item.value:.4g}, outside {limits}: change the link or limits."
