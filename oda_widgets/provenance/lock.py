"""Lock a node by a file with a heartbeat: one process computes, the others wait.

A lock without a heartbeat is taken over. If two processes take it over at once, both compute the
same result and write it completely: only computing time is lost.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from oda_widgets.files import make_folder, read_mapping, write_new

_BEAT = 2.0  # seconds between beats
_DEAD = 20.0  # seconds without a beat after which a lock is taken over
_LOOK = 0.05  # seconds between checks of a lock


@contextmanager
def only_one(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock file; wait while another process, or thread, holds it.

    Parameters
    ----------
    path
        Path of the lock file.
    waiting
        Called at each check of a lock that is held; may raise to give up.
    """
    token = token_hex(8)
    held = _acquired(path, token, waiting)
    stop = threading.Event()
    heart = threading.Thread(target=_beat, args=(path, stop), daemon=True)
    if held:
        heart.start()
    try:
        yield
    finally:
        stop.set()
        if held:
            _release(path, token)


def _acquired(path: Path, token: str, waiting: Callable[[], None]) -> bool:
    """Wait for a lock; return False if locks cannot be written here."""
    last, since = None, time.monotonic()
    while True:
        try:
            _create(path, token)
        except FileExistsError:
            pass
        except OSError:
            return False
        else:
            return True
        waiting()
        beat = _last_beat(path)
        if beat != last:
            last, since = beat, time.monotonic()
        # The clock of a file server may differ from ours: measure how long the beat stays the same.
        if _holder_is_gone(path) or time.monotonic() - since > _DEAD:
            try:
                path.unlink(missing_ok=True)
            except OSError:
                return False
            continue
        time.sleep(_LOOK)


def _create(path: Path, token: str) -> None:
    """Create a lock file that names its holder; it appears complete or not at all."""
    make_folder(path.parent)
    holder = {"host": socket.gethostname(), "pid": os.getpid(), "token": token}
    write_new(path, json.dumps(holder).encode())


def _release(path: Path, token: str) -> None:
    if _holder(path).get("token") == token:
        with suppress(OSError):  # a lock that remains is taken over, since its heartbeat ends
            path.unlink(missing_ok=True)


def _beat(path: Path, stop: threading.Event) -> None:
    while not stop.wait(_BEAT):
        with suppress(OSError):
            os.utime(path)


def _last_beat(path: Path) -> int | None:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return None


def _holder_is_gone(path: Path) -> bool:
    """Return whether the holder was a process of this machine that has ended."""
    holder = _holder(path)
    if os.name != "posix" or holder.get("host") != socket.gethostname():
        return False
    try:
        os.kill(int(str(holder["pid"])), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, KeyError, OverflowError):
        return False  # the process belongs to another user, or the lock names none
    return False


def _holder(path: Path) -> dict[str, object]:
    """Return the holder that a lock names; empty for locks of earlier versions."""
    return read_mapping(path)
