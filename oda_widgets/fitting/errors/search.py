"""A minimum that is held, and what is asked around it: it moves when a lower one is met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from oda_widgets.errors import DataError
from oda_widgets.fitting.errors.contour import Contour, contour
from oda_widgets.fitting.errors.profile import ONE_SIGMA, BetterMinimum, Interval, Profile
from oda_widgets.fitting.minimise import Minimum, minimise
from oda_widgets.fitting.problem import Problem

Answer = TypeVar("Answer")

_MOST_RESTARTS = 10
_NEARLY = 9.0  # rise of the statistic at three sigma
_CONTOUR_WIDTH = 2.5  # of the errors of one parameter


class Search:
    """The minimum of a problem, and errors around it.

    Parameters
    ----------
    problem
        What is minimised.
    minimum
        Where that ended.
    others
        Higher minima: a profile may lead into one of them.

    Attributes
    ----------
    moved
        Whether a lower minimum was met since, and taken.
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
        """Return the intervals of free parameters by profile.

        Parameters
        ----------
        indices
            Of the parameters among the free ones.
        level
            Confidence, 0 to 1.

        Raises
        ------
        DataError
            If there is always a lower minimum.
        """
        return self._restarted(lambda: [self._profile(i).interval(level) for i in indices])

    def rise(self, index: int, value: float) -> float:
        """Return by how much the statistic rises when a free parameter is held at a value."""
        return self._restarted(lambda: self._profile(index).root(value) ** 2)

    def contour(self, pair: tuple[int, int], points: int) -> Contour:
        """Return the rise of the statistic over two free parameters.

        Parameters
        ----------
        pair
            Their indices among the free ones.
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
        return Contour((free[pair[0]], free[pair[1]]), x, y, rise, best)

    def _profile(self, index: int) -> Profile:
        return Profile(self.problem, self.minimum, index, self.others)

    def _restarted(self, ask: Callable[[], Answer]) -> Answer:
        """Return an answer that no lower minimum makes void."""
        for _ in range(_MOST_RESTARTS):
            try:
                return ask()
            except BetterMinimum as better:
                self.minimum = minimise(self.problem.deviations, better.values, self.problem.bounds)
                self.moved = True
        problem = "Each search for errors met a lower minimum: the fit has no stable one."
        raise DataError(problem, "Freeze a parameter, or take a model with fewer.")

    def _around(self, index: int, interval: Interval) -> tuple[float, float]:
        low, high = self.problem.bounds.low[index], self.problem.bounds.high[index]
        start = interval.value - _CONTOUR_WIDTH * (interval.value - interval.low)
        end = interval.value + _CONTOUR_WIDTH * (interval.high - interval.value)
        return max(float(low), start), min(float(high), end)


def found_nearby(problem: Problem) -> Search:
    """Return the minimum next to where the parameters of a problem stand."""
    return Search(problem, minimise(problem.deviations, problem.links.start, problem.bounds))
