"""Jobs: queries computed in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from enum import StrEnum
from typing import cast

from oda_widgets.backend.base import Backend
from oda_widgets.backend.finish import finish
from oda_widgets.backend.stays_here import StaysHere
from oda_widgets.errors import BadParameter, JobCancelled, JobError, OdaError
from oda_widgets.products.answer import Product
from oda_widgets.request.arguments import called
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within
from oda_widgets.request.queries import Query
from oda_widgets.request.survey_query import AnyQuery
from oda_widgets.workers.memory import out_of_memory
from oda_widgets.workers.progress import Progress

_LONGEST_WAIT = 1e9  # seconds, near the longest timeout of locks


class JobStatus(StrEnum):
    """Status of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED})


@suggesting_class
class Job(StaysHere):
    """A query that is computed in the background.

    Jobs are made by `Site.submit`. All methods may be called from any thread.

    Parameters
    ----------
    query
        The query.
    backend
        Computes or fetches the product.
    executor
        Runs the job in another thread.

    Examples
    --------
    >>> job = site.submit(oda.ImageQuery(science_windows="255900280010.001", energy=(28, 150)))
    >>> image = job.result()
    >>> str(job.status), job.warnings
    ('done', ())
    """

    _stays_because = "it is computed in this process"
    _instead = "Send job.query to submit it there, or job.result()."

    def __init__(self, query: AnyQuery, backend: Backend, executor: Executor) -> None:
        self.query = query
        self.status = JobStatus.QUEUED
        self.progress = Progress()
        self.warnings: tuple[str, ...] = ()
        self.error: OdaError | None = None
        self.submitted = time.monotonic()
        self.finished: float | None = None
        self._backend = backend
        self._make_locks()
        self._listeners: list[Callable[[Job], None]] = []
        self._product: Product | None = None
        self._future: Future[None] = executor.submit(self._run)

    def __repr__(self) -> str:
        kind = type(self.query).__name__
        return f"<Job {kind} {self.query.identity[:8]}: {self.status}, {self.progress}>"

    def _make_locks(self) -> None:
        self._cancelled = threading.Event()
        self._ended = threading.Event()
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Seconds since the submission, or from it to the end."""
        return (self.finished or time.monotonic()) - self.submitted

    def cancel(self) -> None:
        """Cancel the job; it stops at its next step."""
        self._cancelled.set()
        if self._future.cancel():
            self._finish(JobStatus.CANCELLED, JobCancelled(*_CANCELLED))

    def listen(self, callback: Callable[[Job], None]) -> None:
        """Call a function with the job at each change, from the thread in which it happens.

        It is called once immediately, so that no change is missed.

        Raises
        ------
        BadParameter
            If it is not a function.
        """
        if called("callback", callback) is None:
            raise BadParameter("callback", None, "not a function", "Write job.listen(print).")
        with self._lock:
            self._listeners.append(callback)
        callback(self)

    def result(self, timeout: float | None = None) -> Product:
        """Wait for the product and return it.

        Parameters
        ----------
        timeout
            Longest wait in seconds; None waits until the end.

        Raises
        ------
        OdaError
            If the job failed: its error, as it was raised.
        JobError
            If it has not ended in time; the job continues.
        BadParameter
            If the timeout is not a time.
        """
        if timeout is not None:
            timeout = number_within("timeout", timeout, 0.0, _LONGEST_WAIT, "s")
        if not self._ended.wait(timeout):
            problem = f"The job has not ended after {timeout:g} s ({self.progress})."
            raise JobError(problem, "Wait longer with result(timeout=...), or cancel() it.")
        if self.error is not None:
            raise self.error
        if self._product is None:
            raise JobError("The job ended without a product.", "Submit it again.")
        return self._product

    def wait(self, seconds: float) -> bool:
        """Wait at most some seconds for the end of the job; return True when it has ended.

        Raises
        ------
        BadParameter
            If `seconds` is not a time.
        """
        return self._ended.wait(number_within("seconds", seconds, 0.0, _LONGEST_WAIT, "s"))

    def report(self, progress: Progress) -> None:
        """Record progress; called by the backend."""
        if self._cancelled.is_set():
            raise JobCancelled(*_CANCELLED)
        self.progress = progress
        self._notify()

    def warn(self, text: str) -> None:
        """Record a warning that does not stop the job; called by the backend."""
        self.warnings = (*self.warnings, text)
        self._notify()

    def leave_to_parent(self) -> None:
        """End the copy of this job in a forked process, where no thread computes it."""
        self._listeners = []
        self._make_locks()
        if self.status in FINAL:
            self._ended.set()
        else:
            self._finish(JobStatus.FAILED, JobError(*_LEFT))

    def _run(self) -> None:
        self.status = JobStatus.RUNNING
        self._notify()
        try:
            self._product = self._make()
        except JobCancelled as stopped:
            self._finish(JobStatus.CANCELLED, stopped)
        except OdaError as error:
            self._finish(JobStatus.FAILED, error)
        except MemoryError as error:
            failure = out_of_memory()
            failure.__cause__ = error
            self._finish(JobStatus.FAILED, failure)
        except Exception as error:  # noqa: BLE001 - the one place that catches our defects
            self._finish(JobStatus.FAILED, _unexpected(error))
        else:
            self.progress = Progress("done", 1.0, 1.0)
            self._finish(JobStatus.DONE, None)

    def _make(self) -> Product:
        query = cast("Query", self.query)
        return finish(self._backend.run(query, self), query)

    def _finish(self, status: JobStatus, error: OdaError | None) -> None:
        self.error = error
        self.status = status
        self.finished = time.monotonic()
        self._ended.set()
        self._notify()

    def _notify(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(self)


_LEFT = (
    "The job runs in the process that this one was forked from.",
    "Submit it again here, or wait for it there.",
)
_CANCELLED = ("The job was cancelled.", "Submit it again to have it done.")


def _unexpected(error: Exception) -> JobError:
    """Return a defect of this package as an error that can be reported."""
    problem = f"Something went wrong that should not: {type(error).__name__}: {error}."
    failure = JobError(problem, "Please report it together with the query.")
    failure.__cause__ = error
    return failure
