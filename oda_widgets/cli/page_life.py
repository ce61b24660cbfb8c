"""The beginning and the end of a page: what it is sent, and its last word."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado.web import authenticated
from voila.tornado.handler import TornadoVoilaHandler

_KERNEL = re.compile(r'"kernelId": ?"([\w-]+)"')  # in the settings that Voila gives a page


class PageStart(TornadoVoilaHandler):  # type: ignore[misc]  # Voila publishes no types
    """Sends a page; if it is left while it comes, as by loading it again, its kernel ends."""

    _kernel_id = ""
    _notebook: Any = None
    _is_gone = False
    _is_over = False

    async def get(self, path: str | None = None) -> None:
        """Send the page."""
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
            If it does and there are as many pages as there may be: others came first meanwhile.
        """
        takes_one = bool(super().should_use_rendered_notebook(*words))
        if takes_one:
            self.kernel_manager.take(self._notebook)
        return takes_one

    async def get_generator(self, path: str | None = None) -> AsyncIterator[str]:
        """Yield the page piece by piece, for as long as somebody waits for it.

        A kernel that ended in the middle would be a fault in the log: it runs the page to its end.
        """
        async for piece in super().get_generator(path=path):
            found = not self._kernel_id and _KERNEL.search(piece)
            if found:
                self._kernel_id = found[1]
                self.kernel_manager.coming.add(found[1])
            if not self._is_gone:
                yield piece

    def on_connection_close(self) -> None:
        """Note that nobody waits for the page any longer."""
        if not self._is_over:
            self._is_gone = True
            self.kernel_manager.abandoned += 1

    async def _settle(self) -> None:
        """Take leave of a page that was sent, or of one that nobody waits for."""
        self._is_over = True
        kernels = self.kernel_manager
        kernels.coming.discard(self._kernel_id)
        if self._is_gone:
            await kernels.end(self._kernel_id)
            kernels.abandoned -= 1
        else:
            kernels.note_sent(self._kernel_id)
        await kernels.end_surplus()


class PageEnd(APIHandler):
    """Hears that a page is left or loaded again, which it may say more than once."""

    @authenticated
    async def post(self, kernel_id: str) -> None:
        """End the kernel of the page."""
        kernels: Any = self.kernel_manager
        await kernels.end(kernel_id)
        self.set_status(204)
