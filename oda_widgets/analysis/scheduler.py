"""The scheduler: while one window is added up, workers compute the next ones."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field

from oda_widgets.analysis.analysis import QueryWindow
from oda_widgets.analysis.session import Pairs, Session, one_by_one
from oda_widgets.analysis.worker_task import packed, run_task
from oda_widgets.errors import DataError
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.result_store import StoredResult
from oda_widgets.provenance.run import Outcome, Run
from oda_widgets.workers.process_executor import ATTEMPTS
from oda_widgets.workers.progress import Progress
from oda_widgets.workers.workers import Workers, has_died

_LOOK = 0.1  # seconds between two checks of the workers and of a cancelled job
_PER_WORKER = 2  # windows under way; this limits the memory of queries with many windows


def scheduled(
    session: Session,
    windows: Sequence[QueryWindow],
    tasks: Sequence[Task],
    workers: Workers | None,
    leaving: ExitStack,
) -> Pairs:
    """Iterate over windows and their tasks in order; each result is ready in its turn.

    Results come from the store or from workers. A single missing one is left to the session: it is
    not worth starting a process.

    Parameters
    ----------
    session
        Session that uses the results.
    windows, tasks
        The windows of the query, and one task for each.
    workers
        Workers that compute the tasks; None for this process alone.
    leaving
        Closed when the query ends in any way, so that no task and no claim outlives it.
    """
    missing = sum(not session.run.store.has(task.node.id) for task in tasks)
    if workers is None or missing < 2:
        yield from one_by_one(session, windows, tasks)
        return
    scheduler = _Scheduler(session, workers)
    leaving.callback(scheduler.dismiss)
    yield from scheduler.iterate(zip(windows, tasks, strict=True))


@dataclass
class _Scheduled:
    """A window under way; if it has no future, its result is ready."""

    window: QueryWindow
    task: Task
    claims: ExitStack = field(default_factory=ExitStack)
    future: Future[Outcome] | None = None
    part: float = 0.0

    @property
    def ids(self) -> set[str]:
        """Ids of the nodes that may be computed for it."""
        return {task.node.id for task in self.task.chain()}


class _Scheduler:
    """Keeps workers busy with the windows of one query."""

    def __init__(self, session: Session, workers: Workers) -> None:
        self._session = session
        self._run = session.run
        self._workers = workers
        self._archive = pickle.dumps(session.reader.archive)
        self._queue: deque[_Scheduled] = deque()
        self._latest = Progress("starting workers")

    def iterate(self, pairs: Iterator[tuple[QueryWindow, Task]]) -> Pairs:
        """Iterate over the windows in order, sending the next ones to the workers."""
        with self._run.inputs():
            self._fill(pairs)
        while self._queue:
            with self._run.inputs():
                first = self._queue[0]
                self._settle(first)
                self._queue.popleft()
                self._fill(pairs)
            yield first.window, first.task

    def dismiss(self) -> None:
        """Stop the workers and release the claims of all windows that are still under way."""
        left = [scheduled for scheduled in self._queue if scheduled.future is not None]
        # Cancel tasks that have not begun, so that stopped workers do not begin them.
        futures = [scheduled.future for scheduled in left if scheduled.future is not None]
        self._workers.stop([future for future in futures if not future.cancel()])
        for scheduled in left:
            scheduled.claims.close()

    def _fill(self, pairs: Iterator[tuple[QueryWindow, Task]]) -> None:
        """Send the next windows to the workers."""
        most = _PER_WORKER * self._workers.number
        while sum(scheduled.future is not None for scheduled in self._queue) < most:
            pair = next(pairs, None)
            if pair is None:
                return
            scheduled = _Scheduled(*pair)
            if not self._run.store.has(scheduled.task.node.id):
                self._send(scheduled)
            self._queue.append(scheduled)

    def _send(self, scheduled: _Scheduled) -> None:
        """Send a window to a worker, unless another process has computed it meanwhile."""
        for earlier in self._queue:
            if earlier.ids & scheduled.ids:
                self._settle(earlier)
        given = self._claim(scheduled)
        if given is None:
            return

        def on_progress(progress: Progress) -> None:
            self._latest = progress
            scheduled.part = progress.done - scheduled.window.index

        message = packed(scheduled.task, given)
        scheduled.future = self._workers.submit(on_progress, run_task, self._archive, message)

    def _claim(self, scheduled: _Scheduled) -> tuple[StoredResult, ...] | None:
        """Claim the missing results of a window; return those of its inputs that are stored.

        Return None if its own result is in the store.
        """
        given: list[StoredResult] = []
        with ExitStack() as claims:
            # All processes claim windows in order of time, which prevents deadlocks.
            for task in scheduled.task.chain():
                found = self._run.loaded(task.node)
                if found is None:
                    claims.enter_context(self._run.claim(task.node))
                    found = self._run.loaded(task.node)
                if found is not None and task is scheduled.task:
                    return None
                given += [] if found is None else [found]
                given += _stored(self._run, task.may_need)
            scheduled.claims = claims.pop_all()
        return tuple(given)

    def _settle(self, scheduled: _Scheduled) -> None:
        """Wait for the result of a window and store it."""
        if scheduled.future is None:
            return
        while not wait([scheduled.future], _LOOK).done:
            self._workers.check()
            self._report()
        if scheduled.future.cancelled() and self._workers.cluster is not None:
            raise self._workers.cluster.lost()
        self._run.adopt(scheduled.task, _outcome(scheduled.window, scheduled.future))
        scheduled.claims.close()
        scheduled.future, scheduled.part = None, 1.0
        self._latest = Progress("finished", science_window=scheduled.window.id)
        self._report()

    def _report(self) -> None:
        """Report the progress of all windows together, with the latest step of any worker."""
        first, latest = self._queue[0].window, self._latest
        done = first.index + sum(scheduled.part for scheduled in self._queue)
        progress = Progress(latest.step, done, first.number, latest.science_window)
        self._session.report_windows(progress)


def _stored(run: Run, tasks: Sequence[Task]) -> list[StoredResult]:
    """Return the stored results of tasks or, where missing, of their needs."""
    found: list[StoredResult] = []
    for task in tasks:
        result = run.loaded(task.node)
        found += _stored(run, task.needs) if result is None else [result]
    return found


def _outcome(window: QueryWindow, future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Exception as error:
        if not has_died(error):
            raise
        problem = f"{ATTEMPTS} workers died at science window {window.id} ({error})."
        advice = "Ask again with fewer workers, or leave the window out."
        return Outcome((), DataError(problem, advice))
