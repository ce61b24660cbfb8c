"""Move groups of walkers, in this process or in parallel ones.

Models of XSPEC's library run in processes of their own, so that a crash does not end the kernel;
the library does not allow threads.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import lru_cache, partial
from time import monotonic
from types import TracebackType
from typing import Self

from oda_widgets.errors import DataError
from oda_widgets.fitting.chains.walk import Samples, Walk, sample_walk
from oda_widgets.fitting.models.lattice import FOR_CHAINS
from oda_widgets.fitting.problem import Problem, Recipe
from oda_widgets.workers.process_executor import ProcessExecutor, WorkerDied

_REPORT_INTERVAL = 0.1  # seconds

Report = Callable[[int], None]
"""Called with the steps that are done; may raise to stop."""


class Walking:
    """Moves groups of walkers.

    Parameters
    ----------
    recipe
        Data, model, parameters and statistic.
    processes
        Number of worker processes; 0 for this process.
    """

    def __init__(self, recipe: Recipe, processes: int) -> None:
        self._model = recipe.model
        # Worker processes get it with each call, and cache the problem made from it.
        self._packed = pickle.dumps(recipe)
        self._executor = ProcessExecutor(processes) if processes else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._executor is not None:
            self._executor.stop()
            self._executor.shutdown()

    def __call__(self, walks: Sequence[Walk], report: Report) -> list[Samples]:
        """Return the samples of each group.

        Raises
        ------
        DataError
            If processes die repeatedly.
        """
        done = [0] * len(walks)

        def note(number: int, steps: int) -> None:
            done[number] = steps

        def report_mean() -> None:
            report(sum(done) // len(done))

        if self._executor is None:
            return [
                self._sample_here(walk, partial(note, i), report_mean)
                for i, walk in enumerate(walks)
            ]
        futures = [
            self._executor.submit_reporting(partial(note, i), _sample_in_worker, self._packed, walk)
            for i, walk in enumerate(walks)
        ]
        waiting = set(futures)
        while waiting:
            ended, waiting = wait(waiting, _REPORT_INTERVAL)
            for future in ended:
                self._result(future)
            report_mean()
        return [self._result(future) for future in futures]

    def _sample_here(self, walk: Walk, note: Report, report_mean: Callable[[], None]) -> Samples:
        def report(steps: int) -> None:
            note(steps)
            report_mean()

        return sample_walk(_problem(self._packed), walk, report)

    def _result(self, future: Future[Samples]) -> Samples:
        try:
            return future.result()
        except WorkerDied as death:
            problem = f"Processes that computed {self._model} have died: {death}."
            advice = "Set narrower limits for its parameters."
            raise DataError(problem, advice) from None


def _sample_in_worker(packed: bytes, walk: Walk, report: Report) -> Samples:
    """Return the samples of a group, in a worker process."""
    return sample_walk(_problem(packed), walk, _at_intervals(report))


@lru_cache(maxsize=1)
def _problem(packed: bytes) -> Problem:
    """Return the problem of a chain with its interpolated points, cached from part to part."""
    recipe: Recipe = pickle.loads(packed)  # noqa: S301 - our own
    return Problem(recipe, interpolated=FOR_CHAINS)


def _at_intervals(report: Report) -> Report:
    """Return a function that reports the progress of a walk, but not at every step."""
    last = monotonic()

    def report_if_due(steps: int) -> None:
        nonlocal last
        if monotonic() - last > _REPORT_INTERVAL:
            last = monotonic()
            report(steps)

    return report_if_due
