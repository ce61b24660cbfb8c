"""Signals that tell the server to stop, and the deadline for its end."""

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
"""Seconds from the signal after which the server ends, whatever it is waiting for."""

_LOG = logging.getLogger(__name__)


@contextmanager
def stopped_by_signals(
    stop: Callable[[], None], end_children: Callable[[], None], deadline: float = DEADLINE
) -> Iterator[None]:
    """Hand signals on as a request to stop, and end the process if it does not follow in time.

    A signal raises nothing: an exception at an arbitrary place could be swallowed there.

    Parameters
    ----------
    stop
        Called at each signal, at any place of the main thread; it should only set a flag.
    end_children
        Called when the deadline has passed, before the process ends.
    deadline
        Seconds that stopping may take, the end of the interpreter included.
    """
    told, left = threading.Event(), threading.Event()

    def receive(*_: Any) -> None:
        told.set()
        stop()

    def watch() -> None:
        told.wait()
        if left.is_set():
            return
        time.sleep(deadline)
        _end_at_last(end_children, deadline)

    threading.Thread(target=watch, name="oda-deadline", daemon=True).start()
    before = {number: signal.signal(number, receive) for number in stop_signals()}
    try:
        yield
    finally:
        # Once told to stop, the process ends: another signal must not change how.
        if not told.is_set():
            left.set()
            told.set()
            for number, handler in before.items():
                signal.signal(number, handler)


def _end_at_last(end_children: Callable[[], None], deadline: float) -> None:
    """End this process at once, and say what each of its threads was waiting for."""
    _LOG.error(
        "The server was told to stop and did not end within %g s; it is ended now. Jobs that were "
        "running are queued again when it starts.",
        deadline,
    )
    faulthandler.dump_traceback(sys.__stderr__ or sys.stderr)
    end_children()
    os._exit(0)
