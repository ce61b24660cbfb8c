"""Worker processes of this session, as an executor of the standard library.

A process is started when first needed, and kept. When one dies, another repeats its call; the
executor of the standard library would give up all calls, and could not tell which was at fault. A
process that is stopped or hangs gives no sign of life and is treated as dead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from signal import Signals
from typing import Any
from weakref import WeakKeyDictionary

from oda_widgets.forking import renew_in_children
from oda_widgets.workers.worker import receive, send

ATTEMPTS = 3
"""How many workers a call may kill."""

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SILENCE = 60
"""Seconds without a sign of life after which a worker that computes is replaced."""

_PATIENCE = 5.0  # seconds until an idle process is killed
_CHECK_EVERY = 1.0  # seconds between two checks of the processes

OnProgress = Callable[[Any], None]


class WorkerDied(BrokenExecutor):
    """A call killed every process that worked on it."""


class ProcessExecutor(Executor):
    """Calls functions in worker processes.

    Parameters
    ----------
    number
        Largest number of processes.
    silence
        Seconds without a sign of life after which one that computes is replaced.
    """

    def __init__(self, number: int, silence: float = SILENCE) -> None:
        self._number = number
        self._silence = silence
        self._processes: set[_Process] = set()
        self._of_parent: list[_Process] = []
        self._start_threads()
        self._end = weakref.finalize(self, _end_all, self._processes)
        renew_in_children(self._renew)

    def _start_threads(self) -> None:
        self._threads = ThreadPoolExecutor(self._number, thread_name_prefix="oda-widgets-worker")
        self._idle: list[_Process] = []
        self._lock = threading.Lock()
        self._calls: WeakKeyDictionary[Future[Any], _Call] = WeakKeyDictionary()
        self._watch: threading.Thread | None = None

    def _renew(self) -> None:
        """Leave the worker processes to the process that this one was forked from."""
        for process in self._processes:
            process.let_go()
        self._of_parent += self._processes
        self._processes.clear()
        self._start_threads()

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **words: Any) -> Future[Any]:
        """Call a function in a worker process."""
        return self.submit_reporting(_ignore, _WithoutReports(function, words), *arguments)

    def submit_reporting(
        self, on_progress: OnProgress, function: Callable[..., Any], *arguments: Any
    ) -> Future[Any]:
        """Call a function in a worker process, with a function to report with as last argument.

        Parameters
        ----------
        on_progress
            Called from another thread of this process with each report.
        function, arguments
            The function, and its arguments but the last.
        """
        call = _Call(on_progress, function, arguments)
        future = self._threads.submit(self._run, call)
        with self._lock:
            self._calls[future] = call
        return future

    def stop(self, futures: Iterable[Future[Any]] | None = None) -> None:
        """Cancel some calls, by default all, and end the processes that compute them.

        Calls that have not begun never begin.
        """
        with self._lock:
            stopped = list(self._calls) if futures is None else futures
            for call in filter(None, map(self._calls.get, stopped)):
                call.unwanted = True
                if call.process is not None:
                    call.process.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """End all processes."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._end()

    def _run(self, call: _Call) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            process = self._acquire(call)
            try:
                kind, reply = process.call(call.on_progress, call.function, call.arguments)
            except EOFError:
                end = self._remove(process)
                if attempt == ATTEMPTS or call.unwanted:
                    raise WorkerDied(end) from None
                continue
            self._release(call, process)
            if kind == "error":
                raise reply
            return reply
        raise AssertionError  # the last attempt returns or raises

    def _acquire(self, call: _Call) -> _Process:
        """Return a process for a call that is still wanted."""
        with self._lock:
            if call.unwanted:
                raise WorkerDied("stopped before it began")
            call.process = self._idle.pop() if self._idle else self._start_process()
            return call.process

    def _start_process(self) -> _Process:
        process = _Process(self._silence)
        self._processes.add(process)
        if self._watch is None:
            words = (weakref.ref(self),)
            self._watch = threading.Thread(target=_watch, args=words, daemon=True)
            self._watch.start()
        return process

    def look(self) -> None:
        """Check the computing processes for signs of life; end those that hang."""
        with self._lock:
            computing = self._processes.difference(self._idle)
        for process in computing:
            process.look()

    def _release(self, call: _Call, process: _Process) -> None:
        """Keep a process for the next call, unless it was stopped in the meantime."""
        with self._lock:
            call.process = None
            if not call.unwanted:
                self._idle.append(process)
                return
        self._remove(process)

    def _remove(self, process: _Process) -> str:
        """Forget a dead process; return how it ended."""
        with self._lock:
            self._processes.discard(process)
        return process.end(0.0)


@dataclass(eq=False)
class _Call:
    """A call, and the process that is computing it, if any."""

    on_progress: OnProgress
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    process: _Process | None = None
    unwanted: bool = False


class _Process:
    """One worker process."""

    def __init__(self, silence: float) -> None:
        path = os.pathsep.join(filter(None, sys.path))
        environment = os.environ | dict.fromkeys(_ONE_THREAD, "1") | {"PYTHONPATH": path}
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "oda_widgets.workers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._silence = silence
        self._silent = 0.0

    def call(self, on_progress: OnProgress, function: Callable[..., Any], arguments: Any) -> Any:
        """Return the kind of reply, "result" or "error", and the reply.

        Raises
        ------
        EOFError
            If the process dies.
        """
        assert self._popen.stdin is not None  # noqa: S101 - both are pipes
        assert self._popen.stdout is not None  # noqa: S101
        self._silent = 0.0
        try:
            send(self._popen.stdin, (function, arguments))  # type: ignore[arg-type]
        except OSError as error:
            raise EOFError from error
        while True:
            kind, reply = receive(self._popen.stdout)  # type: ignore[arg-type]
            self._silent = 0.0
            if kind == "progress":
                on_progress(reply)
            elif kind != "alive":
                return kind, reply

    def look(self) -> None:
        """Count a check without a sign of life; end the process after too many.

        Checks are counted instead of time, because they pause while this process is stopped too.
        """
        self._silent += _CHECK_EVERY
        if self._silent > self._silence:
            self._popen.kill()

    def let_go(self) -> None:
        """Detach the pipes in a forked process: their content belongs to the parent."""
        nowhere = os.open(os.devnull, os.O_RDWR)
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None and not pipe.closed:
                os.dup2(nowhere, pipe.fileno())
        os.close(nowhere)

    def kill(self) -> None:
        """End it, whatever it is doing."""
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
        if self._silent > self._silence:
            return f"without a sign of life for {self._silence:g} s"
        return f"signal {Signals(-code).name}" if code < 0 else f"exit status {code}"


class _WithoutReports:
    """A function called without the function to report with."""

    def __init__(self, function: Callable[..., Any], words: dict[str, Any]) -> None:
        self._function = function
        self._words = words

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments[:-1], **self._words)


def _ignore(_: Any) -> None:
    pass


def _watch(reference: weakref.ref[ProcessExecutor]) -> None:
    """Check the processes of an executor as long as it exists."""
    while True:
        time.sleep(_CHECK_EVERY)
        executor = reference()
        if executor is None:
            return
        executor.look()
        del executor


def _end_all(processes: set[_Process]) -> None:
    for process in processes:
        process.end(_PATIENCE)
