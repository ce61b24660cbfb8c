"""Contours of two parameters: the delta statistic on a grid along their valley, others refitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import StringIO
from math import isfinite, sqrt
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.interpolate import RectBivariateSpline

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.files import write_files
from oda_widgets.fitting.errors.profile import BETTER, BetterMinimum
from oda_widgets.fitting.minimise import Minimum, minimise
from oda_widgets.fitting.problem import Problem
from oda_widgets.products.files.suffixes import FIGURES, path_with_suffix
from oda_widgets.products.observation import Observation
from oda_widgets.request.options import refuse_options

LEVELS: Mapping[str, float] = MappingProxyType({"68 %": 2.30, "90 %": 4.61, "99 %": 9.21})
"""Delta statistic for two parameters jointly, at 68.3, 90 and 99 % confidence."""

_WIDTH = 3.18  # conditional errors from the best value to the ends of a column, at first
BEYOND = 1.05  # times the highest level, where the grid ends
_FAR = 1.1  # times that, beyond which a column ends too late: steady ends make smooth lines
_MOST_TRIALS = 12
_FEWEST = 4  # points along a side that a cubic spline takes


@dataclass(frozen=True, repr=False)
class Contour(Displayed, KeptArrays):
    """The delta statistic over two parameters, on a grid that follows their correlation.

    Each column of the grid has one value of the first parameter, and spans those of the second
    around the best one for it: however narrow the valley of correlated parameters is, the levels
    fill the grid.

    Parameters
    ----------
    names
        Names of the horizontal and the vertical parameter.
    x, y
        Values at the points of the grid, shapes (n_y, n_x): ``pyplot.contour(x, y, rise)`` draws
        them.
    rise
        Delta statistic, shape (n_y, n_x).
    best
        The two parameters at the minimum.
    simulated
        Whether the data are not real.
    units
        Units of the parameters; "" for none.
    title
        The model and the source.
    observations
        Those of the spectra.

    Examples
    --------
    >>> fit.contour("PhoIndex", "norm").inside["68 %"] > 50
    True
    """

    names: tuple[str, str]
    x: Floats
    y: Floats
    rise: Floats
    best: tuple[float, float]
    simulated: bool = False
    units: tuple[str, str] = ("", "")
    title: str = ""
    observations: tuple[Observation, ...] = ()

    def __repr__(self) -> str:
        lines = [
            f"{name}: {values.min():.4g} to {values.max():.4g} {unit}".rstrip()
            + f", best {best:.4g}"
            for name, unit, values, best in zip(
                self.names, self.units, (self.x, self.y), self.best, strict=True
            )
        ]
        counts = ", ".join(f"{n} within {label}" for label, n in self.inside.items())
        levels = ", ".join(f"{level:g}" for level in LEVELS.values())
        head = " of ".join(filter(None, ("Contour", self.title)))
        origin = " · SIMULATED" if self.simulated else ""
        said = f"{self.rise.size:,} points: {counts} (delta statistic {levels}); {self.closure}"
        return "\n".join([f"{head}{origin}", *lines, said])

    @property
    def inside(self) -> dict[str, int]:
        """Number of points within each level.

        Examples
        --------
        >>> list(fit.contour("PhoIndex", "norm").inside)
        ['68 %', '90 %', '99 %']
        """
        return {label: int((self.rise < level).sum()) for label, level in LEVELS.items()}

    @property
    def open_at(self) -> dict[str, tuple[str, ...]]:
        """Levels that leave the grid, and where: at limits of the parameters, mostly.

        Examples
        --------
        >>> fit.contour("PhoIndex", "norm").open_at
        {}
        """
        sides = [*self._sides()]
        found = {
            label: tuple(dict.fromkeys(name for name, rise in sides if rise < level))
            for label, level in LEVELS.items()
        }
        return {label: names for label, names in found.items() if names}

    @property
    def closure(self) -> str:
        """Whether the levels are closed, in words.

        Examples
        --------
        >>> fit.contour("PhoIndex", "norm").closure
        'all closed'
        """
        places: dict[str, list[str]] = {}
        for label, names in self.open_at.items():
            places.setdefault(" and ".join(names), []).append(label)
        said = [f"{', '.join(labels)} open at {place}" for place, labels in places.items()]
        return "; ".join(said) or "all closed"

    def finer(self, factor: int = 6) -> Contour:
        """Return the same with more points by splines, for smooth lines.

        Parameters
        ----------
        factor
            How many times as many steps along each side of the grid.

        Examples
        --------
        >>> fit.contour("PhoIndex", "norm", points=21).finer(2).rise.shape
        (41, 41)
        """
        sides = [np.arange(number, dtype=np.float64) for number in self.rise.shape]
        if min(self.rise.shape) < _FEWEST:
            return self
        dense = [np.linspace(0, side[-1], factor * (len(side) - 1) + 1) for side in sides]
        # Along the valley all three change smoothly. At a limit they do not: no spline may pass it.
        x, y, rise = (
            np.clip(RectBivariateSpline(*sides, values)(*dense), values.min(), values.max())
            for values in (self.x, self.y, self.rise)
        )
        return replace(self, x=x, y=y, rise=rise)

    def plot(self, **options: Any) -> Any:
        """Return an interactive figure of the lines of equal confidence.

        Parameters
        ----------
        options
            Those of `oda_widgets.views.contours.ContourView`: size.
        """
        return abilities().plot(self, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure for publication, a `matplotlib.figure.Figure`.

        Parameters
        ----------
        options
            Those of `oda_widgets.views.paper.contours.contour_figure`: columns, width.
        """
        return abilities().figure(self, **options)

    def save(self, path: str | Path, *, overwrite: bool = False, **options: Any) -> None:
        """Save the grid, or a figure of it, as the suffix of the name says.

        Parameters
        ----------
        path
            Ends in ``.csv`` for a table with a row for each point, in ``.pdf``, ``.png`` or
            ``.svg`` for a figure.
        overwrite
            Replace a file that exists.
        options
            Of a figure: those of `figure`, and ``dpi`` for PNG.

        Raises
        ------
        BadParameter
            If the suffix is another, the file exists or cannot be written, or an option cannot be
            accepted.
        """
        target, suffix = path_with_suffix(path, (".csv", *FIGURES))
        if suffix == ".csv":
            refuse_options(options, "a table")
            content = self._as_csv()
        else:
            content = abilities().picture(self, suffix.removeprefix("."), **options)
        write_files({target: content}, overwrite=overwrite)

    def _as_csv(self) -> bytes:
        heads = [f"{n} ({u})" if u else n for n, u in zip(self.names, self.units, strict=True)]
        columns = np.column_stack([self.x.ravel(), self.y.ravel(), self.rise.ravel()])
        text = StringIO()
        np.savetxt(text, columns, "%.9g", ",", header=",".join([*heads, "delta statistic"]),
                   comments="")  # fmt: skip
        return text.getvalue().encode()

    def _sides(self) -> Iterator[tuple[str, float]]:
        """Yield what each point on the sides of the grid is called, and the rise there."""
        first, second = self.names
        units = [unit and f" {unit}" for unit in self.units]
        for column in (0, -1):
            place = f"{first} {self.x[0, column]:.4g}{units[0]}"
            yield place, float(self.rise[:, column].min())
        for row in (0, -1):
            lowest = int(np.argmin(self.rise[row]))
            yield f"{second} {self.y[row, lowest]:.4g}{units[1]}", float(self.rise[row, lowest])


@dataclass(frozen=True)
class _Section:
    """The delta statistic along the second parameter, with the first one held."""

    problem: Problem
    minimum: Minimum
    pair: tuple[int, int]
    held: float

    def ends(self, near: Floats, width: float) -> tuple[float, float, Floats, float]:
        """Return where the second parameter begins and ends, and where the next column begins.

        Parameters
        ----------
        near
            Values of all parameters but the first, to search from.
        width
            Conditional error of the second one, where its curvature says nothing.

        Returns
        -------
        tuple
            Both ends; all parameters but the first at their best; the conditional error.
        """
        first, second = self.pair
        place = second - (second > first)
        objective = self.problem.objective.held([first], [self.held])
        best = minimise(objective, near, self.problem.bounds.without(first))
        self._check(best.statistic, np.insert(best.values, first, self.held))
        variance = float(best.covariance[place, place])
        sigma = sqrt(variance) if isfinite(variance) and variance > 0 else width
        low, high = (self._end(best, place, sign * _WIDTH * sigma) for sign in (-1, 1))
        return low, high, best.values, sigma

    def along(self, near: Floats, places: Floats) -> Floats:
        """Return the delta statistic at values of the second parameter, others refitted."""
        second = self.pair[1] - (self.pair[1] > self.pair[0])
        others = np.delete(near, second)
        found = np.empty(len(places))
        middle = int(np.argmin(np.abs(places - near[second])))
        for order in (range(middle, len(places)), range(middle - 1, -1, -1)):
            start = others
            for row in order:
                found[row], start = self._rise(float(places[row]), start)
        return found

    def _end(self, best: Minimum, place: int, reach: float) -> float:
        """Return a value a little beyond the highest level, or the limit of the parameter."""
        index = self.pair[1]
        bounds = self.problem.bounds
        limit = float((bounds.low if reach < 0 else bounds.high)[index])
        centre = float(best.values[place])
        start = np.delete(best.values, place)
        target = BEYOND * max(LEVELS.values())
        above = max(best.statistic - self.minimum.statistic, 0.0)
        for _ in range(_MOST_TRIALS):
            reach = np.sign(reach) * min(abs(reach), abs(limit - centre))
            rise, _ = self._rise(centre + reach, start)
            own = rise - above
            if target <= own <= _FAR * target or (own < target and centre + reach == limit):
                break
            # The rise grows about as the square of the distance.
            reach *= float(np.clip(np.sqrt(1.05 * target / max(own, 1e-9)), 0.3, 3.0))
        return limit if abs(centre + reach - limit) < abs(reach) * 1e-9 else centre + reach

    def _rise(self, value: float, near: Floats) -> tuple[float, Floats]:
        together = sorted(zip(self.pair, (self.held, value), strict=True))
        indices, values = [i for i, _ in together], [v for _, v in together]
        bounds = self.problem.bounds.without(*self.pair)
        found = minimise(self.problem.objective.held(indices, values), near, bounds)
        whole = found.values
        for index, one in together:
            whole = np.insert(whole, index, one)
        self._check(found.statistic, whole)
        return max(found.statistic - self.minimum.statistic, 0.0), found.values

    def _check(self, statistic: float, values: Floats) -> None:
        if statistic < self.minimum.statistic - BETTER:
            raise BetterMinimum(values)


def contour(
    problem: Problem,
    minimum: Minimum,
    pair: tuple[int, int],
    edges: tuple[float, float],
    points: int,
) -> tuple[Floats, Floats, Floats]:
    """Return the grid of two parameters and the delta statistic on it, shapes (points, points).

    Parameters
    ----------
    problem, minimum
        The function that was minimised, and its minimum.
    pair
        Indices of two free parameters.
    edges
        First and last value of the first one.
    points
        Number of values along each side.

    Raises
    ------
    BetterMinimum
        If one is met.
    """
    first, second = pair
    across = np.linspace(*edges, points)
    x, y, rise = (np.empty((points, points)) for _ in range(3))
    middle = int(np.argmin(np.abs(across - minimum.values[first])))
    for order in (range(middle, points), range(middle - 1, -1, -1)):
        near = np.delete(minimum.values, first)
        width = 10.0 * float(problem.bounds.steps[second])
        for column in order:
            section = _Section(problem, minimum, pair, float(across[column]))
            low, high, near, width = section.ends(near, width)
            x[:, column], y[:, column] = across[column], np.linspace(low, high, points)
            rise[:, column] = section.along(near, y[:, column])
    return x, y, rise
