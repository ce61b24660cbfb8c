"""The beginning and the end of a page: how it is sent, and how it says that it is left."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado.ioloop import IOLoop
from tornado.web import authenticated
from voila.tornado.handler import TornadoVoilaHandler

_KERNEL = re.compile(r'"kernelId": ?"([\w-]+)"')  # in the settings that Voila gives a page
_LEFT = "its page was left"
_PAGE: ContextVar[PageStart | None] = ContextVar(
    "page", default=None
)  # the page that is being sent


def is_to_be_logged(record: logging.LogRecord) -> bool:
    """Return False for an error of a page whose kernel was ended while the page was sent."""
    page = _PAGE.get()
    return record.levelno < logging.WARNING or page is None or not page.is_left


class PageStart(TornadoVoilaHandler):  # type: ignore[misc]  # Voila publishes no types
    """Sends a page; if it is left meanwhile, even while it computes, its kernel ends."""

    _kernel_id = ""
    _notebook: Any = None
    _is_gone = False
    _is_over = False
    _is_counted = False  # among the abandoned pages

    @property
    def is_left(self) -> bool:
        """Whether nobody waits for the page any longer, or its kernel was ended."""
        return self._is_gone or self.kernel_manager.is_ended(self._kernel_id)

    async def get(self, path: str | None = None) -> None:
        """Send the page."""
        _PAGE.set(self)
        self._notebook = self.notebook_path or path
        try:
            await super().get(path)
        finally:
            await self._settle()

    def should_use_rendered_notebook(self, *words: Any) -> bool:
        """Return whether the page takes a kernel that was started beforehand.

        Raises
        ------
        HTTPError
            If it does, and other pages have taken all room meanwhile.
        """
        takes_one = bool(super().should_use_rendered_notebook(*words))
        if takes_one:
            self.kernel_manager.take(self._notebook)
        return takes_one

    async def get_generator(self, path: str | None = None) -> AsyncIterator[str]:
        """Yield the page piece by piece, as long as somebody waits for it.

        The rest is then made without its kernel, at once, and discarded.
        """
        async for piece in super().get_generator(path=path):
            found = not self._kernel_id and _KERNEL.search(piece)
            if found:
                self._kernel_id = found[1]
                self.kernel_manager.coming.add(found[1])
                if self._is_gone:
                    await self._leave()
            if not self._is_gone:
                yield piece

    def on_connection_close(self) -> None:
        """Note that nobody waits for the page any longer, and end its kernel if it has one."""
        if not self._is_over and not self._is_gone:
            self._is_gone = self._is_counted = True
            self.kernel_manager.abandoned += 1
            if self._kernel_id:
                IOLoop.current().add_callback(self._leave)

    async def _leave(self) -> None:
        """End the kernel of a page that nobody waits for."""
        await self.kernel_manager.end(self._kernel_id, _LEFT)
        if self._is_counted:
            self._is_counted = False
            self.kernel_manager.abandoned -= 1

    async def _settle(self) -> None:
        """Note that a page was sent, or end the kernel of one that nobody waits for."""
        self._is_over = True
        kernels = self.kernel_manager
        kernels.coming.discard(self._kernel_id)
        if self._is_gone:
            await self._leave()
        else:
            kernels.note_sent(self._kernel_id)
        await kernels.end_surplus()


class PageEnd(APIHandler):
    """Receives the message that a page is left or loaded again, which may come twice."""

    @authenticated
    async def post(self, kernel_id: str) -> None:
        """End the kernel of the page."""
        kernels: Any = self.kernel_manager
        await kernels.end(kernel_id, _LEFT)
        self.set_status(204)
