"""The result of a fit, and all that can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from oda_widgets.abilities import abilities
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.chains.sampling import Progress, default_walkers, sample
from oda_widgets.fitting.dataset import Dataset
from oda_widgets.fitting.errors.contour import Contour
from oda_widgets.fitting.errors.errors_table import Errors
from oda_widgets.fitting.errors.goodness import goodness
from oda_widgets.fitting.errors.profile import ONE_SIGMA
from oda_widgets.fitting.errors.search import Search
from oda_widgets.fitting.flux import Flux, measured_flux
from oda_widgets.fitting.history import fit_provenance
from oda_widgets.fitting.minimise import Minimum
from oda_widgets.fitting.models.grid import Floats
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Problem, Recipe, all_free
from oda_widgets.fitting.progress import progress_bar
from oda_widgets.fitting.table import as_csv, as_html, as_latex, as_text
from oda_widgets.fitting.xspec.pyxspec import XspecFit, fit_with_pyxspec
from oda_widgets.fitting.xspec.to_xspec import write_for_xspec
from oda_widgets.fitting.xspec.xcm import write_xcm
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.numbers import number_within, whole_number

_POOR = 2.0  # statistic per degree of freedom
_UPPER_LIMIT_LEVEL = 0.95


class Fit:
    """A model with the parameters that are nearest to the data.

    Made by `oda_widgets.fit` and `Spectrum.fit`. When a search for errors meets a lower minimum,
    the fit moves there and says so in `notes`.

    Parameters
    ----------
    recipe
        What was fitted.
    minima
        Where it ended; then higher minima that other starts led to.
    problem
        The function that was minimised.
    seconds
        How long that took.
    """

    def __init__(
        self, recipe: Recipe, minima: Sequence[Minimum], problem: Problem, seconds: float = 0.0
    ) -> None:
        self._seconds = seconds
        self._made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.recipe = recipe
        self._search = Search(problem, *minima)
        self.last_errors: Errors | None = None

    @property
    def model(self) -> str:
        """The expression."""
        return self.recipe.model

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What was fitted."""
        return self.recipe.datasets

    @property
    def minimum(self) -> Minimum:
        """Where the fit ended."""
        return self._search.minimum

    @property
    def problem(self) -> Problem:
        """The function that was minimised."""
        return self._search.problem

    @property
    def parameters(self) -> Parameters:
        """All parameters at their best values; `sigma` is a hint from the curvature."""
        links = self.problem.links
        sigmas = np.full(len(self.recipe.parameters), np.nan)
        variances = np.diagonal(self.minimum.covariance)
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
    def notes(self) -> tuple[str, ...]:
        """What the user should know before he believes the numbers."""
        notes = [*self.recipe.notes, *(note for data in self.datasets for note in data.notes)]
        if not self.minimum.converged:
            notes.append("The fit did not converge: start nearer, or freeze a parameter.")
        names = self.parameters.free
        for name, stuck in zip(names, self.minimum.at_limit, strict=True):
            if stuck:
                value = self.parameters[name].value
                notes.append(f"{name} is at its limit {value:g}: widen limits, or freeze it.")
        _, *others = self._search.likely
        notes += [self._other_minimum(other) for other in others]
        if self._search.moved:
            notes.append("A lower minimum was met while errors were sought: the fit is there now.")
        if self.dof > 0 and self.statistic > _POOR * self.dof:
            notes.append(
                f"The model does not describe the data ({self.statistic:.4g} for {self.dof} "
                "degrees of freedom): errors are too small."
            )
        return tuple(notes)

    def __repr__(self) -> str:
        return f"<Fit {self.model}: {self.recipe.statistic} {self.statistic:.2f} / {self.dof} dof>"

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def errors(self, *names: str, level: float = ONE_SIGMA) -> Errors:
        """Return the errors of parameters by profile: all others follow while one is moved.

        Parameters
        ----------
        names
            Of parameters; none means all that are free.
        level
            Confidence: 0.683 for one sigma, 0.9 as XSPEC's "error".

        Raises
        ------
        BadParameter
            If a parameter is not free, or the level is no fraction.
        """
        level = number_within("level", level, 0.01, 0.9999)
        wanted = all_free(self.recipe.parameters, names or self.parameters.free)
        intervals = self._search.intervals(wanted, level)
        free = self.recipe.parameters.free
        found = {free[i]: interval for i, interval in zip(wanted, intervals, strict=True)}
        self.last_errors = Errors(found, level)
        return self.last_errors

    def rise(self, name: str, value: float) -> float:
        """Return by how much the statistic rises when a parameter is held at a value.

        All others follow. The value is inside the interval of a confidence where the rise is
        below the quantile of chi2: 1.00 for 68.3 %, 2.71 for 90 %.
        """
        [index] = all_free(self.recipe.parameters, (name,))
        bounds = self.problem.bounds
        value = number_within(name, value, float(bounds.low[index]), float(bounds.high[index]))
        return self._search.rise(index, value)

    def flux(self, low: float, high: float, *, unit: str = "erg", level: float = ONE_SIGMA) -> Flux:
        """Return the flux of the model in a band, as the first spectrum has it.

        Its error is found as those of parameters are, with the flux in the place of a norm.

        Parameters
        ----------
        low, high
            keV; the band may reach beyond the data, where the model alone speaks.
        unit
            "erg" for erg/cm2/s, "photons" for photons/cm2/s.
        level
            Confidence of the error.
        """
        level = number_within("level", level, 0.01, 0.9999)
        recipe = replace(self.recipe, parameters=self.parameters)
        values = self.problem.values_of(self.minimum.values, 0)
        return measured_flux(recipe, values, (low, high), unit, level)

    def upper_limit(self, name: str, level: float = _UPPER_LIMIT_LEVEL) -> float:
        """Return the value that a parameter stays below with some confidence.

        One-sided: 95 % where the statistic has risen by 2.71.
        """
        level = number_within("level", level, 0.5, 0.9999)
        return self.errors(name, level=2.0 * level - 1.0).first.high

    def contour(self, first: str, second: str, points: int = 21) -> Contour:
        """Return the rise of the statistic over two parameters, the others following.

        Parameters
        ----------
        first, second
            Names of free parameters.
        points
            Values along each axis, over 2.5 times the errors of the parameters.
        """
        pair = all_free(self.recipe.parameters, (first, second))
        if pair[0] == pair[1]:
            limit = "the same parameter twice"
            raise BadParameter("second", second, limit, "Give two parameters.")
        return self._search.contour((pair[0], pair[1]), whole_number("points", points, 3))

    def goodness(self, simulations: int = 100, seed: int = 0) -> float:
        """Return the probability of a worse statistic if the model is true.

        For chi2 it follows from its distribution; for counts, spectra are drawn from the model
        and fitted.

        Parameters
        ----------
        simulations
            How many spectra are drawn.
        seed
            Makes the draws repeatable.
        """
        number = whole_number("simulations", simulations, 1)
        return goodness(self._search, self.parameters, number, whole_number("seed", seed, 0))

    def chain(
        self,
        steps: int = 2000,
        *,
        walkers: int | None = None,
        burn: int | None = None,
        seed: int = 0,
        processes: int | None = None,
        progress: Progress | None = None,
        cancel: Event | None = None,
    ) -> Chain:
        """Return a Markov chain of the free parameters, by an ensemble of walkers (emcee).

        Parts of a chain are kept in the store: asked again it is read, asked for more steps it
        goes on, also in another session.

        Parameters
        ----------
        steps
            Of each walker.
        walkers
            How many; by default four for each free parameter and 20 at least, twice as many for
            models of XSPEC's library. Each 20, or two for each free parameter, are a group that
            can go in a process of its own.
        burn
            Steps left out at the beginning; a quarter by default.
        seed
            Makes it repeatable.
        processes
            How many work on it; by default none but this one for models of plain NumPy, and for
            those of XSPEC's library one for each group, up to the number of processors.
        progress
            Called with steps done and steps wanted; by default a bar is shown.
        cancel
            An event that stops it.

        Raises
        ------
        JobCancelled
            If it was stopped; the parts that were done are kept.
        """
        n_free = len(self.parameters.free)
        usual = default_walkers(self.recipe)
        walkers = usual if walkers is None else whole_number("walkers", walkers, 2)
        if walkers % 2 or walkers < 2 * n_free:
            limit = f"an even number, {2 * max(n_free, 1)} or more for {n_free} free parameters"
            raise BadParameter("walkers", walkers, limit, f"Write walkers={usual}.")
        steps = whole_number("steps", steps, 10)
        burn = steps // 4 if burn is None else whole_number("burn", burn, 0)
        if burn >= steps:
            limit = f"no steps are left of {steps}"
            raise BadParameter("burn", burn, limit, f"Write burn={steps // 4}.")
        seed = whole_number("seed", seed, 0)
        if processes is not None:
            processes = whole_number("processes", processes, 0)
        recipe = replace(self.recipe, parameters=self.parameters.plain())
        with progress_bar(progress, "chain") as tell:
            minima = self._search.likely
            samples = sample(recipe, minima, walkers, steps, seed, processes, tell, cancel)
        return Chain(recipe, samples, burn, seed)

    def _other_minimum(self, other: Minimum) -> str:
        pairs = zip(self.parameters.free, other.values, strict=True)
        values = ", ".join(f"{name}={value:.4g}" for name, value in pairs)
        higher = other.statistic - self.statistic
        return f"Another minimum is higher by {higher:.2f} only: {values}."

    @cached_property
    def provenance(self) -> Provenance:
        """How the fit came to be, and from which spectra."""
        return fit_provenance(self.recipe, self.parameters, self._seconds, self._made)

    def code(self) -> str:
        """Return Python that makes the fit again."""
        return self.provenance.script()

    def table(self, kind: str = "text") -> str:
        """Return parameters, errors and statistic as "text", "latex", "csv" or "html"."""
        kinds = {"text": as_text, "latex": as_latex, "csv": as_csv, "html": as_html}
        if str(kind) not in kinds:
            advice = f"Choose one of {', '.join(kinds)}."
            raise BadParameter("kind", kind, "no such kind of table", advice)
        return kinds[kind](self)

    def write_xcm(self, path: str | Path) -> None:
        """Write model and parameters as a command file that XSPEC reads (``@name.xcm``)."""
        write_xcm(path, self.model, self.parameters, self.recipe.statistic)

    def to_xspec(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write spectra, responses, model and the script ``fit.xcm``, which XSPEC runs as it is.

        Parameters
        ----------
        folder
            Made if it is not there.
        overwrite
            Replace files that exist.

        Returns
        -------
        Path
            Of the script: ``xspec - fit.xcm`` in that folder.
        """
        return write_for_xspec(self.recipe, self.parameters, folder, overwrite=overwrite)

    def with_pyxspec(self) -> XspecFit:
        """Return what XSPEC itself finds from here, where PyXspec of HEASoft can be imported."""
        return fit_with_pyxspec(self.recipe, self.parameters)

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure: data, folded model, residuals."""
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure for publication, a `matplotlib.figure.Figure`."""
        return abilities().figure(self, **options)
