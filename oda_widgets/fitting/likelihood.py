"""The likelihood of many points at once, here or in other processes.

Models of XSPEC's library run in processes of their own: they cannot take the kernel with them
when they crash, and they can be run side by side, which threads would not survive.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import TracebackType
from typing import Self

import numpy as np

from oda_widgets.errors import DataError
from oda_widgets.fitting.expression import components
from oda_widgets.fitting.grid import Floats
from oda_widgets.fitting.lattice import FOR_CHAINS
from oda_widgets.fitting.problem import Problem, Recipe
from oda_widgets.fitting.twins import FLUX_TWINS, TWINS

LogLikelihood = Callable[[Floats], Floats]


class Likelihood:
    """Log likelihood of points, shape (n_points, n_free), within the limits of the parameters.

    Parameters
    ----------
    recipe
        The problem.
    processes
        How many; None chooses 0 (here) for models that are plain NumPy, and else all processors.
    """

    def __init__(self, recipe: Recipe, processes: int | None = None) -> None:
        self._recipe = recipe
        self.processes = _chosen(recipe, processes)
        self._problem = _problem(recipe) if not self.processes else None
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self.processes:
            self._pool = ProcessPoolExecutor(
                self.processes,
                mp_context=get_context("spawn"),
                initializer=_begin,
                initargs=(self._recipe,),
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __call__(self, points: Floats) -> Floats:
        """Return the log likelihood of each point.

        Raises
        ------
        DataError
            If a process has died.
        """
        if self._pool is None:
            return log_likelihood(self._problem or _problem(self._recipe), points)
        parts = np.array_split(points, min(self.processes, len(points)))
        try:
            return np.concatenate(list(self._pool.map(_answer, parts)))
        except BrokenProcessPool:
            problem = f"A process that computed {self._recipe.model} has died."
            advice = "Set narrower limits for its parameters, or use fewer processes."
            raise DataError(problem, advice) from None


def log_likelihood(problem: Problem, points: Floats) -> Floats:
    """Return the log likelihood of points; -inf outside the limits."""
    low, high = problem.links.low, problem.links.high
    inside = np.all((points >= low) & (points <= high), axis=1)
    values = np.full(len(points), -np.inf)
    for number in np.flatnonzero(inside):
        values[number] = -0.5 * problem.statistic(points[number])
    return values


def _problem(recipe: Recipe) -> Problem:
    return Problem(recipe, interpolated=FOR_CHAINS)


def _chosen(recipe: Recipe, processes: int | None) -> int:
    if processes is not None:
        return processes
    simple = all(
        p.model.name in TWINS or p.model.name in FLUX_TWINS for p in components(recipe.tree)
    )
    return 0 if simple else os.cpu_count() or 1


_problems: list[Problem] = []  # of a worker process, which has one


def _begin(recipe: Recipe) -> None:
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[variable] = "1"
    _problems.append(_problem(recipe))


def _answer(points: Floats) -> Floats:
    return log_likelihood(_problems[-1], points)
