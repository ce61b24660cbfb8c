"""The door of the web app: requests from other sites, or to other host names, start nothing.

The rules stand before those of Voila, so that they hold for its pages, sockets and files alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jupyter_server.base.handlers import JupyterHandler
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import RequestHandler, authenticated

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of this machine; by any other name a request may be that of a foreign web page."""

_TOKEN = "token"  # noqa: S105 - a word of the address
_APPS = "/voila/render/"  # before the name of a notebook, which runs in a kernel
_BY_US_OR_TYPED = frozenset({None, "same-origin", "none"})  # values of Sec-Fetch-Site
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>oda_widgets</title>
{head}<link rel="icon" href="data:,">
<style>body {{ font: 16px/1.6 sans-serif; margin: 3em auto; max-width: 40em; }}</style></head>
<body><p>{text}</p></body></html>"""


def door_rules(
    names: Iterable[str], is_full: Callable[[], bool], full: str, workbench: str
) -> list[Rule]:
    """Return the rules that come before those of the page.

    Parameters
    ----------
    names
        Names by which the server may be called.
    is_full
        Tells whether as many pages are open as there may be.
    full
        What the reader is told then.
    workbench
        Address of the page that takes the query of a link to "/".
    """
    allowed = frozenset(names)
    return [
        Rule(_When(lambda request: not _is_called(request, allowed)), _Refusal),
        Rule(_When(lambda request: _is_link(request) and not _has_token(request)), _Question),
        Rule(_When(lambda request: _is_foreign(request) and not _is_link(request)), _Refusal),
        Rule(_When(lambda request: _is_page(request) and _has_token(request)), _Entry),
        Rule(_When(_has_query), _Forward, {"workbench": workbench}),
        Rule(_When(lambda request: _has_kernel(request) and is_full()), _Full, {"text": full}),
    ]


class _When(Matcher):
    """Matches the requests for which a function is true."""

    def __init__(self, is_met: Callable[[HTTPServerRequest], bool]) -> None:
        self._is_met = is_met

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return an empty dictionary if the function is true, as tornado asks."""
        return {} if self._is_met(request) else None


def _is_called(request: HTTPServerRequest, names: frozenset[str]) -> bool:
    """Return whether a request calls the server, and its origin is called, by a name of its own."""
    try:
        host = urlsplit(f"//{request.host}").hostname
    except ValueError:  # a bracket that is never closed
        return False
    origin = request.headers.get("Origin")
    return host in names and origin in {None, f"http://{request.host}", f"https://{request.host}"}


def _is_foreign(request: HTTPServerRequest) -> bool:
    """Return whether a browser says that a page of another site has sent a request."""
    return request.headers.get("Sec-Fetch-Site") not in _BY_US_OR_TYPED


def _is_link(request: HTTPServerRequest) -> bool:
    """Return whether a browser says that it follows a link from another site to this page."""
    goes = ("navigate", "document")
    headers = request.headers
    return (
        _is_foreign(request)
        and request.method == "GET"
        and _is_page(request)
        and (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")) == goes
    )


def _is_page(request: HTTPServerRequest) -> bool:
    return request.path == "/" or _has_kernel(request)


def _has_kernel(request: HTTPServerRequest) -> bool:
    return request.path.startswith(_APPS)


def _has_token(request: HTTPServerRequest) -> bool:
    return _TOKEN in request.query_arguments


def _has_query(request: HTTPServerRequest) -> bool:
    """Return whether a request of the first page asks for more than its colours."""
    return request.path == "/" and bool(request.query_arguments.keys() - {"theme"})


def _write(handler: RequestHandler, text: str, head: str = "") -> None:
    """Write a page of one paragraph, which no other page may frame."""
    handler.set_header("Content-Security-Policy", "frame-ancestors 'none'; script-src 'none'")
    handler.set_header("Referrer-Policy", "no-referrer")
    handler.set_header("Cache-Control", "no-store")
    handler.finish(_PAGE.format(text=text, head=head))


class _Refusal(RequestHandler):
    """Refuses a request."""

    def prepare(self) -> None:
        """Answer whatever was asked."""
        self.set_status(403)
        _write(self, "A page of another site has sent this request, or it names another server.")


class _Question(RequestHandler):
    """Asks the reader whether a link from another site is to be followed."""

    def get(self) -> None:
        """Show the question; a click on its link comes from this site."""
        address = escape(f"{self.request.path}?{self.request.query}")
        text = "A link from another site leads here. "
        _write(self, f'{text}<a href="{address}">Open it in oda_widgets</a>')


class _Entry(JupyterHandler):
    """Lets a browser in that has the token, and removes the token from its address."""

    @authenticated
    def get(self) -> None:
        """Leave a cookie, and go on without the token."""
        words = [(n, v) for n, v in parse_qsl(self.request.query) if n != _TOKEN]
        address = escape(f"{self.request.path}?{urlencode(words)}".rstrip("?"))
        # A redirection would still count as the request of the site that holds the link.
        go_on = f'<meta http-equiv="refresh" content="0; url={address}">'
        _write(self, f'<a href="{address}">Open oda_widgets</a>', go_on)


class _Forward(JupyterHandler):
    """Sends the query of a link to the workbench."""

    def initialize(self, workbench: str) -> None:
        """Take the address."""
        self._workbench = workbench

    @authenticated
    def get(self) -> None:
        """Go there."""
        self.redirect(f"{self._workbench}?{self.request.query}")


class _Full(JupyterHandler):
    """Says that there is no room for another page."""

    def initialize(self, text: str) -> None:
        """Take the words."""
        self._text = text

    @authenticated
    def get(self) -> None:
        """Say it."""
        self.set_status(503)
        _write(self, self._text)
