"""When and where widgets may be changed by work that goes on in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Lock

Act = Callable[[], object]


class Stage:
    """Changes widgets in the thread of the notebook, once the page can follow.

    A page that is still loading asks the kernel for all widgets at once: that answer fails when
    another thread makes a widget meanwhile, and a change between answer and drawing is lost. So
    background work hands its changes to the stage, which waits for the curtain.

    Outside a notebook there is no page to wait for: changes are made at once.
    """

    def __init__(self) -> None:
        self._loop = _running_loop()
        self._lock = Lock()
        self._waiting: list[Act] | None = None if self._loop is None else []

    def __call__(self, act: Act) -> None:
        """Make a change, now or as soon as the page is drawn."""
        with self._lock:
            if self._waiting is not None:
                self._waiting.append(act)
                return
        self._perform(act)

    def open(self) -> None:
        """Make the waiting changes: the page is drawn."""
        with self._lock:
            waiting, self._waiting = self._waiting or [], None
        for act in waiting:
            self._perform(act)

    def _perform(self, act: Act) -> None:
        if self._loop is None:
            act()
        elif not self._loop.is_closed():  # else the notebook is gone, and nobody looks
            self._loop.call_soon_threadsafe(act)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
