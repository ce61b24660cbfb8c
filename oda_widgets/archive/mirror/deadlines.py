"""Set deadlines for whole requests: the timeouts of httpx start again with each piece received.

Without them, a server that sends pieces of a header now and then, or endless "100 Continue", would
block for ever. A deadline holds for all reads and writes of the thread that set it.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx


class OutOfTime(Exception):
    """The deadline of a request has passed."""


class Deadlines:
    """The deadlines of the requests of a client, one for each thread.

    Parameters
    ----------
    client
        The client; its connections opened from now on obey the deadlines.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._of_thread = threading.local()
        # httpx offers no other way to replace the network and keep the proxies of the environment;
        # its minor version is pinned.
        for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
            if isinstance(transport, httpx.HTTPTransport):
                pool = transport._pool  # noqa: SLF001
                pool._network_backend = _Network(pool._network_backend, self)  # noqa: SLF001

    @contextmanager
    def within(self, seconds: float, done: str) -> Iterator[None]:
        """Limit the time of this thread's requests in the block.

        Parameters
        ----------
        seconds
            From now on.
        done
            What the server must have done by then, for the message: "begun its response".

        Raises
        ------
        OutOfTime
            If they take longer.
        """
        self._of_thread.end = time.monotonic() + seconds
        try:
            yield
        except OutOfTime:
            late = f"{done} in {seconds:.0f} s"
            raise OutOfTime(late) from None
        finally:
            del self._of_thread.end

    @contextmanager
    def shortened(self, timeout: float | None) -> Iterator[float | None]:
        """Yield a timeout that ends at the deadline."""
        end = getattr(self._of_thread, "end", None)
        if end is None:
            yield timeout
            return
        left = end - time.monotonic()
        if left <= 0:
            raise OutOfTime
        try:
            yield left if timeout is None else min(timeout, left)
        except httpcore.TimeoutException:
            if time.monotonic() < end:
                raise
            raise OutOfTime from None


class _Network(httpcore.NetworkBackend):
    """A network whose streams obey the deadlines."""

    def __init__(self, inner: httpcore.NetworkBackend, deadlines: Deadlines) -> None:
        self._inner = inner
        self._deadlines = deadlines

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        with self._deadlines.shortened(timeout) as left:
            stream = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self._deadlines)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """A stream whose reads and writes obey the deadlines."""

    def __init__(self, inner: httpcore.NetworkStream, deadlines: Deadlines) -> None:
        self._inner = inner
        self._deadlines = deadlines

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self._deadlines.shortened(timeout) as left:
            return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._deadlines.shortened(timeout) as left:
            self._inner.write(buffer, left)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        with self._deadlines.shortened(timeout) as left:
            stream = self._inner.start_tls(ssl_context, server_hostname, left)
        return _Stream(stream, self._deadlines)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
