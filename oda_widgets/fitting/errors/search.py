"""Searches around a minimum: errors, contours, goodness; they move to a lower minimum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import sqrt
from typing import TypeVar

import numpy as np
from scipy.special import chdtrc, ndtr

from oda_widgets.arrays import Floats
from oda_widgets.errors import DataError
from oda_widgets.fitting.errors.contour import LEVELS, Contour
from oda_widgets.fitting.errors.contour_grid import BEYOND, contour_grid
from oda_widgets.fitting.errors.profile import ONE_SIGMA, BetterMinimum, Interval, Profile
from oda_widgets.fitting.limit import unit_of
from oda_widgets.fitting.minimise import PRECISE, Minimum, minimise, observed_covariance
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Problem
from oda_widgets.request.words import one_line

Found = TypeVar("Found")

_MOST_RESTARTS = 10
_TOO_BAD, _TOO_GOOD = 1e-3, 1e-4  # probabilities of a statistic that is higher, or lower
_DRAWS, _SEED, _TINY = 200, 1, 1e-9
_POOR = "poor fit: the model may not describe the data, or errors are underestimated"
_NEARLY = 9.0  # rise of the statistic at three sigma


class Search:
    """The minimum of a problem, and errors around it.

    Parameters
    ----------
    problem
        The function that was minimised.
    minimum
        Its best minimum.
    others
        Higher minima: a profile may lead into one of them.

    Attributes
    ----------
    moved
        Whether a search has met a lower minimum, and moved there.
    """

    def __init__(self, problem: Problem, minimum: Minimum, *others: Minimum) -> None:
        self.problem = problem
        self.minimum = minimum
        self.others = others
        self.moved = False
        self._covariance_at: Minimum | None = None
        self._covariance = minimum.covariance

    @property
    def covariance(self) -> Floats:
        """Covariance of the free parameters; for counts from second derivatives."""
        if self._covariance_at is not self.minimum:
            self._covariance_at, self._covariance = self.minimum, self.minimum.covariance
            if not self.problem.recipe.gaussian:
                problem = self.problem
                self._covariance = observed_covariance(
                    problem.objective, self.minimum, problem.bounds
                )
        return self._covariance

    @property
    def likely(self) -> list[Minimum]:
        """The minimum, and others that are less than three sigma higher."""
        highest = self.minimum.statistic + _NEARLY
        return [self.minimum, *(other for other in self.others if other.statistic < highest)]

    def intervals(
        self,
        indices: Sequence[int],
        level: float = ONE_SIGMA,
        tell: Callable[[int, int], object] = lambda _done, _wanted: None,
        check: Callable[[], object] = lambda: None,
    ) -> list[Interval]:
        """Return the profile-likelihood intervals of free parameters.

        Parameters
        ----------
        indices
            Indices of the parameters among the free ones.
        level
            Confidence, a fraction.
        tell
            Called with the parameters done and wanted.
        check
            Called before each trial; it may raise to stop the search.

        Raises
        ------
        DataError
            If each search meets a lower minimum.
        """

        def found() -> Iterator[Interval]:
            for done, index in enumerate(indices):
                tell(done, len(indices))
                yield Profile(self.problem, self.minimum, index, self.others, check).interval(level)

        return self._repeat_from_better(lambda: list(found()))

    def rise(self, index: int, value: float) -> float:
        """Return the delta statistic when a free parameter is held at a value."""
        return self._repeat_from_better(lambda: self._profile(index).root(value) ** 2)

    def contour(self, pair: tuple[int, int], points: int) -> Contour:
        """Return the delta statistic over two free parameters.

        Parameters
        ----------
        pair
            Indices of the two among the free ones.
        points
            Values along each side of the grid, which holds the outermost level within the limits of
            the parameters.
        """
        return self._repeat_from_better(lambda: self._contour(pair, points))

    def _contour(self, pair: tuple[int, int], points: int) -> Contour:
        target = sqrt(BEYOND * max(LEVELS.values()))
        low, high = (self._profile(pair[0]).end(sign, target)[0] for sign in (-1, 1))
        x, y, rise = contour_grid(self.problem, self.minimum, pair, (low, high), points)
        recipe = self.problem.recipe
        names = recipe.parameters.free[pair[0]], recipe.parameters.free[pair[1]]
        best = (float(self.minimum.values[pair[0]]), float(self.minimum.values[pair[1]]))
        units = unit_of(recipe.parameters[names[0]]), unit_of(recipe.parameters[names[1]])
        observed = tuple(data.spectrum.observation for data in recipe.datasets)
        title = f"{one_line(recipe.datasets[0].spectrum.name)}: {recipe.model}"
        return Contour(names, x, y, rise, best, recipe.simulated, units, title, observed)

    def _profile(self, index: int) -> Profile:
        return Profile(self.problem, self.minimum, index, self.others)

    def _repeat_from_better(self, search: Callable[[], Found]) -> Found:
        """Repeat a search from each lower minimum that it meets, until it meets none."""
        for _ in range(_MOST_RESTARTS):
            try:
                return search()
            except BetterMinimum as better:
                self.minimum = minimise(
                    self.problem.objective, better.values, self.problem.bounds, PRECISE
                )
                self.moved = True
        problem = "Each search for errors met a lower minimum: none of them is stable."
        raise DataError(problem, "Freeze a parameter, or take a model with fewer.")


def minimise_from_start(problem: Problem) -> Search:
    """Minimise from the present values of the parameters; return a search around the minimum."""
    start = problem.links.start
    return Search(problem, minimise(problem.objective, start, problem.bounds, PRECISE))


def verdict(search: Search) -> str:
    """Return why the statistic is improbable for this model, in words; "" if it is not."""
    if search.problem.dof <= 0:
        return ""
    worse = _probability(search)
    if worse > 1.0 - _TOO_GOOD:
        return "suspiciously good fit: errors of the data overestimated"
    return f"{_POOR} (probability {worse:.1g})" if worse < _TOO_BAD else ""


def _probability(search: Search) -> float:
    """Return the probability of a worse statistic, near enough for a verdict.

    That of counts is about Gaussian, with the mean and variance of data drawn from the best model;
    a fit lowers it by 1 for each free parameter.
    """
    problem, reached = search.problem, search.minimum.statistic
    if problem.recipe.gaussian:
        return float(chdtrc(problem.dof, reached))
    rng = np.random.default_rng(_SEED)
    folded = problem.folded(search.minimum.values)
    pairs = [*zip(problem.recipe.datasets, folded, strict=True)]
    drawn = [
        sum(data.statistic.drawn(part, rng).values(part).sum() for data, part in pairs)
        for _ in range(_DRAWS)
    ]
    expected = float(np.mean(drawn)) - len(search.minimum.values)
    return float(ndtr((expected - reached) / max(float(np.std(drawn)), _TINY)))


def goodness(search: Search, parameters: Parameters, simulations: int, seed: int) -> float:
    """Return the probability of a worse statistic if the model is true.

    For chi2 it follows from its distribution; for counts, spectra are drawn from the model and
    fitted.

    Parameters
    ----------
    search
        The minimum of the fit.
    parameters
        All parameters at their best values.
    simulations
        Number of spectra that are drawn, for counts.
    seed
        Seed of the draws.
    """
    problem, reached = search.problem, search.minimum.statistic
    if problem.recipe.gaussian:
        return float(chdtrc(max(problem.dof, 1), reached))
    rng = np.random.default_rng(seed)
    drawn = (_drawn_statistic(search, parameters, rng) for _ in range(simulations))
    return sum(statistic >= reached for statistic in drawn) / simulations


def _drawn_statistic(search: Search, parameters: Parameters, rng: np.random.Generator) -> float:
    """Return the statistic of a spectrum drawn from the model and fitted."""
    recipe = search.problem.recipe
    pairs = zip(recipe.datasets, search.problem.folded(search.minimum.values), strict=True)
    drawn = tuple(
        replace(data, statistic=data.statistic.drawn(folded, rng)) for data, folded in pairs
    )
    fitted = minimise_from_start(Problem(replace(recipe, datasets=drawn, parameters=parameters)))
    return fitted.minimum.statistic
