"""Connections of clients with deadlines, so that slow clients do not hold up others."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
"""Longest time from the connection, or the first byte of a request, to the end of its headers."""

BODY_SECONDS = 60.0
"""Longest time from the headers of a request to the end of its body."""

READ_SECONDS = 30.0
"""Longest time for a client to take the next piece of a reply."""

MOST_CONNECTIONS = 800

_TLS_HANDSHAKE = b"\x16\x03"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_NO_UPGRADE = (
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
    """A connection that is closed if its client is too slow.

    If there are too many connections, one that waits for its client is closed for a new one: the
    oldest of the client that has most of them.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._deadline: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._unread = 0  # bytes that the client had not taken at the last check
        self.given_up = False
        self._awaited: Any = None
        self.opened = self.loop.time()
        self._silent = True

    @property
    def waits_for_client(self) -> bool:
        """True while the client has to send something or to take a reply."""
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
            self._clear_reading()  # a client that sends again has taken the previous reply
        super().data_received(data)
        self._set_deadline()

    def _should_upgrade(self) -> bool:
        """Return whether a request asks for another protocol: a tunnel or a web socket."""
        return bool(self.scope["method"] == "CONNECT") or super()._should_upgrade()

    def handle_websocket_upgrade(self, _: h11.Request) -> None:
        """Refuse to change the protocol."""
        self.transport.write(_NO_UPGRADE)
        self.transport.close()

    def send_400_response(self, _: str) -> None:
        """Reply to bytes that are not a request of HTTP."""
        super().send_400_response(_UNREADABLE)
        self._watch_reading()

    def shutdown(self) -> None:
        """Close with the server; do not wait for a request that is still being sent."""
        if self.conn.their_state is h11.SEND_BODY:
            self._refuse_slow()
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadlines."""
        super().connection_lost(exc)
        self._clear_deadline()
        self._clear_reading()

    def pause_writing(self) -> None:
        """Wait until the client takes what was sent, for a limited time."""
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        """Send on: the client has taken what was sent."""
        self._clear_reading()
        super().resume_writing()

    def _set_deadline(self) -> None:
        """Start a deadline while the client owes headers or a body; clear it once they are here."""
        awaited = self.conn.their_state if self._owes_request else None
        if awaited == self._awaited:
            return
        self._clear_deadline()
        self._awaited = awaited
        if awaited is not None:
            seconds = HEADER_SECONDS if awaited is h11.IDLE else BODY_SECONDS
            self._deadline = self.loop.call_later(seconds, self._refuse_slow)

    def on_response_complete(self) -> None:
        """Wait for the next request on this connection."""
        self._clear_deadline()
        self._watch_reading()  # the client may not have taken the whole reply yet
        super().on_response_complete()

    def _clear_deadline(self) -> None:
        self._awaited = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _watch_reading(self) -> None:
        """Check later whether the client takes what is still to be sent."""
        unread = self.transport.get_write_buffer_size()
        if unread and self._reading is None:
            self._unread = unread
            self._reading = self.loop.call_later(READ_SECONDS, self._check_reading)

    def _check_reading(self) -> None:
        """Close the connection if the client has taken nothing since the last check."""
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

    def _refuse_slow(self) -> None:
        """Close the connection, with status 408 if no reply has begun."""
        if self.conn.our_state in _NOT_ANSWERED:
            self.transport.write(_TOO_SLOW)
            self.transport.close()
            self._watch_reading()
        else:
            self.give_up()

    def _make_room(self) -> None:
        """Close a connection if there are too many."""
        # Connections that were given up remain listed until the event loop comes to them.
        listed = [one for one in self.connections if isinstance(one, Connection)]
        opened = [one for one in listed if not one.given_up]
        if len(opened) <= MOST_CONNECTIONS:
            return
        numbers = Counter(one.host for one in opened)
        waiting = [one for one in opened if one.waits_for_client and one is not self] or [self]
        # Behind a web server all clients share an address: then this is the oldest of all.
        oldest = max(waiting, key=lambda one: (numbers[one.host], -one.opened))
        oldest.give_up()

    @property
    def host(self) -> str:
        """Address of the client; empty if unknown."""
        return self.client[0] if self.client else ""
