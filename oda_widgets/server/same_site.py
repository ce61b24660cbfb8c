"""Refusing requests to foreign names, and those of web pages in the name of their readers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from oda_widgets.errors import BadParameter, NotAllowed, OdaError
from oda_widgets.request.address import HOST
from oda_widgets.server.replies import refusal

_PORTS = {"http": 80, "https": 443}
_OURS = frozenset({"same-origin", "none"})  # values of Sec-Fetch-Site; "none" is typed by a person


class _Guard(ABC):
    """Passes requests on unless it has a reason to refuse them.

    Parameters
    ----------
    app
        The application behind.
    hosts
        Names of this server.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.strip("[]").lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            problem = self._problem(HTTPConnection(scope))
            if problem is not None:
                await refusal(problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    @abstractmethod
    def _problem(self, request: HTTPConnection) -> OdaError | None:
        """Return the error for a request that is refused; None for one that is passed on."""


class OwnNamesOnly(_Guard):
    """Passes requests on that call the server by a name of its own.

    A page of another site can give its own name the address of this machine, and then reads what
    the server answers as if both were one.
    """

    def _problem(self, request: HTTPConnection) -> BadParameter | None:
        called = _name_in(request.headers.get("host", ""))
        return None if called in self._hosts else _foreign_name(called)


def _name_in(host: str) -> str:
    """Return the name in a header Host, without the port; empty if there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # a bracket that is never closed
        return ""


def _foreign_name(called: str) -> BadParameter:
    """Return the error for a name that is not ours; what cannot be one is not repeated."""
    name = called if HOST.fullmatch(called) else "..."
    example = f"--name {called}" if name == called else "--name astro.example.org"
    advice = (
        "Call it as it says when it starts. If it is yours and this name leads to it, start it "
        f"with this option: oda-widgets serve {example}."
    )
    return BadParameter("Host", name, "not a name by which this server may be called", advice)


class SameSiteOnly(_Guard):
    """Passes requests on unless a browser states that they come from a page of another site."""

    def _problem(self, request: HTTPConnection) -> NotAllowed | None:
        if not self._is_foreign(request):
            return None
        problem = "A web page of another site has sent this request."
        return NotAllowed(problem, "Send it from a program, or from a page of this server.")

    def _is_foreign(self, request: HTTPConnection) -> bool:
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if site is not None and site not in _OURS:
            return True
        return origin is not None and not self._is_ours(origin, request.headers.get("host", ""))

    def _is_ours(self, origin: str, host: str) -> bool:
        """Return True if an origin has a name of this server, and the port that was called."""
        try:
            page, called = urlsplit(origin), urlsplit(f"//{host}")
            usual = _PORTS.get(page.scheme)
            same_port = (page.port or usual) == (called.port or usual)
        except ValueError:  # a port that is no number, a bracket that is never closed
            return False
        return same_port and page.hostname in self._hosts
