"""A process that computes the jobs of the server, one after the other."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from oda_widgets.backend.connect import connect
from oda_widgets.backend.job import Job
from oda_widgets.backend.site import Site
from oda_widgets.errors import JobCancelled, StoreError
from oda_widgets.provenance.code_version import code_version
from oda_widgets.server.failures import as_failure
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_run import JobRun
from oda_widgets.server.job_table import JobRow, JobTable
from oda_widgets.workers.priority import yield_to_others

_WAIT = 0.05  # seconds between checks of an empty table
_PAUSE = 1.0  # seconds before a failed action on the table is repeated
_BETWEEN_REPORTS = 0.1  # seconds
_BETWEEN_SIGNS = 1.0  # seconds
_LOG = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class _ProgressWriter:
    """Write the progress of a job into the table, in the words of dispatchers."""

    def __init__(self, table: JobTable, job_id: str) -> None:
        self._table = table
        self._job_id = job_id
        self._last = ("", "")
        self._when = 0.0

    def __call__(self, job: Job) -> None:
        window, node = job.progress.science_window, job.progress.step
        if self._last[0] and self._last[0] != window:
            self._write(self._last[0], self._last[1], "main done")
        elif (window, node) == self._last or time.monotonic() - self._when < _BETWEEN_REPORTS:
            return
        self._last, self._when = (window, node), time.monotonic()
        if window:
            self._write(window, node, "main starting")

    def _write(self, window: str, node: str, message: str) -> None:
        document = {"action": "progress", "node": node, "scwid": window, "message": message}
        with suppress(StoreError):  # a job must not fail for its progress
            self._table.report(self._job_id, document | {"level": "INFO", "time": time.time()})


class _StopSignal:
    """True after a signal to stop, or if the server that started this process has ended."""

    def __init__(self) -> None:
        self._received = False
        self._job: Job | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    def __bool__(self) -> bool:
        return self._received or self.server_is_gone

    @property
    def server_is_gone(self) -> bool:
        """Whether the server has ended; another server may compute the job by now."""
        parent = multiprocessing.parent_process()
        return parent is not None and not parent.is_alive()

    def cancel_on_stop(self, job: Job | None) -> None:
        """Cancel this job, and no other, on a signal to stop; at once if there was one."""
        self._job = job
        if job is not None and self:
            job.cancel()

    def _receive(self, *_: Any) -> None:
        self._received = True
        if self._job is not None:
            self._job.cancel()


def code_of_products() -> str:
    """Return the version of all code that the products of jobs depend on."""
    return code_version(__name__)


def compute_jobs(path: str, archive: str, name: str, signs: Any) -> None:
    """Compute jobs until told to stop, or until the server has ended.

    Parameters
    ----------
    path
        Folder of the server (see `JobFolder`).
    archive
        Archive to compute from (see `connect`).
    name
        Name of this worker in the table of jobs.
    signs
        A number in shared memory that counts the signs of life of this process.
    """
    yield_to_others()  # so that the server replies to clients while jobs are computed
    threading.Thread(target=_give_signs, args=(signs,), daemon=True).start()
    folder = JobFolder(Path(path))
    stop = _StopSignal()
    site = connect(archive, executor="none")  # the server runs several such processes
    table = _retry(partial(JobTable, folder.table), stop)
    if table is None:
        return
    with table:
        while not stop:
            row = _retry(partial(table.take, name), stop)
            if row is None:
                time.sleep(_WAIT)
            else:
                _compute(row, name, table, folder, site, stop)


def _give_signs(signs: Any) -> None:
    """Count signs of life while this process runs."""
    while True:
        signs.value += 1
        time.sleep(_BETWEEN_SIGNS)


def _compute(
    row: JobRow, name: str, table: JobTable, folder: JobFolder, site: Site, stop: _StopSignal
) -> None:
    """Compute a job, and record in the table how it ended."""
    write = _ProgressWriter(table, row.id)

    def follow(job: Job) -> None:
        stop.cancel_on_stop(job)
        write(job)

    query = row.query
    try:
        run = JobRun(site, query["parameters"], tuple(query["given"]), follow)
        result = run.result()
        if stop.server_is_gone:
            return
        folder.write(row.id, result.product)
        end = partial(table.finish, row.id, name, result.comment, code_of_products())
    except JobCancelled:
        end = partial(table.put_back, name)
    except Exception as error:  # noqa: BLE001 - a job must not end the process
        if stop.server_is_gone:
            return
        end = partial(table.fail, row.id, name, str(as_failure(error, f"job {row.id}")))
    finally:
        stop.cancel_on_stop(None)
    _retry(end, stop)


def _retry(action: Callable[[], _Result], stop: _StopSignal) -> _Result | None:
    """Repeat an action on the table while it is locked, full or damaged; None if stopped."""
    logged = False
    while True:
        try:
            return action()
        except StoreError as error:
            if not logged:  # once, not each second
                _LOG.error("%s", error)
                logged = True
            if stop:
                return None
            time.sleep(_PAUSE)
