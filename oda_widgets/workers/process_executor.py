"""Worker processes of this session, as an executor of the standard library.

A process is started when it is first needed and kept. When one dies, another repeats its call: the
executor of the standard library would give up all calls, and could not tell which was to blame.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from signal import Signals
from typing import Any

from oda_widgets.workers.worker import receive, send

ATTEMPTS = 3
"""How many workers a call may kill."""

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_PATIENCE = 5.0  # seconds until an idle process is killed

OnProgress = Callable[[Any], None]


class WorkerDied(BrokenExecutor):
    """A call killed every process that worked on it."""


class ProcessExecutor(Executor):
    """Calls functions in worker processes.

    Parameters
    ----------
    number
        How many processes, at most.
    """

    def __init__(self, number: int) -> None:
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="oda-widgets-worker")
        self._processes: set[_Process] = set()
        self._idle: list[_Process] = []
        self._lock = threading.Lock()
        self._end = weakref.finalize(self, _end_all, self._processes)

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **words: Any) -> Future[Any]:
        """Call a function in a worker process."""
        return self.submit_reporting(_ignore, _Silent(function, words), *arguments)

    def submit_reporting(
        self, on_progress: OnProgress, function: Callable[..., Any], *arguments: Any
    ) -> Future[Any]:
        """Call a function in a worker process, with one more argument: a function to report with.

        Parameters
        ----------
        on_progress
            Called in this process with all that the function reports, from another thread.
        function, arguments
            What to call.
        """
        return self._threads.submit(self._call, on_progress, function, arguments)

    def stop(self) -> None:
        """End the processes that are computing: their results are not wanted any more."""
        with self._lock:
            for process in self._processes.difference(self._idle):
                process.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """End all processes."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._end()

    def _call(self, on_progress: OnProgress, function: Callable[..., Any], arguments: Any) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            process = self._acquire()
            try:
                kind, reply = process.call(on_progress, function, arguments)
            except EOFError:
                end = self._remove(process)
                if attempt == ATTEMPTS or process.unwanted:
                    raise WorkerDied(end) from None
                continue
            self._release(process)
            if kind == "error":
                raise reply
            return reply
        raise AssertionError  # the last attempt returns or raises

    def _acquire(self) -> _Process:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            process = _Process()
            self._processes.add(process)
            return process

    def _release(self, process: _Process) -> None:
        """Keep a process for the next call, unless it was stopped in the meantime."""
        with self._lock:
            if not process.unwanted:
                self._idle.append(process)
                return
        self._remove(process)

    def _remove(self, process: _Process) -> str:
        """Forget a dead process; return how it ended."""
        with self._lock:
            self._processes.discard(process)
        return process.end(0.0)


class _Process:
    """One worker process."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, sys.path))
        environment = os.environ | dict.fromkeys(_ONE_THREAD, "1") | {"PYTHONPATH": path}
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "oda_widgets.workers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.unwanted = False

    def call(self, on_progress: OnProgress, function: Callable[..., Any], arguments: Any) -> Any:
        """Return the kind of reply, "result" or "error", and the reply.

        Raises
        ------
        EOFError
            If the process dies.
        """
        assert self._popen.stdin is not None  # noqa: S101 - both are pipes
        assert self._popen.stdout is not None  # noqa: S101
        try:
            send(self._popen.stdin, (function, arguments))  # type: ignore[arg-type]
        except OSError as error:
            raise EOFError from error
        while True:
            kind, reply = receive(self._popen.stdout)  # type: ignore[arg-type]
            if kind != "progress":
                return kind, reply
            on_progress(reply)

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self.unwanted = True
        self._popen.kill()

    def end(self, patience: float) -> str:
        """End it, close its pipes, and return how it ended."""
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            code = self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            code = self._popen.wait()
        return f"signal {Signals(-code).name}" if code < 0 else f"exit status {code}"


class _Silent:
    """A function that reports nothing."""

    def __init__(self, function: Callable[..., Any], words: dict[str, Any]) -> None:
        self._function = function
        self._words = words

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments[:-1], **self._words)


def _ignore(_: Any) -> None:
    pass


def _end_all(processes: set[_Process]) -> None:
    for process in processes:
        process.end(_PATIENCE)
