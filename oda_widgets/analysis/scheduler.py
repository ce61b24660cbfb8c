"""Working ahead: while one window is added to the whole, workers are at the next ones."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field

from oda_widgets.analysis.order import News, carried_out, order
from oda_widgets.analysis.question import AskedWindow, Opened, one_by_one
from oda_widgets.errors import DataError
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.result_store import StoredResult
from oda_widgets.provenance.run import Outcome, Run
from oda_widgets.workers.process_executor import ATTEMPTS
from oda_widgets.workers.workers import Workers, has_died

_LOOK = 0.1  # seconds between two looks at the workers, at which a job may be cancelled
_AHEAD = 2  # windows under way per worker: so much is in memory, however many are asked for


def ahead(
    opened: Opened, tasks: Sequence[Task], workers: Workers | None, leaving: ExitStack
) -> Iterator[tuple[AskedWindow, Task]]:
    """Iterate over windows and their tasks in order; each result is at hand when its turn comes.

    Results are at hand in the run of the question: those of the store, and those of workers. One
    result that is missing is left to who asks for it, because no process is worth starting for it.

    Parameters
    ----------
    opened
        The question.
    tasks
        One per window.
    workers
        Who works, if anybody.
    leaving
        Called at the end of the question, whatever ends it: no work and no claim outlives it.
    """
    pairs = zip(opened.windows, tasks, strict=True)
    missing = sum(not opened.run.store.has(task.node.id) for task in tasks)
    if workers is None or missing < 2:
        yield from one_by_one(opened, tasks)
        return
    team = _Team(opened, workers)
    leaving.callback(team.dismiss)
    yield from team.work(pairs)


@dataclass
class _Window:
    """A window on its way; without a future its result is at hand."""

    asked: AskedWindow
    task: Task
    claims: ExitStack = field(default_factory=ExitStack)
    future: Future[Outcome] | None = None
    part: float = 0.0

    @property
    def ids(self) -> set[str]:
        """The nodes that may be computed for it."""
        return {task.node.id for task in self.task.chain()}


class _Team:
    """Workers on the windows of one question."""

    def __init__(self, opened: Opened, workers: Workers) -> None:
        self._opened = opened
        self._workers = workers
        self._archive = pickle.dumps(opened.reader.archive)
        self._queue: deque[_Window] = deque()
        self._step = ""

    def work(self, pairs: Iterator[tuple[AskedWindow, Task]]) -> Iterator[tuple[AskedWindow, Task]]:
        """Iterate over the windows in order, keeping the workers busy with the next ones."""
        with self._opened.run.inputs():
            self._fill(pairs)
        while self._queue:
            with self._opened.run.inputs():
                window = self._queue[0]
                self._settle(window)
                self._queue.popleft()
                self._fill(pairs)
            yield window.asked, window.task

    def dismiss(self) -> None:
        """Leave nothing behind: no work that nobody waits for, no claim."""
        at_work = [window for window in self._queue if window.future is not None]
        # Those that have not begun must not begin when the others are stopped.
        running = [window for window in at_work if window.future and not window.future.cancel()]
        if running:
            self._workers.stop()
        for window in at_work:
            window.claims.close()

    def _fill(self, pairs: Iterator[tuple[AskedWindow, Task]]) -> None:
        """Give the workers the next windows."""
        most = _AHEAD * self._workers.number
        while sum(window.future is not None for window in self._queue) < most:
            pair = next(pairs, None)
            if pair is None:
                return
            window = _Window(*pair)
            if not self._opened.run.store.has(window.task.node.id):
                self._send(window)
            self._queue.append(window)

    def _send(self, window: _Window) -> None:
        """Send a window to a worker, unless another process computes it meanwhile."""
        run = self._opened.run
        for earlier in self._queue:
            if earlier.ids & window.ids:
                self._settle(earlier)
        given: list[StoredResult] = []
        with ExitStack() as claims:
            # All processes claim windows in order of time, so that none waits for itself.
            for task in window.task.chain():
                kept = run.loaded(task.node)
                if kept is None:
                    claims.enter_context(run.claim(task.node))
                    kept = run.loaded(task.node)
                if kept is not None and task is window.task:
                    return
                given += [] if kept is None else [kept]
                given += _at_hand(run, task.may_need)
            window.claims = claims.pop_all()
        content = order(window.task, self._opened, tuple(given))

        def hear(news: News) -> None:
            self._step, window.part = news[0], news[1] - window.asked.place.position

        window.future = self._workers.submit(hear, carried_out, self._archive, content)

    def _settle(self, window: _Window) -> None:
        """Wait for the result of a window and take it over."""
        if window.future is None:
            return
        while not wait([window.future], _LOOK).done:
            self._tell()
        outcome = _outcome(window.asked, window.future)
        self._opened.run.adopt(window.task, outcome)
        window.claims.close()
        window.future, window.part = None, 1.0
        self._step = f"science window {window.asked.window.id}"
        self._tell()

    def _tell(self) -> None:
        """Say how far all windows together are."""
        place = self._queue[0].asked.place
        done = place.position + sum(window.part for window in self._queue)
        self._opened.monitor.step(self._step or "starting workers", done, place.number)


def _at_hand(run: Run, tasks: Sequence[Task]) -> list[StoredResult]:
    """Return the results that the store has: of tasks, or of what these need."""
    found: list[StoredResult] = []
    for task in tasks:
        kept = run.loaded(task.node)
        found += _at_hand(run, task.needs) if kept is None else [kept]
    return found


def _outcome(asked: AskedWindow, future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Exception as error:
        if not has_died(error):
            raise
        problem = f"{ATTEMPTS} workers died at science window {asked.window.id} ({error})."
        advice = "Ask again with fewer workers, or leave the window out."
        return Outcome((), DataError(problem, advice))
