"""Connections of clients, with deadlines: slow clients cost others nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
"""Time from the first byte of a request, or from the connection, to the end of its headers."""

BODY_SECONDS = 60.0
"""Time from the headers of a request to the end of its body."""

READ_SECONDS = 30.0
"""Time in which a client must take the next piece of an answer."""

MOST_CONNECTIONS = 800

_TLS_HANDSHAKE = b"\x16\x03"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_NO_OTHER = (
    b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, POST\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)
_UNREADABLE = (
    "This is no request of HTTP/1.1, or its headers have more than 16 kB. Send GET or POST, as "
    "oda_api, curl and browsers do."
)
_SENDING = (h11.IDLE, h11.SEND_BODY)
_NOT_ANSWERED = (h11.IDLE, h11.SEND_RESPONSE)


class Connection(H11Protocol):
    """A connection that is closed when its client is too slow.

    When there are too many, one that waits for its client makes room for a new one: the oldest of
    the client that has most of them.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._deadline: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._unread = 0  # bytes that were to be taken when the client was last looked at
        self.given_up = False
        self._awaited: Any = None
        self.opened = self.loop.time()
        self._silent = True

    @property
    def waits_for_client(self) -> bool:
        """True while the next step is the client's: to send, or to take what is sent."""
        return self._owes_request or self._reading is not None

    @property
    def _owes_request(self) -> bool:
        return self.conn.their_state in _SENDING

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection."""
        super().connection_made(transport)
        self._make_room()
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        """Read a piece of a request."""
        if self._silent and data.startswith(_TLS_HANDSHAKE):
            self.logger.warning(
                "%s speaks https, this server http: give clients an address that begins with "
                "http://, or put a web server that speaks https in front.",
                self.client[0] if self.client else "A client",
            )
            self.transport.abort()
            return
        self._silent = False
        if not self.flow.write_paused:
            self._clear_reading()  # whoever asks again has taken the answer before
        super().data_received(data)
        self._set_deadline()

    def _should_upgrade(self) -> bool:
        """Return whether a request asks for another protocol: a tunnel or a web socket."""
        return bool(self.scope["method"] == "CONNECT") or super()._should_upgrade()

    def handle_websocket_upgrade(self, _: h11.Request) -> None:
        """Refuse it: this server speaks no other."""
        self.transport.write(_NO_OTHER)
        self.transport.close()

    def send_400_response(self, _: str) -> None:
        """Answer what cannot be read as a request."""
        super().send_400_response(_UNREADABLE)
        self._watch_reading()

    def shutdown(self) -> None:
        """End with the server: a request that is still being sent is given up, not waited for."""
        if self.conn.their_state is h11.SEND_BODY:
            self._end()
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        super().connection_lost(exc)
        self._clear_deadline()
        self._clear_reading()

    def pause_writing(self) -> None:
        """Wait until the client takes what was sent, and not for ever."""
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        """Send on: the client has taken what was sent."""
        self._clear_reading()
        super().resume_writing()

    def _set_deadline(self) -> None:
        """Start a deadline when the client owes headers or a body; end it when all is there."""
        awaited = self.conn.their_state if self._owes_request else None
        if awaited == self._awaited:
            return
        self._clear_deadline()
        self._awaited = awaited
        if awaited is not None:
            seconds = HEADER_SECONDS if awaited is h11.IDLE else BODY_SECONDS
            self._deadline = self.loop.call_later(seconds, self._end)

    def on_response_complete(self) -> None:
        """Wait for the next request, for as long as connections are kept alive."""
        self._clear_deadline()
        self._watch_reading()  # closing waits for the last of an answer, too
        super().on_response_complete()

    def _clear_deadline(self) -> None:
        self._awaited = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _watch_reading(self) -> None:
        """Look later whether the client takes what is still to be sent."""
        unread = self.transport.get_write_buffer_size()
        if unread and self._reading is None:
            self._unread = unread
            self._reading = self.loop.call_later(READ_SECONDS, self._look_at_reading)

    def _look_at_reading(self) -> None:
        """Give the client up if it has taken nothing."""
        self._reading = None
        if self.transport.get_write_buffer_size() >= self._unread:
            self.give_up()
        else:
            self._watch_reading()

    def _clear_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def give_up(self) -> None:
        """Close the connection at once, whatever is still to be sent."""
        self.given_up = True
        self.transport.abort()

    def _end(self) -> None:
        if self.conn.our_state in _NOT_ANSWERED:
            self.transport.write(_TOO_SLOW)
            self.transport.close()
            self._watch_reading()
        else:
            self.give_up()

    def _make_room(self) -> None:
        # Those that were given up are listed until the loop comes to them.
        ours = [one for one in self.connections if isinstance(one, Connection)]
        here = [one for one in ours if not one.given_up]
        if len(here) <= MOST_CONNECTIONS:
            return
        numbers = Counter(one.host for one in here)
        waiting = [one for one in here if one.waits_for_client and one is not self] or [self]
        # Of one address may be many clients, behind a web server in front: then the oldest of all.
        goes = max(waiting, key=lambda one: (numbers[one.host], -one.opened))
        goes.give_up()

    @property
    def host(self) -> str:
        """Address of the client; empty if there is none."""
        return self.client[0] if self.client else ""
