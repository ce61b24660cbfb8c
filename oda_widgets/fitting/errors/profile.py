"""Profile-likelihood errors of parameters: one is held, all others are refitted.

An interval ends where the best statistic with the parameter held there has risen by the quantile
of chi2 with one degree of freedom (Lampton, Margon & Bowyer 1976, ApJ 208, 177): 1.00 for 68.3 %,
2.71 for 90 %.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from oda_widgets.arrays import Floats
from oda_widgets.errors import NoSuchName
from oda_widgets.fitting.minimise import Minimum, minimise
from oda_widgets.fitting.models.parameters import Parameters
from oda_widgets.fitting.problem import Problem
from oda_widgets.request.words import in_words, power_of_ten, rounded_together, unlike, with_errors

ONE_SIGMA = 0.6826894921370859
# Of the rise of the square root of the statistic. At a limit of a parameter the statistic itself
# rises in proportion, and an end is off by twice as much; many trials mean that refits scatter.
_CLOSE, _CLOSE_ENOUGH = 0.001, 0.01
_FEW_TRIALS, _MOST_TRIALS = 10, 30
_FIRST_STEPS = {"lg10Flux": 0.5}  # of a faint source sigma may be many decades
_FAR = 3.0  # times the target; refitted values found beyond it are no start for the next trial
_STEEP = 10.0
_MOST_LINES = 5  # of a printed table of errors
BETTER = 0.01  # fall of the statistic that makes another minimum


@dataclass(frozen=True, repr=False)
class Interval:
    """A parameter with its errors.

    Parameters
    ----------
    value
        Best value.
    low, high
        Ends of the interval; the hard limit of the parameter where the data set no end.
    low_found, high_found
        False where the hard limit was reached first: the bound is unconstrained.
    """

    value: float
    low: float
    high: float
    low_found: bool = True
    high_found: bool = True

    @property
    def minus(self) -> float:
        """Distance to the lower end; NaN where it is unconstrained."""
        return self.value - self.low if self.low_found else float("nan")

    @property
    def plus(self) -> float:
        """Distance to the upper end; NaN where it is unconstrained."""
        return self.high - self.value if self.high_found else float("nan")

    @property
    def error(self) -> float:
        """Half of the width; NaN where one end is unconstrained."""
        return 0.5 * (self.minus + self.plus)

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        if self.low_found and self.high_found:
            return with_errors(self.value, self.minus, self.plus)
        (value, *_), power = rounded_together(self.value, self.minus, self.plus)
        factor = f" × {power_of_ten(power)}" if power else ""
        return f"{value}{factor} {self.ends}"

    @property
    def ends(self) -> str:
        """The errors without the value, in words."""
        if unlike(self.value, self.minus, self.plus):
            return f"−{in_words(self.minus, 2)} +{in_words(self.plus, 2)}"
        (_, low, high), power = rounded_together(self.value, self.minus, self.plus)
        factor = f" × {power_of_ten(power)}" if power else ""
        if self.low_found and self.high_found:
            both = f"± {low}" if low == high else f"−{low} +{high}"
            return f"({both}){factor}" if power else both
        low, high = f"−{low}{factor}", f"+{high}{factor}"
        if not self.low_found:
            low = f"(lower bound unconstrained, hard limit {in_words(self.low)})"
        if not self.high_found:
            high = f"(upper bound unconstrained, hard limit {in_words(self.high)})"
        return f"{low} {high}"


class Errors(Mapping[str, Interval]):
    """Intervals of one confidence level, by name of the parameter.

    Parameters
    ----------
    intervals
        One per parameter.
    level
        Confidence of all of them, a fraction.
    parameters
        All parameters of the fit, which find a name in every spelling.

    Raises
    ------
    NoSuchName
        On looking up a parameter whose errors are not among them.
    """

    def __init__(
        self, intervals: Mapping[str, Interval], level: float, parameters: Parameters
    ) -> None:
        self._intervals = dict(intervals)
        self.level = level
        self._parameters = parameters

    def __getitem__(self, name: str | int) -> Interval:
        known = self._parameters.name(self._parameters.index(name))
        if known not in self._intervals:
            names = ", ".join(self._intervals)
            advice = f"There are: {names}." if names else f'Write fit.errors("{known}").'
            raise NoSuchName("parameter", name, "its errors are not among these", advice)
        return self._intervals[known]

    def __iter__(self) -> Iterator[str]:
        return iter(self._intervals)

    def __len__(self) -> int:
        return len(self._intervals)

    def __repr__(self) -> str:
        lines = [f"{name}: {interval}" for name, interval in self.items()]
        if len(lines) > _MOST_LINES:
            lines = [", ".join(lines)]
        return "\n".join([f"Errors at {100 * self.level:.3g} % confidence", *lines])

    @property
    def first(self) -> Interval:
        """The first interval: that of the only parameter, if only one was asked for."""
        return next(iter(self._intervals.values()))


class BetterMinimum(Exception):
    """Raised when a profile meets a lower minimum; `values` are its free parameters."""

    def __init__(self, values: Floats) -> None:
        super().__init__("a lower minimum was met")
        self.values = values


def rise(level: float) -> float:
    """Return the delta statistic at the ends of an interval of a given confidence."""
    return float(chdtri(1, 1.0 - level))


class Profile:
    """The best statistic as a function of one parameter.

    Parameters
    ----------
    problem, minimum
        The function that was minimised, and its minimum.
    index
        Index of the parameter among the free ones.
    others
        Higher minima, from which the profile may be lower than from the best one.
    check
        Called before each trial; it may raise to stop the search.
    """

    def __init__(
        self,
        problem: Problem,
        minimum: Minimum,
        index: int,
        others: Sequence[Minimum] = (),
        check: Callable[[], object] = lambda: None,
    ) -> None:
        self._check = check
        self._problem, self._minimum, self._index = problem, minimum, index
        self._other_minima = others
        self._bounds = problem.bounds
        self._others = np.delete(minimum.values, index)
        sigma = float(np.sqrt(minimum.covariance[index, index]))
        fallback = max(abs(minimum.values[index]) * 0.05, self._bounds.steps[index])
        sigma = sigma if np.isfinite(sigma) and sigma > 0 else fallback
        parameters = problem.recipe.parameters
        name = parameters[parameters.free[index]].name
        self._sigma = min(sigma, _FIRST_STEPS.get(name, sigma))

    def root(self, value: float) -> float:
        """Return the square root of the delta statistic with the parameter held at a value."""
        self._check()
        index, bounds = self._index, self._bounds.without(self._index)
        objective = self._problem.objective.held([index], [value])
        found = minimise(objective, self._others, bounds)
        for other in self._other_minima:
            if other.statistic < found.statistic:  # else nothing around it is lower
                again = minimise(objective, np.delete(other.values, index), bounds)
                found = min(found, again, key=lambda minimum: minimum.statistic)
        self._others = found.values
        risen = found.statistic - self._minimum.statistic
        if risen < -BETTER:
            raise BetterMinimum(np.insert(found.values, index, value))
        return float(np.sqrt(max(risen, 0.0)))

    def interval(self, level: float) -> Interval:
        """Return the interval of the parameter.

        Parameters
        ----------
        level
            Confidence, 0 to 1.

        Raises
        ------
        BetterMinimum
            If one is met.
        """
        target = np.sqrt(rise(level))
        low, low_found = self.end(-1, target)
        high, high_found = self.end(1, target)
        value = float(self._minimum.values[self._index])
        return Interval(value, float(low), float(high), low_found, high_found)

    def end(self, direction: int, target: float) -> tuple[float, bool]:
        """Return the value at which the root reaches a target, and whether it does.

        Parameters
        ----------
        direction
            1 for the upper end, -1 for the lower one.
        target
            Square root of the delta statistic at the end of the interval.
        """
        self._others = np.delete(self._minimum.values, self._index)
        centre = float(self._minimum.values[self._index])
        bound = float((self._bounds.high if direction > 0 else self._bounds.low)[self._index])
        room = abs(bound - centre)
        below, above = (0.0, 0.0), (np.inf, np.inf)
        others_below = self._others
        distance = min(self._sigma * target, room)
        for trial in range(_MOST_TRIALS):
            if distance <= 0:
                return bound, False
            root = self.root(centre + direction * distance)
            close = _CLOSE if trial < _FEW_TRIALS else _CLOSE_ENOUGH
            if abs(root - target) < close * target:
                break
            if root < target:
                if distance >= room:
                    return bound, False
                below, others_below = (distance, root), self._others
            else:
                above = distance, root
                self._others = self._others if root < _FAR * target else others_below
            distance = min(_next_distance(below, above, target), room)
        else:  # a profile with a jump has no end: report the bound as unconstrained
            return bound, False
        return centre + direction * distance, True


def _next_distance(below: tuple[float, float], above: tuple[float, float], target: float) -> float:
    """Return the next trial distance: the root is nearly proportional to the distance."""
    if not np.isfinite(above[0]):
        if below[1] <= 0:
            return 4.0 * below[0]
        return below[0] * float(np.clip(target / below[1], 1.1, 4.0))
    if not below[0] < above[0]:
        return above[0]  # equal in floating point: the profile jumps here
    if above[1] > _STEEP * target:
        return 0.5 * (below[0] + above[0])  # far from proportional, as logarithms of fluxes are
    slope = (above[1] - below[1]) / (above[0] - below[0])
    guess = below[0] + (target - below[1]) / slope
    margin = 0.05 * (above[0] - below[0])
    return float(np.clip(guess, below[0] + margin, above[0] - margin))
