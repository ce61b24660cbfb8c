"""A server that answers whatever a test wants, and much that no server should."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Asked:
    """A request that a server received.

    Parameters
    ----------
    method, path
        Of the request.
    form
        Its parameters, of the body only.
    """

    method: str
    path: str
    form: dict[str, list[str]]


@dataclass
class Said:
    """A reply of a server.

    Parameters
    ----------
    content
        The body.
    status, headers
        Before the body.
    seconds
        To wait before each piece of the body.
    pieces
        In how many the body is sent.
    promised
        Length that the headers promise; by default that of the body.
    """

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    pieces: int = 1
    promised: int | None = None


Answering = Callable[[Asked], Said]


@contextmanager
def serving(answering: Answering) -> Iterator[tuple[str, list[Asked]]]:
    """Start a server; give its address and the list of its requests."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def _answer(self, body: bytes) -> None:
            asked.append(Asked(self.command, self.path, parse_qs(body.decode())))
            said = answering(asked[-1])
            with suppress(OSError):
                self.send_response(said.status)
                length = len(said.content) if said.promised is None else said.promised
                for name, value in ({"Content-Length": str(length)} | said.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                size = -(-len(said.content) // said.pieces) or 1
                for start in range(0, max(len(said.content), 1), size):
                    time.sleep(said.seconds)
                    self.wfile.write(said.content[start : start + size])
            if said.promised is not None:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
