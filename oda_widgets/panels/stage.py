"""Changing widgets from background threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Lock, Timer

Act = Callable[[], object]


class Stage:
    """Changes widgets in the thread of the notebook, once the browser has drawn them.

    While it loads, the browser requests the state of all widgets at once: the request fails if
    another thread creates a widget meanwhile, and a change between request and drawing is lost.
    Background threads therefore pass their changes to the stage, which holds them back until
    it is opened.

    Outside a notebook there is nothing to wait for: changes are made at once.
    """

    def __init__(self) -> None:
        self._loop = _running_loop()
        self._lock = Lock()
        self._waiting: list[Act] | None = None if self._loop is None else []

    def __call__(self, act: Act) -> None:
        """Make a change now, or as soon as the stage is open."""
        with self._lock:
            if self._waiting is not None:
                self._waiting.append(act)
                return
        self._perform(act)

    def open(self) -> None:
        """Make the changes held back so far, and all later ones at once."""
        with self._lock:  # what another thread changes now comes after
            for act in self._waiting or ():
                self._perform(act)
            self._waiting = None

    def _perform(self, act: Act) -> None:
        if self._loop is None:
            act()
        elif not self._loop.is_closed():  # else the notebook is gone
            self._loop.call_soon_threadsafe(act)


class Later:
    """Runs a function in the background, once no other follows for a moment.

    Parameters
    ----------
    stage
        Makes the changes that the functions return.
    patience
        Length of the moment, seconds.
    """

    def __init__(self, stage: Stage, patience: float) -> None:
        self._stage = stage
        self._patience = patience
        self._latest = 0

    def __call__(self, work: Callable[[], Act]) -> None:
        """Run a function; the change that it returns is made unless another call came first."""
        self._latest += 1
        timer = Timer(self._patience, self._run, (work, self._latest))
        timer.daemon = True
        timer.start()

    def drop(self) -> None:
        """Forget the function that is waiting or running."""
        self._latest += 1

    def _run(self, work: Callable[[], Act], number: int) -> None:
        if number == self._latest:
            act = work()
            self._stage(lambda: act() if number == self._latest else None)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
