"""Starting ``oda-widgets``: Ctrl-C ends it quietly while its code is imported."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def command() -> int:
    """Run ``oda-widgets``; return its exit code."""
    open_closed_streams()
    with interrupts_end():
        from oda_widgets.cli.main import main  # noqa: PLC0415 - see above
    return main()


def open_closed_streams() -> None:
    """Open standard streams that are closed, on the null device.

    Else a file that is opened later would take the number of a stream, and messages its content.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = os.O_RDONLY if name == "stdin" else os.O_WRONLY
            setattr(
                sys, name, os.fdopen(os.open(os.devnull, mode), "r" if name == "stdin" else "w")
            )


@contextmanager
def interrupts_end() -> Iterator[None]:
    """Let Ctrl-C end this process as it ends a program in C, without a traceback."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    yield
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, handler)
