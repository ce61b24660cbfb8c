"""Clients that do not take their answers cost others nothing."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn

from oda_widgets.server import connection
from oda_widgets.server.connection import Connection
from tests.patience import PATIENCE, wait_until

MOST = 5
PIECE, PIECES = bytes(1 << 16), 500  # more than the sockets of a connection hold


async def answer(scope: Any, _: Any, send: Any) -> None:
    """Answer at length; with less than the server would wait for; or shortly."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    pieces = {"/": PIECES * [PIECE], "/some": [bytes(60_000)], "/short": []}
    for piece in pieces[scope["path"]]:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"whole", "more_body": False})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[uvicorn.Server]:
    """Give a server with few connections, whose deadlines no test meets by chance."""
    monkeypatch.setattr(connection, "MOST_CONNECTIONS", MOST)
    for name in ("HEADER_SECONDS", "BODY_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(connection, name, PATIENCE)
    options: dict[str, Any] = {"lifespan": "off", "log_level": "critical"}
    server = uvicorn.Server(uvicorn.Config(answer, port=0, http=Connection, **options))
    thread = Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield server
    server.should_exit = server.force_exit = True
    thread.join(PATIENCE)
    assert not thread.is_alive()


def port_of(server: uvicorn.Server) -> int:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def ask_and_take_nothing(
    server: uvicorn.Server, stack: ExitStack, number: int, client: str = "127.0.0.1"
) -> list[socket.socket]:
    """Ask for long answers, and wait until the server waits for their readers."""
    opened = []
    for _ in range(number):
        (reader,) = connected(server, stack, 1, client)
        begin_answer(reader, "/")
        opened.append(reader)
        wait_until(lambda: are_all_waiting(server))
    return opened


def begin_answer(reader: socket.socket, path: str) -> None:
    """Ask, and see that the answer begins."""
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert reader.recv(1, socket.MSG_PEEK)


def connected(
    server: uvicorn.Server, stack: ExitStack, number: int, client: str = "127.0.0.1"
) -> list[socket.socket]:
    """Give connections of a client that holds little of an answer."""
    opened = [stack.enter_context(socket.socket()) for _ in range(number)]
    for reader in opened:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.settimeout(PATIENCE)
        reader.bind((client, 0))
        reader.connect(("127.0.0.1", port_of(server)))
    return opened


def are_all_waiting(server: uvicorn.Server) -> bool:
    connections = set(server.server_state.connections)
    return all(one.waits_for_client for one in connections)  # type: ignore[union-attr]


def short_answer(server: uvicorn.Server) -> str:
    return httpx.get(f"http://127.0.0.1:{port_of(server)}/short", timeout=PATIENCE).text


def test_readers_that_take_nothing_make_room(server: uvicorn.Server, stack: ExitStack) -> None:
    ask_and_take_nothing(server, stack, 2 * MOST)
    assert [short_answer(server) for _ in range(3)] == ["whole"] * 3
    wait_until(lambda: len(server.server_state.connections) <= MOST)


@pytest.mark.skipif(sys.platform != "linux", reason="has one address for itself")
def test_whoever_has_most_connections_makes_room(server: uvicorn.Server, stack: ExitStack) -> None:
    (oldest,) = ask_and_take_nothing(server, stack, 1, client="127.0.0.2")
    ask_and_take_nothing(server, stack, 2 * MOST)
    assert short_answer(server) == "whole"
    received = 0
    while received < len(PIECE) * PIECES:
        received += len(oldest.recv(1 << 20))


def test_a_reader_that_takes_nothing_is_given_up(
    server: uvicorn.Server, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 0.05)
    ask_and_take_nothing(server, stack, 2)
    wait_until(lambda: not server.server_state.connections)


def test_a_reader_that_takes_nothing_of_short_answers_is_given_up(
    server: uvicorn.Server, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of them is too little for the server to wait before it sends on."""
    monkeypatch.setattr(connection, "READ_SECONDS", 0.05)
    monkeypatch.setattr(server.config, "timeout_keep_alive", 0.01)
    server.servers[0].sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    (reader,) = connected(server, stack, 1)
    begin_answer(reader, "/some")
    wait_until(lambda: not server.server_state.connections)


def test_a_reader_that_takes_its_time_gets_the_whole_answer(
    server: uvicorn.Server, stack: ExitStack
) -> None:
    (reader,) = ask_and_take_nothing(server, stack, 1)
    received = b""
    while not received.endswith(b"whole\r\n0\r\n\r\n"):
        received = received[-20:] + reader.recv(1 << 20)
