"""A task as sent to a worker, with the results that it needs."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from threadpoolctl import threadpool_limits

from oda_widgets.analysis import product
from oda_widgets.analysis.session import Session, WindowReader
from oda_widgets.archive.open import open_archive
from oda_widgets.errors import DataError, JobError
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.failure import is_lasting
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.result_store import MemoryStore, StoredResult
from oda_widgets.provenance.run import Outcome, Run
from oda_widgets.workers.progress import Muted, Progress

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class _Message:
    """A task as it is sent to a worker.

    Parameters
    ----------
    given
        Results in the store that the task needs.
    """

    task: Task
    given: tuple[StoredResult, ...]


def packed(task: Task, given: Sequence[StoredResult]) -> tuple[str, bytes]:
    """Return the message for a worker: the version of the code, and the pickled task."""
    return _version(), pickle.dumps(_Message(task, tuple(given)))


def run_task(
    archive: bytes, message: tuple[str, bytes], on_progress: OnProgress = lambda _: None
) -> Outcome:
    """Compute a task; called in a worker.

    Parameters
    ----------
    archive
        Source of the events, pickled.
    message
        The task (see `packed`).

    Raises
    ------
    JobError
        If the worker runs other code than the session that sent the task.
    """
    version, content = message
    if version != _version():
        problem = "A worker runs another version of oda_widgets than this session."
        advice = "Install the same version everywhere, then restart the session and its workers."
        raise JobError(problem, advice)
    # Pickled by our own session, however it was transported.
    received: _Message = pickle.loads(content)  # noqa: S301
    memory = MemoryStore(received.given)
    run = Run(memory, lambda: None, lambda _: None)
    session = Session(_reader(archive), _Reporter(on_progress), run)
    with threadpool_limits(limits=1, user_api="blas"):
        try:
            # The sender needs the result even if its store will not keep it.
            session.result(replace(received.task, keep=True))
        except DataError as error:
            return Outcome(memory.computed, None if is_lasting(error) else error)
    return Outcome(memory.computed)


@lru_cache(maxsize=1)
def _reader(archive: bytes) -> WindowReader:
    """Return a reader that stays from one task to the next."""
    # A worker goes from window to window, and rarely reads one again.
    return WindowReader(pickle.loads(archive), most=1)  # noqa: S301 - from our own session


def _version() -> str:
    """Return the version of all code that a worker may run."""
    modules = (__name__, product.__name__, open_archive.__module__)
    return " ".join(code_version(module) for module in modules)


@dataclass(frozen=True)
class _Reporter(Muted):
    """A monitor that passes progress on to the session."""

    on_progress: OnProgress

    def report(self, progress: Progress) -> None:
        """Pass progress on."""
        self.on_progress(progress)
