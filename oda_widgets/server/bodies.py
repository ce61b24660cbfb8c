"""Read the bodies of requests within limits, for each client and in total."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from oda_widgets.errors import BadParameter

LARGEST_BODY = 10 << 20
_SMALL = 64 << 10  # bytes of each request that do not count
MOST_OF_CLIENT = 64 << 20
"""Bytes that one client may be sending at a time, not counting the first 64 kB of each body."""

MOST_IN_ALL = 256 << 20
"""Bytes that all clients together may be sending at a time, counted in the same way."""

_LATER = "Send it again when other requests have ended."


class TooLarge(BadParameter):
    """A request is longer than any useful one."""


class TooMuchAtOnce(BadParameter):
    """A request arrives while too many others are being received."""


class Bodies:
    """The bodies of all requests that are being received or parsed."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the body of a request; its memory counts until the block ends.

        Raises
        ------
        TooLarge
            If it is longer than `LARGEST_BODY`.
        TooMuchAtOnce
            If there is no room for it now; small bodies always have room.
        BadParameter
            If it ends early.
        """
        client = request.client.host if request.client else ""
        counted = 0
        content = bytearray()
        _check_size(int(request.headers.get("content-length", "0")))
        try:
            async for chunk in request.stream():
                content += chunk
                _check_size(len(content))
                more = max(len(content) - _SMALL, 0) - counted
                if more:
                    self._check_room(client, more)
                    self._held[client] += more
                    counted += more
            body = bytes(content)
            content.clear()
            yield body
        except ClientDisconnect:
            raise BadParameter("request", "...", "it ended early", "Send it again.") from None
        finally:
            self._held -= Counter({client: counted})  # drops clients at 0

    def _check_room(self, client: str, more: int) -> None:
        if self._held[client] + more > MOST_OF_CLIENT:
            limit = f"you are sending more than {MOST_OF_CLIENT >> 20} MB at once"
            raise TooMuchAtOnce("request", "...", limit, _LATER)
        if self._held.total() + more > MOST_IN_ALL:
            limit = f"more than {MOST_IN_ALL >> 20} MB are being received at once"
            raise TooMuchAtOnce("request", "...", limit, _LATER)


def _check_size(count: int) -> None:
    if count > LARGEST_BODY:
        limit = f"longer than {LARGEST_BODY >> 20} MB"
        raise TooLarge("request", f"{count} bytes", limit, "Send less.")
