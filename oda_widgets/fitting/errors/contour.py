"""Contours of two parameters: the delta statistic around the minimum, drawn and saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.interpolate import RectBivariateSpline

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.fitting.saving import save_as
from oda_widgets.products.observation import Observation
from oda_widgets.request.keywords import suggesting_class

LEVELS: Mapping[str, float] = MappingProxyType({"68 %": 2.30, "90 %": 4.61, "99 %": 9.21})
"""Delta statistic for two parameters jointly, at 68.3, 90 and 99 % confidence."""

_FEWEST = 4  # points along a side that a cubic spline takes


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
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
        summary = f"{self.rise.size:,} points: {counts} (delta statistic {levels}); {self.closure}"
        return "\n".join([f"{head}{origin}", *lines, summary])

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
        """Where levels leave the grid, mostly at limits of the parameters.

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
        texts = [f"{', '.join(labels)} open at {place}" for place, labels in places.items()]
        return "; ".join(texts) or "all closed"

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
        tables = {".csv": self._as_csv}
        save_as(self, path, tables, "a table", overwrite=overwrite, options=options)

    def _as_csv(self) -> bytes:
        heads = [f"{n} ({u})" if u else n for n, u in zip(self.names, self.units, strict=True)]
        columns = np.column_stack([self.x.ravel(), self.y.ravel(), self.rise.ravel()])
        head, last = (",simulated", ",True") if self.simulated else ("", "")
        text = StringIO()
        np.savetxt(text, columns, ",".join(["%.9g"] * 3) + last,
                   header=",".join([*heads, "delta statistic"]) + head, comments="")  # fmt: skip
        return text.getvalue().encode()

    def _sides(self) -> Iterator[tuple[str, float]]:
        """Yield each side of the grid in words, with the smallest rise along it."""
        first, second = self.names
        units = [unit and f" {unit}" for unit in self.units]
        for column in (0, -1):
            place = f"{first} {self.x[0, column]:.4g}{units[0]}"
            yield place, float(self.rise[:, column].min())
        for row in (0, -1):
            lowest = int(np.argmin(self.rise[row]))
            yield f"{second} {self.y[row, lowest]:.4g}{units[1]}", float(self.rise[row, lowest])
