"""Refusing requests that web pages of other sites make in the name of their readers."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from oda_widgets.errors import NotAllowed
from oda_widgets.server.replies import refusal

_PORTS = {"http": 80, "https": 443}
_OURS = frozenset({"same-origin", "none"})  # values of Sec-Fetch-Site; "none" is typed by a person


class SameSiteOnly:
    """Passes requests on unless a browser states that they come from a page of another site.

    Parameters
    ----------
    app
        The application behind.
    hosts
        Names of this server.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and self._is_foreign(HTTPConnection(scope)):
            error = NotAllowed(
                "A web page of another site has sent this request.",
                "Send it from a program, or from a page of this server.",
            )
            await refusal(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

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
