"""A page's connection to its kernel, which may close at any moment, also while it opens."""

from __future__ import annotations

from typing import Any

from tornado.web import Finish, HTTPError
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

_MOST_SILENT = 10  # pings without an answer: a busy machine starves the browser for minutes


class PageSocket(VoilaKernelWebsocketHandler):  # type: ignore[misc]  # Voila publishes no types
    """Connects a page to its kernel, and cleans up if it closes before it is open.

    Jupyter's handler then fails with status 500, and counts one page too few.
    """

    connection: Any = None
    _is_counted = False
    _is_gone = False

    @property
    def ping_timeout(self) -> float:
        """Time after which a page that answers no ping is given up, ms.

        Tornado reads it first, for pings of its own, which it sends as rarely as there are seconds
        in place of milliseconds; it takes no timeout above their interval.
        """
        interval: float = self.ping_interval
        return _MOST_SILENT * interval if self._is_counted else interval

    async def get(self, kernel_id: str) -> None:
        """Connect, and ignore errors after the page or its kernel has gone."""
        try:
            await super().get(kernel_id=kernel_id)
        except (Finish, HTTPError):
            raise
        except Exception:
            if self._is_gone or kernel_id not in self.kernel_manager:
                raise Finish from None
            raise

    async def pre_get(self) -> None:
        """Prepare a connection, unless the page goes meanwhile."""
        await super().pre_get()
        if self._is_gone:
            self._drop()
            raise Finish

    async def open(self, kernel_id: str) -> None:
        """Connect to the kernel, and ignore errors after the page has gone."""
        self._is_counted = True
        try:
            await super().open(kernel_id)
        except Exception:
            if not self._is_gone:
                raise

    def write_message(self, *words: Any, **named: Any) -> Any:
        """Send a message, and ignore the error if the page closes meanwhile."""
        written = super().write_message(*words, **named)
        written.add_done_callback(lambda done: done.cancelled() or done.exception())
        return written

    def on_close(self) -> None:
        """Note that the page has gone."""
        self._is_gone = True
        if self._is_counted:
            super().on_close()
        else:
            self._drop()

    def _drop(self) -> None:
        """Give up a connection that was never open."""
        if self.connection is not None:
            with self.kernel_manager.uncounted(self.kernel_id):
                super().on_close()
