"""Addresses of web servers: dispatchers and archives."""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from oda_widgets.errors import BadParameter

_SCHEMES = ("http://", "https://")
HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?|\[?[0-9A-Fa-f:.]{2,45}\]?")
"""The name of a machine, or its address."""

_ADVICE = "Write it as in https://www.astro.unige.ch/mmoda/dispatch-data."


def is_address(text: Any) -> bool:
    """Return True if a value is text that begins with http:// or https://."""
    return isinstance(text, str) and text.strip().lower().startswith(_SCHEMES)


def checked_address(text: str) -> str:
    """Return the address of a server, stripped of spaces and of slashes at its end.

    Raises
    ------
    BadParameter
        If it is not an address, or carries a password, a query or a fragment.
    """
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises ValueError for a port that is not a number
    except ValueError:
        raise BadParameter("address", text, "not an address", _ADVICE) from None
    if not parts.hostname or any(c.isspace() or not c.isprintable() for c in address):
        raise BadParameter("address", text, "not an address", _ADVICE)
    if parts.username or parts.password or parts.query or parts.fragment:
        # Do not repeat the value: it may hold a secret.
        limit = "an address must hold no password, no query and no fragment"
        raise BadParameter("address", parts.hostname, limit, 'Give a token as token="...".')
    return address


def is_private(address: str) -> bool:
    """Return True if connections to an address are encrypted or stay on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def foreign_host(host: str) -> BadParameter:
    """Return the error for listening at an address that this machine does not have."""
    advice = "Write --host 127.0.0.1, or 0.0.0.0 for all addresses of this machine."
    return BadParameter("host", host, "not an address of this machine", advice)


def page_address(parameter: str, value: Any) -> str:
    """Check that a value is the address of a web page, and return it.

    Parameters
    ----------
    parameter
        Name of the parameter, for the message.
    value
        Text that begins with http:// or https://. It becomes part of links and scripts.

    Raises
    ------
    BadParameter
        If it is anything else: following a link of another scheme may run code or open files.

    Examples
    --------
    >>> page_address("page", "https://host/app")
    'https://host/app'
    """
    advice = f'Write it as in {parameter}="https://host/app".'
    if not isinstance(value, str) or not value.isprintable() or any(map(str.isspace, value)):
        raise BadParameter(parameter, value, "not an address", advice)
    try:
        parts = urlsplit(value)
        valid = is_address(value) and bool(parts.hostname)
        _ = parts.port  # raises ValueError for a port that is not a number
    except ValueError:
        valid = False
    if not valid:
        limit = "not an address that begins with http:// or https://"
        raise BadParameter(parameter, value, limit, advice)
    return value
