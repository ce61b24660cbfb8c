"""Send requests to a dispatcher over HTTP, limited in time and size, never redirected."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx

from oda_widgets.archive.mirror.deadlines import Deadlines, OutOfTime
from oda_widgets.archive.mirror.retries import retrying
from oda_widgets.backend.dispatcher.reply_body import PACKED_AS, TooLong, read_body
from oda_widgets.backend.dispatcher.token import Token, token_of
from oda_widgets.errors import DamagedFile, NoDispatcher, NotAccepted, NotAllowed, ServiceError
from oda_widgets.forking import renew_in_children
from oda_widgets.protocol.reply import LARGEST_REPLY, RAW, one_line, read_document

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_BEGIN = 60.0  # seconds from a request to the end of the headers of its response
_DEADLINE = 300.0  # seconds for a whole body
_PATIENCE = 60.0  # seconds for which requests to an unresponsive server are repeated
_TRIES = 5
_BUSY = frozenset({429, 502, 503, 504})
_REDIRECTS = range(300, 400)
_LARGEST_DOCUMENT = 16 << 20  # bytes of a document other than a product
_HEADERS = {
    "User-Agent": "oda_widgets",
    "Accept": f"{RAW}, application/json",
    "Accept-Encoding": PACKED_AS,
}
_WANTED = 'Give a token with the right role: in the panel, or oda.connect("...", token="...").'
_LATER = "Check that the server is up and ask again; jobs that were submitted continue there."
_MOST_INSTRUMENTS = 200
_DISPATCHER_ADDRESS = (
    "Its address often ends in /dispatch-data; open it in a browser to see what is there."
)


class _NoResponse(Exception):
    """The server did not respond this time; another attempt may succeed."""


@dataclass(frozen=True)
class DispatcherInfo:
    """The version and the instruments of a dispatcher.

    Parameters
    ----------
    version
        Version of its software.
    instruments
        Names of the instruments that it offers.
    """

    version: str
    instruments: tuple[str, ...]


@dataclass(frozen=True)
class HttpReply:
    """A response of the server.

    Parameters
    ----------
    status
        HTTP status.
    content
        Body.
    location
        Target of a redirection; empty without one.
    """

    status: int
    content: bytes
    location: str = ""

    def without(self, token: Token) -> HttpReply:
        """Return the response without the token: servers echo it, and responses are stored."""
        content = self.content.replace(token.value.encode(), b"")
        return HttpReply(self.status, content, self.location.replace(token.value, ""))


class Http:
    """A connection to a dispatcher.

    Parameters
    ----------
    address
        Address of the dispatcher, without a slash at the end.
    token
        The user's token, if any. It is sent in the body of a request, never in an address.
    """

    def __init__(self, address: str, token: Token | None) -> None:
        self.address = address
        self._token = token
        self._connect()
        renew_in_children(self._connect)

    def __repr__(self) -> str:
        return f"<Http {self.address}>"

    def _connect(self) -> None:
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, headers=_HEADERS)
        self._deadlines = Deadlines(self._client)
        weakref.finalize(self, self._client.close)

    def use(self, text: str) -> None:
        """Use the token in a text from now on; it is kept in memory only.

        Raises
        ------
        BadParameter
            If the text is not a token.
        NotAllowed
            If the token is expired, or would travel unencrypted.
        """
        token = token_of(text, "use_token")
        token.check(self.address)
        self._token = token

    def ask(self, parameters: Mapping[str, Any]) -> bytes:
        """Return the body of the response to ``run_analysis``.

        Raises
        ------
        ServiceError
            If the server cannot be reached or fails.
        NotAccepted
            If it does not accept the query.
        NotAllowed
            If it requires a token, or one with more rights.
        """
        form = dict(parameters)
        token = self._token
        if token is not None:
            token.check(self.address)
            form["token"] = token.value
        reply = self._patiently("POST", "/run_analysis", data=form)
        if token is not None:
            reply = reply.without(token)
        if reply.status != httpx.codes.OK:
            raise self._refusal(reply)
        return reply.content

    def info(self) -> DispatcherInfo:
        """Return the version and the instruments of the dispatcher.

        Raises
        ------
        ServiceError
            If it cannot be reached, or is not a dispatcher.
        """
        # A request without parameters is refused, and every refusal describes the dispatcher.
        reply = self.get("/run_analysis")
        try:
            document = read_document(reply.content)
        except DamagedFile:
            document = {}
        instruments = document.get("installed_instruments")
        if not isinstance(instruments, list):
            elsewhere = f" (it redirects to {one_line(reply.location)})" if reply.location else ""
            problem = f"The server at {self.address} is not a dispatcher{elsewhere}."
            raise NoDispatcher(problem, _DISPATCHER_ADDRESS)
        names = instruments[:_MOST_INSTRUMENTS]
        return DispatcherInfo(
            one_line(document.get("cdci_data_analysis_version")),
            tuple(one_line(name) for name in names if isinstance(name, str)),
        )

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> HttpReply:
        """Return the response to a GET request, whatever its status."""
        return self._patiently("GET", path, params=parameters)

    def _patiently(self, method: str, path: str, **words: Any) -> HttpReply:
        """Send a request, again while the server is silent: all requests may be repeated."""
        attempts = retrying(
            _NoResponse, attempts=_TRIES, timeout=_PATIENCE, wait_initial=0.2, wait_max=10.0
        )
        try:
            for attempt in attempts:
                with attempt:
                    reply = self._send(method, path, **words)
        except _NoResponse as silence:
            raise ServiceError(f"{self.address} does not answer: {silence}.", _LATER) from silence
        return reply

    def _send(self, method: str, path: str, **words: Any) -> HttpReply:
        largest = _LARGEST_DOCUMENT if method == "GET" else LARGEST_REPLY
        try:
            request = self._client.build_request(method, f"{self.address}{path}", **words)
            reply = self._reply(request, largest)
        except OutOfTime as late:
            raise ServiceError(f"{self.address} has not {late}.", _LATER) from None
        except TooLong:
            problem = f"{self.address} sends more than {largest >> 20} MB."
            raise ServiceError(problem, "Ask for fewer science windows.") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _NoResponse(one_line(str(error)) or type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise ServiceError(f"{self.address} is not an address.", "Correct it.") from error
        if reply.status in _BUSY:
            raise _NoResponse(f"it responds with status {reply.status}")
        return reply

    def _reply(self, request: httpx.Request, largest: int) -> HttpReply:
        with self._deadlines.within(_BEGIN, "begun its response"):
            response = self._client.send(request, stream=True)
        with closing(response), self._deadlines.within(_DEADLINE, "ended its response"):
            content = read_body(response, largest)
        return HttpReply(response.status_code, content, response.headers.get("location", ""))

    def _refusal(self, reply: HttpReply) -> ServiceError:
        if reply.status in _REDIRECTS:
            problem = f"{self.address} redirects to {one_line(reply.location)}."
            return ServiceError(problem, "If you trust that address, connect to it instead.")
        said = reason_in(reply)
        if reply.status in {401, 403}:
            sent = self._token
            had = f" The token from {sent.given_by} {sent.life}." if sent is not None else ""
            problem = f"{self.address} does not allow it: {said}.{had}"
            return NotAllowed(problem, _WANTED)
        if reply.status == httpx.codes.BAD_REQUEST:
            problem = f"{self.address} does not accept the query: {said}."
            return NotAccepted(problem, "Change the parameter that it names and ask again.")
        if reply.status == httpx.codes.NOT_FOUND:
            problem = f"There is no dispatcher at {self.address}."
            return ServiceError(problem, "Its address often ends in /dispatch-data.")
        problem = f"{self.address} responds with status {reply.status}: {said}."
        return ServiceError(problem, "Ask again later, or tell those who run the server.")


def reason_in(reply: HttpReply) -> str:
    """Return the reason that the body of a refusal gives, in one line."""
    try:
        document = read_document(reply.content)
    except DamagedFile:
        return "it gives no reason"
    status = document.get("exit_status")
    inner = status if isinstance(status, dict) else {}
    texts = (
        document.get("error"),
        document.get("error_message"),
        inner.get("message"),
        document.get("message"),
    )
    found = next((one_line(text) for text in texts if one_line(text)), "it gives no reason")
    return found.removeprefix("RequestNotUnderstood():").strip(" .") or "it gives no reason"
