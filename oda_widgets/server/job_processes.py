"""The processes that compute jobs, and the thread that watches over them."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from oda_widgets.errors import OdaError
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_process import compute_jobs
from oda_widgets.server.job_table import JobTable
from oda_widgets.server.tidy import remove_old_jobs

SILENCE = 60.0
"""Seconds without a sign of life after which a process that computes jobs is replaced."""

_START = 300.0  # seconds until the first sign of life, on a busy machine
_LOOK = 0.5  # seconds between checks of the processes
_BETWEEN_TIDYING = 3600.0  # seconds
_GRACE = 3.0  # seconds for all processes together to stop
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_LOG = logging.getLogger(__name__)


@dataclass
class _Worker:
    """A process, the signs of life seen from it, and the seconds without a new one."""

    name: str
    process: BaseProcess
    signs: Any
    seen: int = -1
    silent: float = 0.0

    def look(self) -> None:
        """Kill the process if it is stopped or hangs.

        Checks are counted, not time, so that silence does not grow while this process is stopped.
        """
        seen = self.signs.value
        self.silent = self.silent + _LOOK if seen == self.seen else 0.0
        self.seen = seen
        if self.hangs:
            self.process.kill()
            self.process.join()

    @property
    def hangs(self) -> bool:
        """Whether it has been silent for too long."""
        return self.silent > (SILENCE if self.seen > 0 else _START)


class JobProcesses:
    """The processes that compute jobs. One that dies is replaced, and its job queued again.

    Parameters
    ----------
    folder
        Folder of the server.
    table
        Table of jobs.
    archive
        Archive to compute from (see `connect`).
    number
        Number of processes.
    """

    def __init__(self, folder: JobFolder, table: JobTable, archive: str, number: int) -> None:
        self._folder = folder
        self._archive = archive
        self._number = number
        self._table = table
        self._workers: list[_Worker] = []
        self._started = 0
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)
        self._tidied = -_BETWEEN_TIDYING
        self.trouble = ""
        """Present error of the watching thread; empty if there is none."""

    def start(self) -> None:
        """Start the processes."""
        for name in _ONE_THREAD:
            os.environ.setdefault(name, "1")  # read by the processes when they start
        self._workers = [self._start_one() for _ in range(self._number)]
        self._watch.start()

    def alive(self) -> int:
        """Return the number of running processes."""
        return sum(worker.process.is_alive() for worker in self._workers)

    def stop(self) -> None:
        """Stop the processes within seconds; the next server computes their jobs again."""
        self._stopping.set()
        self._watch.join(_GRACE)
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + _GRACE
        for worker in self._workers:
            worker.process.join(max(until - time.monotonic(), 0))
        for worker in self._workers:
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def kill(self) -> None:
        """Kill the processes without waiting for them."""
        self._stopping.set()
        for worker in self._workers:
            worker.process.kill()

    def _start_one(self) -> _Worker:
        self._started += 1
        name = f"{os.getpid()}-{self._started}"
        context = multiprocessing.get_context("spawn")
        signs = context.RawValue("L", 0)
        arguments = (str(self._folder.path), self._archive, name, signs)
        process = context.Process(target=compute_jobs, args=arguments, daemon=True)
        process.start()
        return _Worker(name, process, signs)

    def _keep_alive(self) -> None:
        """Replace dead processes and remove old jobs until stopped, even if the table fails."""
        while not self._stopping.wait(_LOOK):
            try:
                self._replace_dead()
                self._tidy()
            except OdaError as error:
                self._log_once(str(error))
            except Exception as error:  # noqa: BLE001 - the watch must go on
                _LOG.exception("watching over the job processes")
                self._log_once(type(error).__name__)
            else:
                self.trouble = ""

    def _log_once(self, trouble: str) -> None:
        if trouble != self.trouble:
            _LOG.error("%s", trouble)
        self.trouble = trouble

    def _replace_dead(self) -> None:
        for index, worker in enumerate(self._workers):
            worker.look()
            if not worker.process.is_alive():
                code = worker.process.exitcode or 0
                reason = f"by signal {-code}" if code < 0 else f"with status {code}"
                if worker.hangs:
                    reason = f"without a sign of life for {worker.silent:g} s"
                self._table.put_back_crashed(worker.name, reason)
                if not self._stopping.is_set():
                    self._workers[index] = self._start_one()
        # A worker of a killed server may still have taken a job after this server started.
        self._table.put_back_of_others([worker.name for worker in self._workers])

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied >= _BETWEEN_TIDYING:
            self._tidied = time.monotonic()
            remove_old_jobs(self._table, self._folder)
