"""Searches around a minimum: errors, contours, goodness. A lower minimum that is met is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from scipy.special import chdtrc

from oda_widgets.errors import DataError
from oda_widgets.fitting.errors.contour import Contour, contour
from oda_widgets.fitting.errors.profile import ONE_SIGMA, BetterMinimum, Interval, Profile
from oda_widgets.fitting.minimise import Minimum, minimise
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Problem
from oda_widgets.fitting.simulate import drawn_from

Found = TypeVar("Found")

_MOST_RESTARTS = 10
_TOO_BAD, _TOO_GOOD = 1e-3, 1e-4  # probabilities of a statistic that is higher, or lower
_POOR = "poor fit: uncertainties underestimated"
_NEARLY = 9.0  # rise of the statistic at three sigma
_CONTOUR_WIDTH = 2.5  # of the errors of one parameter


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
        Whether a lower minimum was met since then, and taken.
    """

    def __init__(self, problem: Problem, minimum: Minimum, *others: Minimum) -> None:
        self.problem = problem
        self.minimum = minimum
        self.others = others
        self.moved = False

    @property
    def likely(self) -> list[Minimum]:
        """The minimum, and others that are less than three sigma higher."""
        highest = self.minimum.statistic + _NEARLY
        return [self.minimum, *(other for other in self.others if other.statistic < highest)]

    def intervals(self, indices: Sequence[int], level: float = ONE_SIGMA) -> list[Interval]:
        """Return the profile-likelihood intervals of free parameters.

        Parameters
        ----------
        indices
            Indices of the parameters among the free ones.
        level
            Confidence, a fraction.

        Raises
        ------
        DataError
            If each search meets a lower minimum.
        """
        return self._restarted(lambda: [self._profile(i).interval(level) for i in indices])

    def rise(self, index: int, value: float) -> float:
        """Return the delta statistic when a free parameter is held at a value."""
        return self._restarted(lambda: self._profile(index).root(value) ** 2)

    def contour(self, pair: tuple[int, int], points: int) -> Contour:
        """Return the delta statistic over two free parameters.

        Parameters
        ----------
        pair
            Indices of the two among the free ones.
        points
            Values along each axis, over 2.5 times the errors of the parameters.
        """
        first, second = (
            self._around(index, interval)
            for index, interval in zip(pair, self.intervals(pair), strict=True)
        )
        x, y, rise = contour(self.problem, self.minimum, pair, (first, second), points)
        free = self.problem.recipe.parameters.free
        best = (float(self.minimum.values[pair[0]]), float(self.minimum.values[pair[1]]))
        simulated = any(d.spectrum.observation.simulated for d in self.problem.recipe.datasets)
        return Contour((free[pair[0]], free[pair[1]]), x, y, rise, best, simulated)

    def _profile(self, index: int) -> Profile:
        return Profile(self.problem, self.minimum, index, self.others)

    def _restarted(self, search: Callable[[], Found]) -> Found:
        """Repeat a search from each lower minimum that it meets, until it meets none."""
        for _ in range(_MOST_RESTARTS):
            try:
                return search()
            except BetterMinimum as better:
                self.minimum = minimise(self.problem.deviations, better.values, self.problem.bounds)
                self.moved = True
        problem = "Each search for errors met a lower minimum: none of them is stable."
        raise DataError(problem, "Freeze a parameter, or take a model with fewer.")

    def _around(self, index: int, interval: Interval) -> tuple[float, float]:
        low, high = self.problem.bounds.low[index], self.problem.bounds.high[index]
        start = interval.value - _CONTOUR_WIDTH * (interval.value - interval.low)
        end = interval.value + _CONTOUR_WIDTH * (interval.high - interval.value)
        return max(float(low), start), min(float(high), end)


def found_nearby(problem: Problem) -> Search:
    """Minimise from the values of the parameters, and return the search around the minimum."""
    return Search(problem, minimise(problem.deviations, problem.links.start, problem.bounds))


def verdict(search: Search) -> str:
    """Return in words why the statistic cannot be right for this model, or "" if it can."""
    problem, reached = search.problem, search.minimum.statistic
    if problem.dof <= 0:
        return ""
    if problem.recipe.statistic != "chi2":
        return _POOR if reached > 2.0 * problem.dof else ""
    worse = float(chdtrc(problem.dof, reached))
    if worse > 1.0 - _TOO_GOOD:
        return "suspiciously good fit: errors of the data overestimated"
    return f"{_POOR} (probability {worse:.1g})" if worse < _TOO_BAD else ""


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
    if problem.recipe.statistic == "chi2":
        return float(chdtrc(max(problem.dof, 1), reached))
    rng = np.random.default_rng(seed)
    drawn = (_drawn_statistic(search, parameters, rng) for _ in range(simulations))
    return sum(statistic >= reached for statistic in drawn) / simulations


def _drawn_statistic(search: Search, parameters: Parameters, rng: np.random.Generator) -> float:
    """Return the statistic of a spectrum drawn from the model and fitted."""
    recipe = search.problem.recipe
    pairs = zip(recipe.datasets, search.problem.folded(search.minimum.values), strict=True)
    drawn = tuple(drawn_from(data, folded, rng, recipe.statistic) for data, folded in pairs)
    fitted = found_nearby(Problem(replace(recipe, datasets=drawn, parameters=parameters)))
    return fitted.minimum.statistic
