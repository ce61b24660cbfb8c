"""The kernels of the web app's pages: how many there may be, and when one ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any
from uuid import uuid4

from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
    ServerKernelManager,
)
from tornado.web import HTTPError
from traitlets import Float, Int, default

_LEFT_SECONDS = 12 * 3600.0  # a page may come back, for example through a broken SSH tunnel
_COMING_SECONDS = 300.0  # for which a page may be on its way, on a busy machine
_PREHEATED = "VOILA_PREHEAT"
_ENDING = "The app is ending. Start it again with: oda-widgets app"
_LAUNCHER, _OURS = "ipykernel_launcher", "oda_widgets.cli.page_kernel"
_START_SECONDS = 10.0  # what a kernel may need to start on a busy machine before it can be ended


class PageKernelManager(ServerKernelManager):
    """Starts a kernel that listens on no port and keeps no history of what pages run."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the words that start the kernel: ours in the place of ipykernel's."""
        words: list[str] = super().format_kernel_cmd(extra_arguments)
        if _LAUNCHER not in words:
            return words
        program, *others = [_OURS if word == _LAUNCHER else word for word in words]
        return [program, "-P", *others, "--HistoryManager.enabled=False"]


class PageKernels(AsyncMappingKernelManager):
    """Kernels of which each belongs to a page, or waits for one."""

    most_pages = Int(12, config=True, help="Pages that may be open; each has a kernel of 150 MB.")
    silent_seconds = Float(40.0, config=True, help="Time in which a page must speak to its kernel.")
    look_seconds = Float(5.0, config=True, help="Time between two looks at the kernels.")
    loading_seconds = Float(
        3.0, config=True, help="Time for which a page that has not spoken keeps its place."
    )

    @default("kernel_manager_class")
    def _kernel_manager_class_of_pages(self) -> str:
        return f"{__name__}.{PageKernelManager.__name__}"

    def __init__(self, **words: Any) -> None:
        super().__init__(**words)  # type: ignore[no-untyped-call]
        self.abandoned = 0
        """Number of pages that were left while they were being sent."""
        self.coming: set[str] = set()
        """Kernels that still run their page, which may take long; no browser is connected yet."""
        self._starting: set[str] = set()  # kernels, for pages or beforehand
        self._beforehand: dict[str, Any] = {}  # kernel: the task of Voila that started it
        self._taken: set[asyncio.Future[Any]] = set()  # tasks that pages wait for, of the above
        self._starts: set[asyncio.Future[str]] = set()
        self._is_ending = False
        self._since: dict[str, float] = {}  # when a kernel was given to a page, or its page left
        self._connected: set[str] = set()
        self._ends: set[str] = set()
        self._sent: dict[str, float] = {}  # when a page was sent that has not connected yet

    @property
    def pages(self) -> int:
        """Number of kernels that belong to a page or are being started for one."""
        given = (set(self.list_kernel_ids()) | self._starting) - self._waiting()
        # Each of them is a process until its page has been sent.
        abandoned = min(self.abandoned, self.most_pages)
        return len(given) + self._awaited() - abandoned

    def is_full(self) -> bool:
        """Return whether as many pages are open as there may be.

        Pages that left make room, as do pages that never connected: they were closed or loaded
        again before they could.
        """
        return self.pages - len(self._replaceable()) >= self.most_pages

    def check_room(self) -> None:
        """Refuse a page for which there is no room.

        Raises
        ------
        HTTPError
            If as many pages are open as there may be.
        """
        if self.is_full():
            raise HTTPError(503, self.full_text, reason=self.full_text)

    def take(self, notebook: str) -> None:
        """Note that a page is about to take the kernel that is started beforehand for a notebook.

        Raises
        ------
        HTTPError
            If as many pages are open as there may be.
        """
        self.check_room()
        self._taken.add(self._pools_of_voila()[notebook][0])

    @property
    def full_text(self) -> str:
        """The message to a reader when no further page can be opened."""
        return (
            f"{self.most_pages} pages are open, as many as this app has room for. "
            "Close one that you no longer need, and load this page again."
        )

    async def start_kernel(self, **words: Any) -> str:  # type: ignore[override]  # as its parent
        """Start a kernel.

        Raises
        ------
        HTTPError
            If it is for a page and there is no room, or if the server is ending.
        """
        if self._is_ending:
            raise HTTPError(503, _ENDING, reason=_ENDING)
        beforehand = words.get("env", {}).get(_PREHEATED) == "True"
        if not beforehand:
            self.check_room()
        kernel_id = words["kernel_id"] = words.get("kernel_id") or str(uuid4())
        self._starting.add(kernel_id)
        if beforehand:
            self._beforehand[kernel_id] = asyncio.current_task()
        try:
            return await self._start(words)
        finally:
            self._starting.discard(kernel_id)

    async def shutdown_all(self, *words: Any, **named: Any) -> None:  # type: ignore[override]
        """End all kernels, and start no other; wait for those that are just starting.

        Jupyter can end no kernel whose process runs but is not listed yet, and would leave it and
        stop with an error.
        """
        self._is_ending = True
        if self._starts:
            await asyncio.wait(self._starts, timeout=_START_SECONDS)
        await super().shutdown_all(*words, **named)

    def notify_connect(self, kernel_id: str) -> None:
        """Note that a page has connected to its kernel."""
        self._connected.add(kernel_id)
        self._sent.pop(kernel_id, None)
        super().notify_connect(kernel_id)  # type: ignore[no-untyped-call]

    @contextmanager
    def uncounted(self, kernel_id: str) -> Iterator[None]:
        """Close a connection inside that `notify_connect` has not counted; keep the count.

        Meanwhile the count is high enough that it cannot fall to 0, when messages would be kept.
        """
        counts = self._kernel_connections
        count = counts.get(kernel_id)
        if count is not None:
            counts[kernel_id] = count + 2
        yield
        if kernel_id in counts and count is not None:
            counts[kernel_id] = count

    def note_sent(self, kernel_id: str) -> None:
        """Note that a page was sent completely, so that it should connect to its kernel."""
        if kernel_id in self and kernel_id not in self._connected:
            self._sent[kernel_id] = self._since[kernel_id] = time.monotonic()

    def is_ended(self, kernel_id: str) -> bool:
        """Return whether a kernel that was started has ended, or is being ended."""
        return bool(kernel_id) and (kernel_id not in self or kernel_id in self._ends)

    async def end(self, kernel_id: str, why: str) -> None:
        """End the kernel of a page, unless it has ended; `why` is for the log."""
        if kernel_id not in self or kernel_id in self._ends:
            return
        self.log.info("Ending kernel %s: %s.", kernel_id, why)
        self._ends.add(kernel_id)
        try:
            # A kernel without a connection has nothing to end in good order.
            silent = kernel_id not in self._connected
            await self.shutdown_kernel(kernel_id, now=silent)  # type: ignore[no-untyped-call]
        finally:
            self._ends.discard(kernel_id)

    async def end_surplus(self) -> None:
        """End kernels that give way to pages that have taken their places."""
        surplus = max(self.pages - self.most_pages, 0)
        for kernel_id in self._replaceable()[:surplus]:
            await self.end(kernel_id, "its page gives way to another")

    async def end_unused(self) -> None:
        """End the kernels of pages that never connected, and of pages that left long ago."""
        now = time.monotonic()
        mine = set(self.list_kernel_ids()) - self._waiting()
        self._since = {kernel_id: self._since.get(kernel_id, now) for kernel_id in mine}
        self._connected &= mine
        unused = []
        for kernel_id in mine:
            if self._kernel_connections.get(kernel_id) or kernel_id in self.coming:
                self._since[kernel_id] = now
            elif now - self._since[kernel_id] > self._patience(kernel_id):
                unused.append(kernel_id)
        for kernel_id in unused:
            await self.end(kernel_id, "its page is gone")
        await self.end_surplus()

    async def _start(self, words: dict[str, Any]) -> str:
        """Start a kernel, and note the start, so that `shutdown_all` waits for it."""
        start = asyncio.ensure_future(super().start_kernel(**words))
        self._starts.add(start)
        start.add_done_callback(self._starts.discard)
        return await start

    def _patience(self, kernel_id: str) -> float:
        if kernel_id in self._connected:
            return _LEFT_SECONDS
        return self.silent_seconds if kernel_id in self._sent else _COMING_SECONDS

    def _kernels_without_page(self) -> list[str]:
        """Return the kernels whose pages have left, the first to leave first."""
        here = self._connected & set(self.list_kernel_ids())
        left = [kernel_id for kernel_id in here if not self._kernel_connections.get(kernel_id)]
        return sorted(left, key=lambda kernel_id: self._since.get(kernel_id, inf))

    def _replaceable(self) -> list[str]:
        """Return the kernels that make room for others, the first to do so first."""
        before = time.monotonic() - self.loading_seconds
        here = set(self.list_kernel_ids())
        self._sent = {one: when for one, when in self._sent.items() if one in here}
        return self._kernels_without_page() + [
            one for one, when in self._sent.items() if when < before
        ]

    def _awaited(self) -> int:
        """Return how many pages wait for a kernel whose start has not begun."""
        self._taken = {task for task in self._taken if not task.done()}
        return len(self._taken - {*self._beforehand.values()})

    def _waiting(self) -> set[str]:
        """Return the kernels that wait for a page, which Voila starts beforehand."""
        there = set(self.list_kernel_ids()) | self._starting
        self._beforehand = {one: task for one, task in self._beforehand.items() if one in there}
        pooled = [task for pool in self._pools_of_voila().values() for task in pool]
        return {one for one, task in self._beforehand.items() if task in pooled}

    def _pools_of_voila(self) -> dict[str, list[Any]]:
        """Return Voila's pool of each notebook: the tasks that start kernels beforehand."""
        pools: dict[str, list[Any]] = getattr(self, "_pools", {})
        return pools
