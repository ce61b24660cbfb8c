"""Starting the server and the processes that work for it, and stopping them."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvicorn

from oda_widgets.backend.connect import connect
from oda_widgets.config import load_settings
from oda_widgets.server.app import ServerSetup, application
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_process import compute_jobs
from oda_widgets.server.job_table import JobTable
from oda_widgets.server.tokens import secret_of

_KEPT = 30 * 86400.0  # seconds for which answers are kept
_LOOK = 0.5  # seconds between two looks at the workers
_GRACE = 10.0  # seconds that a worker has to stop
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Options:
    """How to serve.

    Parameters
    ----------
    host, port
        Where to listen.
    archive
        What to answer from (see `connect`); None for the settings.
    folder
        Where jobs, answers and the secret are kept.
    workers
        How many processes compute.
    hosts
        Further names by which clients may call the server.
    """

    host: str = "127.0.0.1"
    port: int = 10100
    archive: str | None = None
    folder: Path | None = None
    workers: int = 1
    hosts: tuple[str, ...] = ()


def serve(options: Options) -> None:
    """Serve until told to stop.

    Raises
    ------
    OdaError
        If the archive cannot be opened.
    """
    settings = load_settings()
    site = connect(
        options.archive, executor="none"
    )  # says now, and not in a worker, that there is no such archive
    folder = JobFolder(options.folder or settings.cache_folder / "server")
    hosts = tuple({"127.0.0.1", "localhost", options.host, *options.hosts})
    with JobTable(folder.table) as table:
        _tidy(table, folder)
        table.put_back()  # what was worked on when the last server ended
        workers = _Workers(folder, options, table)
        setup = ServerSetup(
            folder, table, secret_of(folder.secret), hosts, settings.online, site, workers.alive
        )
        _run(setup, workers, options)


def _run(setup: ServerSetup, workers: _Workers, options: Options) -> None:
    """Listen and have the workers compute until told to stop."""
    workers.start()
    try:
        uvicorn.run(
            application(setup),
            host=options.host,
            port=options.port,
            log_level="warning",
            access_log=False,  # addresses may hold tokens
            # Longer than clients wait between two questions: who asks again in the moment when his
            # connection is closed is told that it was reset.
            timeout_keep_alive=30,
            timeout_graceful_shutdown=5,
            limit_concurrency=500,
            server_header=False,
        )
    finally:
        workers.stop()


def _tidy(table: JobTable, folder: JobFolder) -> None:
    """Remove what nobody has asked for in a month."""
    for job_id in table.forget_before(time.time() - _KEPT):
        folder.remove(job_id)


class _Workers:
    """The processes that compute; one that dies is started again."""

    def __init__(self, folder: JobFolder, options: Options, table: JobTable) -> None:
        self._arguments = (str(folder.path), options.archive)
        self._number = options.workers
        self._table = table
        self._processes: list[BaseProcess] = []
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)

    def start(self) -> None:
        """Start them."""
        for name in _ONE_THREAD:
            os.environ.setdefault(name, "1")  # read by the workers when they start
        self._processes = [self._started() for _ in range(self._number)]
        self._watch.start()

    def alive(self) -> int:
        """Return how many are there."""
        return sum(process.is_alive() for process in self._processes)

    def stop(self) -> None:
        """Stop them; what they work on is done again later."""
        self._stopping.set()
        self._watch.join()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(_GRACE)
            if process.is_alive():
                process.kill()
        self._table.put_back()

    def _started(self) -> BaseProcess:
        process = multiprocessing.get_context("spawn").Process(
            target=compute_jobs, args=self._arguments, daemon=True
        )
        process.start()
        return process

    def _keep_alive(self) -> None:
        while not self._stopping.wait(_LOOK):
            for place, process in enumerate(self._processes):
                if not process.is_alive():
                    if self._number == 1:
                        self._table.put_back()
                    self._processes[place] = self._started()
