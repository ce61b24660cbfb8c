"""Where a dispatcher is, and who asks: its address and the user's token."""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from oda_widgets.errors import BadParameter, NotAllowed

_SCHEMES = ("http://", "https://")
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")
_LARGEST_FILE = 100_000
_VARIABLE = "ODA_TOKEN"
_FILES = (Path(".oda-token"), Path("~/.oda-token"))
_HOW = "Write it as in https://www.astro.unige.ch/mmoda/dispatch-data."


def is_address(text: Any) -> bool:
    """Return True for what looks like the address of a server."""
    return isinstance(text, str) and text.strip().lower().startswith(_SCHEMES)


def checked_address(text: str) -> str:
    """Return an address without what does not belong to it.

    Raises
    ------
    BadParameter
        If it is none, or carries a password, a query or a token.
    """
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise BadParameter("address", text, "not an address", _HOW) from None
    if not parts.hostname or any(c.isspace() or not c.isprintable() for c in address):
        raise BadParameter("address", text, "not an address", _HOW)
    if parts.username or parts.password or parts.query or parts.fragment:
        # The value may hold a secret: it is not repeated.
        limit = "an address must hold no password, no query and no fragment"
        raise BadParameter("address", parts.hostname, limit, 'Give a token as token="...".')
    return address


def is_private(address: str) -> bool:
    """Return True where nobody can listen: encrypted, or on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Token:
    """A token; its value is shown nowhere.

    Parameters
    ----------
    value
        As the server gave it.
    given_by
        Where it was found, in words.
    """

    value: str = field(repr=False)
    given_by: str

    def check(self, address: str) -> None:
        """Refuse to send what is expired, or where somebody could listen.

        Raises
        ------
        NotAllowed
            If it is expired, or the address is neither encrypted nor of this machine.
        """
        if not is_private(address):
            problem = f"The token would travel to {address} in the clear."
            raise NotAllowed(problem, "Use the https address of the server.")
        expires = self.claims().get("exp")
        if isinstance(expires, int | float) and expires < time.time():
            when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(expires))
            problem = f"The token from {self.given_by} expired on {when}."
            raise NotAllowed(problem, "Log in to the server's web page and copy a new one.")

    def claims(self) -> dict[str, Any]:
        """Return what the token says, unverified; empty when it cannot be read."""
        try:
            payload = self.value.split(".")[1]
            found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (ValueError, IndexError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def find_token(given: str | None) -> Token | None:
    """Return the token of the user: given, or from the environment, or from a file.

    Parameters
    ----------
    given
        As an argument; None looks in ``ODA_TOKEN``, ``./.oda-token`` and ``~/.oda-token``, an
        empty text uses none.

    Raises
    ------
    BadParameter
        If what is there is no token; the message does not repeat it.
    """
    if given is not None:
        return _token(given, "the argument") if given.strip() else None
    if os.environ.get(_VARIABLE, "").strip():
        return _token(os.environ[_VARIABLE], f"the variable {_VARIABLE}")
    for file in _FILES:
        path = file.expanduser()
        if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
            return _token(path.read_text(encoding="utf-8", errors="replace"), str(file))
    return None


def _token(text: str, given_by: str) -> Token:
    value = text.strip()
    if not _TOKEN.fullmatch(value):
        limit = f"what {given_by} holds is no token (three parts with dots between)"
        raise BadParameter("token", "...", limit, "Copy it again from the server's web page.")
    return Token(value, given_by)
