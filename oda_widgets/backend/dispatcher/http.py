"""Asking a dispatcher over HTTP: in bounded time, with bounded answers, never redirected."""

from __future__ import annotations

import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import stamina

from oda_widgets.backend.dispatcher.token import Token, token_of
from oda_widgets.errors import DamagedFile, NotAllowed, ServiceError
from oda_widgets.protocol.answer import clean, document_of
from oda_widgets.protocol.encode import RAW
from oda_widgets.protocol.refuse import LARGEST_ANSWER

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_DEADLINE = 300.0  # seconds for one answer, however slowly it drips
_PATIENCE = 60.0  # seconds for which a server that does not answer is tried again
_TRIES = 5
_BUSY = frozenset({429, 502, 503, 504})
_REDIRECTS = range(300, 400)
_HEADERS = {"User-Agent": "oda_widgets", "Accept": f"{RAW}, application/json"}
_WANTED = 'Give a token with the right role: in the panel, or oda.connect("...", token="...").'
_LATER = "Look whether the server is up, and ask again; a job that was submitted goes on there."


class _NoAnswer(Exception):
    """Nobody answered this time; asking again may help."""


@dataclass(frozen=True)
class Reply:
    """An answer of the server.

    Parameters
    ----------
    status
        Its HTTP status.
    content
        Its body.
    location
        Where it sends us instead, if it does.
    """

    status: int
    content: bytes
    location: str = ""

    def without(self, token: Token) -> Reply:
        """Return the answer without the token: servers echo it, and answers are kept."""
        content = self.content.replace(token.value.encode(), b"")
        return Reply(self.status, content, self.location.replace(token.value, ""))


class Http:
    """A connection to a dispatcher.

    Parameters
    ----------
    address
        Of the dispatcher, without a slash at the end.
    token
        Who asks, if that matters. It is sent in the body of a request, never in an address.
    """

    def __init__(self, address: str, token: Token | None) -> None:
        self.address = address
        self._token = token
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, headers=_HEADERS)
        weakref.finalize(self, self._client.close)

    def __repr__(self) -> str:
        return f"<Http {self.address}>"

    def use(self, text: str) -> None:
        """Ask with the token in a text from now on; it is kept in memory only.

        Raises
        ------
        BadParameter
            If it is none.
        NotAllowed
            If it is expired, or would travel in the clear.
        """
        token = token_of(text, "the panel")
        token.check(self.address)
        self._token = token

    def ask(self, parameters: Mapping[str, Any]) -> bytes:
        """Return the body of the answer to ``run_analysis``.

        Raises
        ------
        ServiceError
            If the server is not reached, or refuses the question.
        NotAllowed
            If it wants a token, or another one.
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

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Reply:
        """Return the answer to a question about the server itself, whatever its status."""
        return self._patiently("GET", path, params=parameters)

    def _patiently(self, method: str, path: str, **words: Any) -> Reply:
        """Ask, and again while nobody answers: all requests to a dispatcher are safe to repeat."""
        retrying = stamina.retry_context(
            on=_NoAnswer, attempts=_TRIES, timeout=_PATIENCE, wait_initial=0.2, wait_max=10.0
        )
        try:
            for attempt in retrying:
                with attempt:
                    reply = self._once(method, path, **words)
        except _NoAnswer as silence:
            raise ServiceError(f"{self.address} does not answer: {silence}.", _LATER) from silence
        return reply

    def _once(self, method: str, path: str, **words: Any) -> Reply:
        began = time.monotonic()
        content = bytearray()
        try:
            with self._client.stream(method, f"{self.address}{path}", **words) as response:
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > LARGEST_ANSWER:
                        raise self._too_much()
                    if time.monotonic() - began > _DEADLINE:
                        problem = f"{self.address} has not ended its answer in {_DEADLINE:.0f} s."
                        raise ServiceError(problem, _LATER)
                reply = Reply(
                    response.status_code, bytes(content), response.headers.get("location", "")
                )
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _NoAnswer(clean(str(error)) or type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise ServiceError(f"{self.address} is no address.", "Correct it.") from error
        if reply.status in _BUSY:
            raise _NoAnswer(f"it answers with status {reply.status}")
        return reply

    def _too_much(self) -> ServiceError:
        problem = f"{self.address} sends more than {LARGEST_ANSWER >> 20} MB."
        return ServiceError(problem, "Ask for fewer science windows.")

    def _refusal(self, reply: Reply) -> ServiceError:
        if reply.status in _REDIRECTS:
            problem = f"{self.address} sends us elsewhere, to {clean(reply.location)}."
            return ServiceError(problem, "If you trust that address, connect to it instead.")
        said = said_in(reply)
        if reply.status in {401, 403}:
            sent = self._token
            had = f" The token from {sent.given_by} {sent.life}." if sent is not None else ""
            problem = f"{self.address} does not allow it: {said}.{had}"
            return NotAllowed(problem, _WANTED)
        if reply.status == httpx.codes.BAD_REQUEST:
            problem = f"{self.address} does not accept the question: {said}."
            return ServiceError(problem, "Change what it names and ask again.")
        if reply.status == httpx.codes.NOT_FOUND:
            problem = f"There is no dispatcher at {self.address}."
            return ServiceError(problem, "Its address often ends in /dispatch-data.")
        problem = f"{self.address} answers with status {reply.status}: {said}."
        return ServiceError(problem, "Ask again later, or tell those who run the server.")


def said_in(reply: Reply) -> str:
    """Return what the body of a refusal says, in one line."""
    try:
        document = document_of(reply.content)
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
    found = next((clean(text) for text in texts if clean(text)), "it gives no reason")
    return found.removeprefix("RequestNotUnderstood():").strip(" .") or "it gives no reason"
