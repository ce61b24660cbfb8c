"""Find and check the user's token for a dispatcher; it is never shown."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from oda_widgets.errors import BadParameter, NotAllowed
from oda_widgets.request.address import is_private

_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")
_LARGEST_FILE = 100_000
_VARIABLE = "ODA_TOKEN"
_FILES = (Path(".oda-token"), Path("~/.oda-token"))


@dataclass(frozen=True)
class Token:
    """A token; its value is never shown.

    Parameters
    ----------
    value
        Text of the token.
    given_by
        Where it was found, in words: "the argument", a variable, a file.
    """

    value: str = field(repr=False)
    given_by: str

    def check(self, address: str) -> None:
        """Check that the token may be sent to an address.

        Raises
        ------
        NotAllowed
            If it is expired, or the address is neither https nor on this machine.
        """
        if not is_private(address):
            problem = f"The token would travel to {address} unencrypted."
            raise NotAllowed(problem, "Use the https address of the server.")
        if self.expires < time.time():
            problem = f"The token from {self.given_by} {self.life}."
            raise NotAllowed(problem, "Log in to the server's web page and copy a new one.")

    @property
    def expires(self) -> float:
        """Time of expiry, seconds since 1970; infinite without one."""
        stated = self.claims().get("exp")
        return float(stated) if isinstance(stated, int | float) else inf

    @property
    def life(self) -> str:
        """Its time of expiry, in words."""
        try:
            when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(self.expires))
        except (OverflowError, ValueError, OSError):  # infinite, or beyond any calendar
            return "does not expire"
        return f"expired on {when}" if self.expires < time.time() else f"is valid until {when}"

    def claims(self) -> dict[str, Any]:
        """Return the claims in the token, unverified; empty if it cannot be read."""
        try:
            payload = self.value.split(".")[1]
            found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (ValueError, IndexError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def check_token(given: Any) -> None:
    """Check that a token is text or None.

    Raises
    ------
    BadParameter
        If it is something else; the message does not repeat it.
    """
    if not isinstance(given, str | None):
        advice = "Give the text of the token in quotes."
        raise BadParameter("token", "...", "not a text", advice)


def find_token(given: Any) -> Token | None:
    """Return the user's token: the given one, or from the environment or a file.

    Parameters
    ----------
    given
        Text of the token; None looks in ``ODA_TOKEN``, ``./.oda-token`` and ``~/.oda-token``,
        an empty text uses none.

    Raises
    ------
    BadParameter
        If the text is not a token; the message does not repeat it.
    """
    check_token(given)
    if given is not None:
        return token_of(given, "the argument") if given.strip() else None
    if os.environ.get(_VARIABLE, "").strip():
        return token_of(os.environ[_VARIABLE], f"the variable {_VARIABLE}")
    for file in _FILES:
        path = file.expanduser()
        if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
            return token_of(path.read_text(encoding="utf-8", errors="replace"), str(file))
    return None


def token_of(text: str, given_by: str) -> Token:
    """Return the token in a text.

    Parameters
    ----------
    text
        The token; spaces around it are ignored.
    given_by
        Where it was found, in words.

    Raises
    ------
    BadParameter
        If the text is not a token; the message does not repeat it.
    """
    value = text.strip()
    if not _TOKEN.fullmatch(value):
        limit = f"the text from {given_by} is not a token (three parts separated by dots)"
        raise BadParameter("token", "...", limit, "Copy it again from the server's web page.")
    return Token(value, given_by)
