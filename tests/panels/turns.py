"""The turns of a notebook: other threads change widgets only while the test waits."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from oda_widgets.panels import stage
from oda_widgets.panels.stage import Stage
from tests.patience import PATIENCE

Act = Callable[[], object]


class Turns:
    """Stands for the loop of a notebook, in whose thread all changes are made.

    What other threads ask for is done when the thread of the test waits, in order: nothing changes
    between two lines of a test, and nothing depends on which thread is faster.
    """

    def __init__(self) -> None:
        self._own = threading.current_thread()
        self._waiting: deque[Act] = deque()
        self._closed = False

    def is_closed(self) -> bool:
        """Tell whether the notebook is gone."""
        return self._closed

    def call_soon_threadsafe(self, act: Act) -> None:
        """Do something: at once in the thread of the test, else in its next turn."""
        if threading.current_thread() is self._own:
            act()
        else:
            self._waiting.append(act)

    def take(self) -> None:
        """Do what other threads have asked for."""
        while self._waiting:
            self._waiting.popleft()()

    def close(self) -> None:
        """End as a notebook does: what comes later is not done."""
        self._closed = True


_IN_USE: list[Turns] = []


@contextmanager
def in_turns() -> Iterator[None]:
    """Let the panels that are made meanwhile change in turns."""
    turns, made = Turns(), Stage.__init__

    def opened(new: Stage) -> None:
        made(new)
        if new._loop is None:
            new._loop = turns  # type: ignore[assignment]

    _IN_USE.append(turns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stage, "__init__", opened)
        yield
    turns.close()
    _IN_USE.remove(turns)


@contextmanager
def held_timers() -> Iterator[None]:
    """Hold back what is done some time after a change, and do it at the end."""
    held: list[Act] = []

    class Timer:
        def __init__(self, _seconds: float, run: Act, words: tuple[object, ...]) -> None:
            self._run = partial(run, *words)

        def start(self) -> None:
            held.append(self._run)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "Timer", Timer)
        yield
        for run in held:  # which may hold back more
            run()


def wait_until(met: Callable[[], object]) -> None:
    """Take turns until something has come true."""
    until = time.monotonic() + PATIENCE
    while True:
        for turns in _IN_USE:
            turns.take()
        if met():
            return
        assert time.monotonic() < until, f"this did not come in {PATIENCE:g} s"
        time.sleep(0.01)


def wait_for_threads(name: str) -> None:
    """Wait for the end of the threads of a name, and do what they have asked for."""
    wait_until(lambda: all(thread.name != name for thread in threading.enumerate()))
