"""The signals that tell a long-running program to stop."""

from __future__ import annotations

import signal

_ALWAYS = ("SIGTERM", "SIGINT")
_HANG_UP = "SIGHUP"


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return the signals at which this process should stop.

    SIGHUP is included unless it is already ignored, as under ``nohup``, which lets programs outlive
    their terminal.
    """
    names = [*_ALWAYS]
    if hasattr(signal, _HANG_UP) and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        names.append(_HANG_UP)
    return tuple(signal.Signals[name] for name in names)
