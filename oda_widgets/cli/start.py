"""Starting ``oda-widgets``: Ctrl-C ends it quietly while its code is imported."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


def command() -> int:
    """Run ``oda-widgets``; return its exit code."""
    with interrupts_end():
        from oda_widgets.cli.main import main  # noqa: PLC0415 - see above
    return main()


@contextmanager
def interrupts_end() -> Iterator[None]:
    """Let Ctrl-C end this process as it ends a program in C, without a traceback."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    yield
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, handler)
