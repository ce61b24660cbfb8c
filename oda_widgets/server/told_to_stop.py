"""Stop the server on signals, within a deadline."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from oda_widgets.workers.stop_signals import stop_signals

DEADLINE = 8.0
"""Longest time in seconds from the signal to the end of the server."""

_LOG = logging.getLogger(__name__)


@contextmanager
def stopped_by_signals(
    stop: Callable[[], None], end_children: Callable[[], None], deadline: float = DEADLINE
) -> Iterator[None]:
    """Call `stop` on signals, and end the process if it does not stop in time.

    Signals raise no exception, since the code that happens to run might catch it.

    Parameters
    ----------
    stop
        Called on each signal, anywhere in the main thread; it should only set a flag.
    end_children
        Called after the deadline, before the process ends.
    deadline
        Longest time to stop in seconds, including the end of the interpreter.
    """
    signalled, left = threading.Event(), threading.Event()

    def receive(*_: Any) -> None:
        signalled.set()
        stop()

    def watch() -> None:
        signalled.wait()
        if left.is_set():
            return
        time.sleep(deadline)
        _end_now(end_children, deadline)

    threading.Thread(target=watch, name="oda-deadline", daemon=True).start()
    before = {number: signal.signal(number, receive) for number in stop_signals()}
    try:
        yield
    finally:
        # After a signal keep the handlers: another one must not change how the process ends.
        if not signalled.is_set():
            left.set()
            signalled.set()
            for number, handler in before.items():
                signal.signal(number, handler)


def _end_now(end_children: Callable[[], None], deadline: float) -> None:
    """End this process at once, and log what each of its threads was waiting for."""
    _LOG.error(
        "The server was told to stop and did not end within %g s; it is ended now. Jobs that were "
        "running are queued again when it starts.",
        deadline,
    )
    faulthandler.dump_traceback(sys.__stderr__ or sys.stderr)
    end_children()
    os._exit(0)
