"""Refuse requests that use a foreign name of the server or come from pages of other sites."""

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
_OURS = frozenset({"same-origin", "none"})  # values of Sec-Fetch-Site; "none" if a person typed it


class _Guard(ABC):
    """Pass requests on unless there is a reason to refuse them.

    Parameters
    ----------
    app
        Application that receives the requests.
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
        """Return the error that refuses a request, or None to pass it on."""


class OwnNamesOnly(_Guard):
    """Pass on only requests that call the server by one of its names.

    Another site can make its own name resolve to the address of this machine: its pages could then
    read the replies of this server as if they were its own (DNS rebinding).
    """

    def _problem(self, request: HTTPConnection) -> BadParameter | None:
        called = _host_name(request.headers.get("host", ""))
        return None if called in self._hosts else _foreign_name_error(called)


def _host_name(host: str) -> str:
    """Return the name in a header Host without the port; empty if it has none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # a bracket that is never closed
        return ""


def _foreign_name_error(called: str) -> BadParameter:
    """Return the error for a foreign name, without repeating text that cannot be a name."""
    name = called if HOST.fullmatch(called) else "..."
    example = f"--name {called}" if name == called else "--name astro.example.org"
    advice = (
        "Call it as it says when it starts. If it is yours and this name leads to it, start it "
        f"with this option: oda-widgets serve {example}."
    )
    return BadParameter("Host", name, "not a name by which this server may be called", advice)


class SameSiteOnly(_Guard):
    """Refuse requests that, as the browser states, come from a page of another site."""

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
        """Return True if an origin has a name of this server and the port of the request."""
        try:
            page, called = urlsplit(origin), urlsplit(f"//{host}")
            default = _PORTS.get(page.scheme)
            same_port = (page.port or default) == (called.port or default)
        except ValueError:  # a port that is not a number, or a bracket that is never closed
            return False
        return same_port and page.hostname in self._hosts
