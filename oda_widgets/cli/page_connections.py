"""Connections of browsers to the web app: those without a request make room for others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream

MOST_CONNECTIONS = 300
"""Limit of requests and idle connections; those of open pages to their kernels are not counted."""

LIMITS = {
    "idle_connection_timeout": 60.0,  # seconds until a request must be there
    "body_timeout": 60.0,
    "max_body_size": 1 << 20,  # bytes; pages send forms only, all else by their web sockets
    "max_header_size": 3 << 20,  # browsers send addresses up to 2 MB, and get an answer in words
}
"""Limits of a request, which hold before its sender is known."""


_MOST_FILES = 4096  # connections, and the sockets of a dozen kernels


def raise_limit_of_files() -> None:
    """Let this process open more files than a shell allows by default, if it may."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource  # noqa: PLC0415 - see above

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
        if 0 <= soft < most:  # -1 is no limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class PageConnections(HTTPServer):
    """Serves requests; closes the connection that was idle for longest if there are too many."""

    def initialize(self, *values: Any, **named: Any) -> None:
        """Start with no connection."""
        super().initialize(*values, **named)
        self._idle: dict[object, None] = {}  # connections without a request, the oldest first

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Accept a connection, and close an idle one if there are too many."""
        super().handle_stream(stream, address)
        number = sum(not one.stream.closed() for one in self._connections)
        if number > MOST_CONNECTIONS and self._idle:
            longest: Any = next(iter(self._idle))
            del self._idle[longest]
            longest.stream.close()

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Wait for a request."""
        self._idle[server_conn] = None
        reader = super().start_request(server_conn, request_conn)
        return _HeadersWatch(reader, lambda: self._idle.pop(server_conn, None))

    def on_close(self, server_conn: object) -> None:
        """Forget a connection."""
        self._idle.pop(server_conn, None)
        super().on_close(server_conn)


class _HeadersWatch(HTTPMessageDelegate):
    """Passes a request on, and calls a function when its headers have arrived."""

    def __init__(self, reader: HTTPMessageDelegate, on_headers: Callable[[], object]) -> None:
        self._reader, self._on_headers = reader, on_headers

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Any:
        self._on_headers()
        return self._reader.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        return self._reader.data_received(chunk)

    def finish(self) -> None:
        self._reader.finish()

    def on_connection_close(self) -> None:
        self._reader.on_connection_close()
