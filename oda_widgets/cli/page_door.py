"""The door of the web app: requests from other sites, or to other host names, start nothing.

The rules stand before those of Voila, so that they hold for its pages, sockets and files alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from secrets import compare_digest
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from jupyter_server.base.handlers import JupyterHandler
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import RequestHandler, authenticated

from oda_widgets.cli.page_entrance import Entrance, write_page

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of this machine; by any other name a request may be that of a foreign web page."""

_APPS = "voila/render/"  # before the name of a notebook, which runs in a kernel
_TEMPLATES = "voila/templates/"
_UNUSED = ("voila/query/", "voila/files/")  # our pages pass the query to their kernel instead
_TEMPLATE_FILE = re.compile(r"voila/templates/[^/]+/static/[^/]")
_LONGEST_NAME = 255  # characters of a file or folder, on all systems
_BY_US_OR_TYPED = frozenset({None, "same-origin", "none"})  # values of Sec-Fetch-Site
MISSING = "There is no such page or file here."
_UNKNOWN_METHOD = "No page answers this method. Send GET or POST, as browsers do."
_UNDECODABLE = (
    "This address holds bytes that are no text (UTF-8). Copy it again, or write what is not ASCII "
    "as percent-encoded UTF-8."
)
_NOT_OURS = (
    "A page of another site has sent this request, or it calls the app by a name that is not its "
    "own. Open the address that <code>oda-widgets app</code> has printed. If another name leads "
    "to it, start it with this name: <code>oda-widgets app --name astro.example.org</code>."
)
_LONGEST_LINK = 120_000  # characters; Linux takes no more in one word of a kernel's environment
_TOO_LONG = (
    f"This link is longer than the {_LONGEST_LINK:,} characters that a page can be given. "
    "Name fewer science windows, or ask for all of them in a notebook."
)


@dataclass(frozen=True)
class Door:
    """The settings of the rules at the door.

    Parameters
    ----------
    names
        Names by which the server may be called.
    outside
        Path of the server, with which the addresses of all its pages begin.
    door
        The secret path behind which all pages stand, with slashes around it (see `Entrance`).
    is_full
        Returns whether as many pages are open as there may be.
    full
        Message to the reader in that case.
    workbench
        Notebook that takes the query of a link to the first page.
    """

    names: Iterable[str]
    outside: str
    door: str
    is_full: Callable[[], bool]
    full: str
    workbench: str

    def rules(self) -> list[Rule]:
        """Return the rules that come before those of the page."""
        allowed = frozenset(self.names)
        entrance = {"outside": self.outside, "foreign": True}
        workbench = f"{self.door}{_APPS}{self.workbench}"
        return [
            Rule(_When(lambda request: not _is_addressed_to(request, allowed)), _Refusal),
            Rule(_When(lambda request: _is_foreign(request) and not _is_link(request)), _Refusal),
            Rule(_When(_has_unknown_method), MessagePage, {"status": 405, "text": _UNKNOWN_METHOD}),
            Rule(_When(_is_too_long), MessagePage, {"status": 414, "text": _TOO_LONG}),
            Rule(_When(self._is_outside_and_foreign), Entrance, entrance),
            Rule(_When(self._is_outside), Entrance, entrance | {"foreign": False}),
            Rule(_When(_is_undecodable), MessagePage, {"status": 400, "text": _UNDECODABLE}),
            Rule(_When(self._has_no_page), MessagePage, {"status": 404, "text": MISSING}),
            Rule(_When(_is_foreign), _ConfirmLink),
            Rule(_When(self._has_query), _ForwardQuery, {"workbench": workbench}),
            Rule(_When(self._finds_no_room), MessagePage, {"status": 503, "text": self.full}),
        ]

    def _is_outside(self, request: HTTPServerRequest) -> bool:
        start = request.path[: len(self.door)]
        return not compare_digest(start.encode(), self.door.encode())

    def _is_outside_and_foreign(self, request: HTTPServerRequest) -> bool:
        return self._is_outside(request) and _is_foreign(request)

    def _inner(self, request: HTTPServerRequest) -> str:
        """Return the path behind the door."""
        return request.path[len(self.door) :]

    def _has_no_page(self, request: HTTPServerRequest) -> bool:
        """Return whether a path leads up, or is one that Voila would answer with an error."""
        inner = unquote(self._inner(request))
        parts = inner.replace("\\", "/").split("/")
        odd = {".", ".."} & {*parts} or "\0" in inner or max(map(len, parts)) > _LONGEST_NAME
        odd = odd or inner.startswith(_UNUSED)
        return bool(odd) or (inner.startswith(_TEMPLATES) and not _TEMPLATE_FILE.match(inner))

    def _has_query(self, request: HTTPServerRequest) -> bool:
        """Return whether a request for the first page has a query beyond its theme."""
        return not self._inner(request) and bool(request.query_arguments.keys() - {"theme"})

    def _finds_no_room(self, request: HTTPServerRequest) -> bool:
        return self._inner(request).startswith(_APPS) and self.is_full()


class _When(Matcher):
    """Matches the requests for which a function is true."""

    def __init__(self, is_met: Callable[[HTTPServerRequest], bool]) -> None:
        self._is_met = is_met

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return an empty dictionary if the function is true, as Tornado requires."""
        return {} if self._is_met(request) else None


def _is_addressed_to(request: HTTPServerRequest, names: frozenset[str]) -> bool:
    """Return whether host and origin of a request are names of the server."""
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
    mode = (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest"))
    return _is_foreign(request) and request.method == "GET" and mode == goes


def _is_too_long(request: HTTPServerRequest) -> bool:
    return len(request.query) > _LONGEST_LINK


def _has_unknown_method(request: HTTPServerRequest) -> bool:
    return request.method not in RequestHandler.SUPPORTED_METHODS


def _is_undecodable(request: HTTPServerRequest) -> bool:
    """Return whether an address holds bytes that the handlers behind the door cannot decode."""
    try:
        unquote_to_bytes(f"{request.path}?{request.query}").decode()
    except UnicodeError:
        return True
    return False


class _Refusal(RequestHandler):
    """Refuses a request."""

    def prepare(self) -> None:
        """Answer any method."""
        self.set_status(403)
        write_page(self, _NOT_OURS)


class _ConfirmLink(RequestHandler):
    """Asks the reader whether to follow a link from another site."""

    def get(self) -> None:
        """Show the question; a click on its link comes from this site."""
        address = escape(f"{self.request.path}?{self.request.query}")
        text = "A link from another site leads here. "
        write_page(self, f'{text}<a href="{address}">Open it in oda_widgets</a>')


class _ForwardQuery(JupyterHandler):
    """Sends the query of a link to the workbench."""

    def initialize(self, workbench: str) -> None:
        """Set the address of the workbench."""
        self._workbench = workbench

    @authenticated
    def get(self) -> None:
        """Redirect to it."""
        self.redirect(f"{self._workbench}?{self.request.query}")


class MessagePage(RequestHandler):
    """Explains to a reader behind the door why there is no page."""

    def initialize(self, status: int, text: str) -> None:
        """Set status and text."""
        self._status = status
        self._text = text

    def prepare(self) -> None:
        """Answer any method."""
        self.set_status(self._status)
        write_page(self, self._text)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer also where Tornado itself refuses a method."""
        self.set_status(status_code)
        write_page(self, self._text)
