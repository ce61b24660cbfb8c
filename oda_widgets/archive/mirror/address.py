"""The mirrors that are known by name, and the address of any other."""

from __future__ import annotations

from difflib import get_close_matches
from urllib.parse import unquote, urlsplit

from oda_widgets.errors import ArchiveError, BadParameter
from oda_widgets.request.address import checked_address, is_private

HEASARC = "heasarc"

MIRRORS = {
    HEASARC: "https://heasarc.gsfc.nasa.gov/FTP/integral/data",
    "isdc": "https://isdcarc.unige.ch/arc/rev_3",
}
"""Addresses of the folder that holds ``scw``, by the names that ``connect(archive=...)`` knows."""


def checked_base(address: str) -> str:
    """Return the address of a mirror without a slash at its end.

    Raises
    ------
    BadParameter
        If it is not an address, is not encrypted and not of this machine, or leaves its own path.
    """
    base = checked_address(address)
    if not is_private(base):
        advice = "Write https://; http:// is for servers on this machine only."
        raise BadParameter("archive", base, "not encrypted", advice)
    if ".." in unquote(urlsplit(base).path).split("/"):
        advice = "Give the address of the folder that holds scw/."
        raise BadParameter("archive", base, "its path goes up with '..'", advice)
    return base


def unknown_mirror(name: str) -> ArchiveError:
    """Return the error for a word that is neither a folder nor a mirror."""
    near = get_close_matches(name.lower(), MIRRORS, n=1)
    known = " and ".join(f'"{mirror}"' for mirror in MIRRORS)
    advice = f'Did you mean "{near[0]}"?' if near else f"Known mirrors are {known}."
    return ArchiveError(f"The archive {name} is neither a folder nor the name of a mirror.", advice)
