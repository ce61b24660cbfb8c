"""What travels to a worker: one task of a question, and what it needs."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from threadpoolctl import threadpool_limits

from oda_widgets.analysis import answer
from oda_widgets.analysis.question import Opened, WindowReader
from oda_widgets.archive.open import open_archive
from oda_widgets.errors import DataError, JobError
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.failure import is_lasting
from oda_widgets.provenance.node import Task
from oda_widgets.provenance.result_store import MemoryStore, StoredResult
from oda_widgets.provenance.run import Outcome, Run
from oda_widgets.workers.monitor import Silent

News = tuple[str, float]
"""What a worker does now, and which part of all windows' work it has reached."""


@dataclass(frozen=True)
class Order:
    """One task of a question.

    Parameters
    ----------
    task
        What to compute.
    opened
        The question; it travels without store, monitor and events.
    given
        Results of what the task needs, as far as they are there.
    version
        Of the code that asks.
    """

    task: Task
    opened: Opened
    given: tuple[StoredResult, ...]
    version: str


def order(task: Task, opened: Opened, given: tuple[StoredResult, ...]) -> bytes:
    """Return an order as it travels."""
    return pickle.dumps(Order(task, opened, given, _version()))


def carried_out(
    archive: bytes, content: bytes, tell: Callable[[News], None] = lambda _: None
) -> Outcome:
    """Carry out an order; called in a worker.

    Parameters
    ----------
    archive
        Where the events come from, pickled.
    content
        The order.
    tell
        Called with news.

    Raises
    ------
    JobError
        If the worker runs other code than the session that asks.
    """
    # Pickles of our own session, whatever carried them here.
    received: Order = pickle.loads(content)  # noqa: S301
    if received.version != _version():
        problem = "A worker runs another version of oda_widgets than this session."
        advice = "Install the same version everywhere, then restart the session and its workers."
        raise JobError(problem, advice)
    memory = MemoryStore(received.given)
    run = Run(memory, lambda: None, lambda _: None)
    received.opened.at_work(_reader(archive), _Teller(tell), run)
    with threadpool_limits(limits=1, user_api="blas"):
        try:
            run.result(received.task)
        except DataError as error:
            return Outcome(memory.computed, None if is_lasting(error) else error)
    return Outcome(memory.computed)


@lru_cache(maxsize=1)
def _reader(archive: bytes) -> WindowReader:
    """Return a reader that is kept from one order to the next."""
    # A worker goes from window to window: what it has read it seldom needs again.
    return WindowReader(pickle.loads(archive), kept=1)  # noqa: S301 - from our own session


def _version() -> str:
    """Return the version of all that a worker may be asked to do."""
    modules = (__name__, answer.__name__, open_archive.__module__)
    return " ".join(code_version(module) for module in modules)


@dataclass(frozen=True)
class _Teller(Silent):
    """A monitor that passes on what a worker does."""

    tell: Callable[[News], None]

    def step(self, name: str, done: float, total: float) -> None:
        """Pass on what begins now."""
        del total
        self.tell((name, done))
