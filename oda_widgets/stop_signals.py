"""The signals that tell a long-running program to stop."""

from __future__ import annotations

import signal

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP")


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return the signals at which this process should stop.

    A signal that was ignored when the process began is left ignored: ``nohup`` does so with SIGHUP,
    and shells with the SIGINT of programs that they start in the background.
    """
    known = [signal.Signals[name] for name in _NAMES if hasattr(signal, name)]
    return tuple(number for number in known if signal.getsignal(number) is not signal.SIG_IGN)
