"""A server of an archive that behaves as HEASARC's does, and as it does on a bad day."""

from __future__ import annotations

import hashlib
import html
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

_PIECE = 1 << 18
_PAGE = b"<!DOCTYPE html><html><body>Welcome to the wireless network</body></html>"
FAULTS = (
    "drop",
    "missing",
    "error",
    "truncated",
    "page",
    "short",
    "loop",
    "drip",
    "noise",
)


class Line:
    """A line of limited speed that several connections share."""

    def __init__(self) -> None:
        self._free = 0.0
        self._lock = threading.Lock()

    def wait(self, count: int, rate: float) -> None:
        """Wait until some bytes have gone through."""
        if not rate:
            return
        with self._lock:
            now = time.monotonic()
            self._free = max(self._free, now) + count / rate
            seconds = self._free - now
        time.sleep(seconds)


@dataclass
class ArchiveServer:
    """A server of the files of a folder.

    Parameters
    ----------
    root
        The folder.
    seconds
        To wait before each response.
    fault
        Given the path of a request, names what goes wrong with it (see `FAULTS`); empty if nothing.
    lists
        How folders are listed: "apache", "s3" or "none".
    redirect
        Where everything is redirected to, if anywhere.
    rate
        Bytes per second that all connections share; 0 for as many as there can be.
    asked
        Paths of the requests so far, with the method and the range.
    bodies
        Bytes of files that were sent.
    """

    root: Path
    seconds: float = 0.0
    fault: Callable[[str], str] = lambda _: ""
    lists: str = "apache"
    redirect: str = ""
    rate: float = 0.0
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    bodies: int = 0
    address: str = ""
    base_path: str = "/FTP/integral/data"
    line: Line = field(default_factory=Line)

    @property
    def files_asked(self) -> list[str]:
        """The requests for files, not for lists."""
        return [line for line in self.asked if "GET" in line and ".fits" in line]


@contextmanager
def serving_archive(
    root: Path, certificate: Path | None = None, port: int = 0, **words: Any
) -> Iterator[ArchiveServer]:
    """Serve a folder; with a certificate (and key) by https."""
    state = ArchiveServer(root, **words)
    server = _Server(("127.0.0.1", port), _Handler)
    server.state = state
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    state.address = f"{scheme}://127.0.0.1:{server.server_address[1]}{state.base_path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.hang_up()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """A server that knows what its handlers share."""

    daemon_threads = True
    state: ArchiveServer

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.connections: list[socket.socket] = []

    def get_request(self) -> Any:
        connection, address = super().get_request()
        self.connections.append(connection)
        return connection, address

    def hang_up(self) -> None:
        """End the connections that clients keep open, as a server does that is switched off."""
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def do_HEAD(self) -> None:
        self._respond()

    def do_GET(self) -> None:
        self._respond()

    def _respond(self) -> None:
        part = self.headers.get("Range", "")
        self.server.state.asked.append(f"{self.command} {self.path} {part}".strip())
        self.server.state.agents.add(self.headers.get("User-Agent", ""))
        time.sleep(self.server.state.seconds)
        fault = self.server.state.fault(self.path)
        if self.server.state.redirect:
            self._send(302, b"", {"Location": self.server.state.redirect + self.path})
        elif fault in {"error", "missing", "page", "loop"}:
            self._fail(fault)
        elif fault == "drop":
            self._drop()
        else:
            self._serve(fault)

    def _fail(self, fault: str) -> None:
        if fault == "loop":
            self._send(302, b"", {"Location": self.path})
        elif fault == "page":
            self._send(200, _PAGE, {"Content-Type": "text/html"})
        else:
            self._send(500 if fault == "error" else 404, b"<html>sorry</html>")

    def _drop(self) -> None:
        """Reset the connection."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _serve(self, fault: str) -> None:
        parts = urlsplit(self.path)
        if self.server.state.lists == "s3" and "list-type" in parts.query:
            self._list_bucket({k: v[0] for k, v in parse_qs(parts.query).items()})
            return
        below = unquote(parts.path).removeprefix(self.server.state.base_path).strip("/")
        path = (self.server.state.root / below).resolve()
        inside = path.is_relative_to(self.server.state.root.resolve())
        if inside and path.is_file():
            self._send_file(path, fault)
        elif inside and path.is_dir() and self.server.state.lists == "apache":
            self._send(200, _page(path), {"Content-Type": "text/html;charset=UTF-8"})
        else:
            self._send(403 if self.server.state.lists == "s3" else 404, b"<html>not found</html>")

    def _send_file(self, path: Path, fault: str) -> None:
        status = path.stat()
        stamp = hashlib.sha256(f"{path} {status.st_size} {status.st_mtime_ns}".encode())
        headers = {
            "ETag": f'"{stamp.hexdigest()[:16]}"',
            "Last-Modified": formatdate(status.st_mtime, usegmt=True),
            "Accept-Ranges": "bytes",
        }
        if path.suffix == ".gz":
            headers |= {"Content-Type": "application/x-gzip", "Content-Encoding": "x-gzip"}
        start, code = 0, 200
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if found:
            start, code = int(found[1]), 206
            if start >= status.st_size:
                self._send(416, b"", {"Content-Range": f"bytes */{status.st_size}"})
                return
            last = status.st_size - 1
            headers["Content-Range"] = f"bytes {start}-{last}/{status.st_size}"
        self._send_body(path, start, status.st_size - start, code, headers, fault)

    def _send_body(
        self, path: Path, start: int, length: int, code: int, headers: Any, fault: str
    ) -> None:
        promised = length // 2 if fault == "short" else length
        sent = length // 2 if fault in {"truncated", "short"} else length
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(promised)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        with path.open("rb") as file:
            file.seek(start)
            self._send_pieces(file, sent, fault)
        if fault == "truncated":
            self.close_connection = True

    def _send_pieces(self, file: BinaryIO, left: int, fault: str) -> None:
        first = True
        while left:
            piece = file.read(min(_PIECE, left))
            if fault == "noise" and len(piece) > 2000:
                piece = piece[:1000] + bytes(b ^ 0x55 for b in piece[1000:1040]) + piece[1040:]
            if fault == "drip" and first:
                self.wfile.write(piece[:100])
                time.sleep(0.3)
                piece = piece[100:]
                left -= 100
            self.server.state.line.wait(len(piece), self.server.state.rate)
            self.wfile.write(piece)
            self.server.state.bodies += len(piece)
            left -= len(piece)
            first = False

    def _list_bucket(self, query: dict[str, str]) -> None:
        prefix = query["prefix"]
        below = prefix.removeprefix(self.server.state.base_path.strip("/")).strip("/")
        folder = self.server.state.root / below
        names = sorted(folder.iterdir()) if folder.is_dir() else []
        begin, number = int(query.get("continuation-token", "0")), 2
        page, rest = names[begin : begin + number], names[begin + number :]
        entries = "".join(
            f"<CommonPrefixes><Prefix>{prefix}{path.name}/</Prefix></CommonPrefixes>"
            if path.is_dir()
            else f"<Contents><Key>{prefix}{path.name}</Key></Contents>"
            for path in page
        )
        further = f"<NextContinuationToken>{begin + number}</NextContinuationToken>"
        text = (
            '<?xml version="1.0"?><ListBucketResult '
            'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{str(bool(rest)).lower()}</IsTruncated>{entries}"
            f"{further if rest else ''}</ListBucketResult>"
        )
        self._send(200, text.encode(), {"Content-Type": "application/xml"})

    def _send(self, code: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _page(folder: Path) -> bytes:
    """Return the list of a folder as Apache writes it."""
    rows = "".join(
        f'<a href="{html.escape(path.name)}{"/" if path.is_dir() else ""}">'
        f"{html.escape(path.name[:20])}</a>  2024-03-11 10:00   25M\n"
        for path in sorted(folder.iterdir())
    )
    return (
        "<html><head><title>Index of /FTP</title></head><body><pre>"
        '<a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a>\n'
        f'<a href="/FTP/">Parent Directory</a>\n{rows}</pre></body></html>'
    ).encode()
