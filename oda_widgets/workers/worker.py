"""A worker process: it reads calls from its standard input and writes their results.

Run as ``python -m oda_widgets.workers.worker``; `ProcessExecutor` does. Processes of
`multiprocessing` would import the user's script again, and run its query again unless that is
guarded.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from typing import Any, BinaryIO


def send(stream: BinaryIO, message: object) -> None:
    """Write a message, pickled twice: if it cannot be unpickled, the stream is still intact."""
    pickle.dump(pickle.dumps(message), stream)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read a message.

    Raises
    ------
    EOFError
        If the other side has gone.
    """
    try:
        content = pickle.load(stream)  # noqa: S301 - from our own process
    except (OSError, pickle.UnpicklingError) as error:
        raise EOFError from error
    return pickle.loads(content)  # noqa: S301 - from our own process


BEAT = 2.0
"""Seconds between two signs of life of a worker that computes."""


class _Replies:
    """The stream of replies; while a call is computed, a thread gives signs of life."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._computes = False
        threading.Thread(target=self._beat, daemon=True).start()

    def begin(self) -> None:
        """Give signs of life from now on."""
        self._computes = True

    def send(self, kind: str, content: object) -> None:
        """Write a message; any kind but "progress" ends a call."""
        with self._lock:
            self._computes = self._computes and kind == "progress"
            send(self._stream, (kind, content))

    def _beat(self) -> None:
        while True:
            time.sleep(BEAT)
            with self._lock:
                if self._computes:
                    try:
                        send(self._stream, ("alive", None))
                    except OSError:
                        os._exit(0)  # the session has ended


def main() -> None:
    """Compute calls until the session ends."""
    # Ctrl-C reaches all processes of a terminal; the session decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(os.dup(0), "rb") as calls, os.fdopen(os.dup(1), "wb") as stream:
        # What a call prints must not mix with the replies.
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        replies = _Replies(stream)
        try:
            while True:
                replies.send(*_reply(calls, replies))
        except (EOFError, BrokenPipeError):
            os._exit(0)  # the session has ended: there is nothing left to do


def _reply(calls: BinaryIO, replies: _Replies) -> tuple[str, object]:
    """Return the next call's result, or its error."""
    try:
        function, arguments = receive(calls)
        replies.begin()
        return "result", function(*arguments, lambda progress: replies.send("progress", progress))
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - the caller handles it
        return "error", _portable(error)


def _portable(error: Exception) -> Exception:
    """Return an error that can be pickled."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    main()
