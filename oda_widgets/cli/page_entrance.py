"""The entrance of the web app: it opens the secret address of the pages for the token.

Browsers send a cookie to every port of a machine, and each port may be another user's server. The
pages therefore stand behind a door: a part of their address that nobody can guess, made anew at
each start. The cookie is for that part only: no other server receives it, and by itself it opens
nothing. The storage of a page belongs to its own port: there the browser finds the door again when
it follows a link.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from secrets import compare_digest, token_hex, token_urlsafe
from urllib.parse import parse_qsl, urlencode

from jupyter_server.auth.identity import IdentityProvider, User
from tornado.web import RequestHandler

_DOOR = re.compile(r"/door-[A-Za-z0-9_-]{43}(?=/)")  # as in copy.js and page.js
_OURS = frozenset({"token", "next"})  # parameters of the entrance, not of a query
_SCRIPT = """
const { door, rest, go } = document.body.dataset, name = "oda_widgets door";
try {
  if (door) localStorage.setItem(name, door);
  const known = localStorage.getItem(name), link = document.getElementById("open");
  // The door of this very address, if it is of an earlier start of the app, leads nowhere.
  if (!door && known && rest !== undefined && !location.pathname.startsWith(known)) {
    link.href = known + rest;
    link.hidden = false;
    if (go) location.replace(link.href);
  }
} catch {} // a browser that stores nothing asks for the token each time
"""
_HASH = b64encode(sha256(_SCRIPT.encode()).digest()).decode()
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>oda_widgets</title>
{head}<link rel="icon" href="data:,">
<style>body {{ font: 16px/1.6 sans-serif; margin: 3em auto; max-width: 40em; }}</style></head>
<body {data}><p>{text}</p><script>{script}</script></body></html>"""
_FOREIGN_LINK = "A link from another site leads here. "
_EARLIER = (
    "This page is of an earlier start of the app, which has ended: each start has an address of "
    "its own. Start it if it does not run, and open the address that it prints. "
)
_WRONG = "This is not the token of the app that runs now. "
_ASKING = """{why}<a id="open" hidden>Open it in oda_widgets</a></p>
<p>The address that <code>oda-widgets app</code> has printed opens this page; so does its token:</p>
<form method="post" action="{action}"><input name="token" type="password" aria-label="Token"
autocomplete="off" required> <button>Open</button></form><p>"""


def new_door() -> str:
    """Return a part of an address, between slashes, that nobody can guess."""
    return f"door-{token_urlsafe(32)}"


def write_page(handler: RequestHandler, text: str, head: str = "", data: str = "") -> None:
    """Write a page of one paragraph, which no other page may frame."""
    policy = f"frame-ancestors 'none'; script-src 'sha256-{_HASH}'"
    handler.set_header("Content-Security-Policy", policy)
    handler.set_header("Referrer-Policy", "same-origin")
    handler.set_header("Cache-Control", "no-store")
    handler.finish(_PAGE.format(text=text, head=head, data=data, script=_SCRIPT))


class Entrance(RequestHandler):
    """Answers requests outside the door: opens it for the token, else asks for the token.

    It is not a handler of Jupyter, because those reveal the address of the pages in each answer.
    """

    def initialize(self, outside: str, *, foreign: bool) -> None:
        """Set the address before the door, and whether a link of another site leads here."""
        self._outside = outside
        self._foreign = foreign
        self._identity: IdentityProvider = self.settings["identity_provider"]

    @property
    def base_url(self) -> str:
        """The path behind the door, which the login cookie is for."""
        return str(self.settings["base_url"])

    def prepare(self) -> None:
        """Open the door, or ask for the token, whatever the method."""
        # A cookie must not open the door: see above. Compare bytes: the token may be no text.
        *_, token = self.request.arguments.get("token", [b""])
        if compare_digest(token.strip(), self._identity.token.encode()):
            self._identity.set_login_cookie(self, User(token_hex(16)))
            self._open_door()
        else:
            self._ask_for_token(_WRONG if token.strip() else "")

    def _open_door(self) -> None:
        """Send a page that leads behind the door, by an address without the token."""
        address = escape(self.base_url + self._page_and_query())
        # A redirection would still count as the request of the site that holds the link.
        go_on = f'<meta http-equiv="refresh" content="0; url={address}">'
        data = f'data-door="{escape(self.base_url)}"'
        write_page(self, f'<a href="{address}">Open oda_widgets</a>', go_on, data)

    def _ask_for_token(self, why: str) -> None:
        rest = escape(self._page_and_query())
        # The door itself must not be in this answer; a browser that has entered knows it.
        why += _EARLIER if _DOOR.search(self.request.path) else ""
        why += _FOREIGN_LINK if self._foreign else ""
        data = f'data-rest="{rest}" data-go="{"" if self._foreign else "yes"}"'
        self.set_status(403)
        write_page(self, _ASKING.format(why=why, action=escape(self._outside) + rest), data=data)

    def _page_and_query(self) -> str:
        """Return the requested page and query, as they are written after the door."""
        words = parse_qsl(self.request.query, keep_blank_values=True)
        wanted = dict(words).get("next", "")
        if wanted.startswith(self._outside):
            path, _, query = wanted.partition("?")
            words = parse_qsl(query, keep_blank_values=True)
        else:
            path = self.request.path
        path = _DOOR.sub("", path, count=1).removeprefix(self._outside)
        query = urlencode([(name, value) for name, value in words if name not in _OURS])
        page = path if path.startswith("voila/") else ""
        return f"{page}?{query}" if query else page
