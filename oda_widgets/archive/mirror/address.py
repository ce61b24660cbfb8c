"""Addresses of mirrors: those known by name, and any other."""

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
        If it is not an address, its path contains '..', or it is neither encrypted nor on this
        machine.
    """
    base = checked_address(address)
    if not is_private(base):
        advice = "Write https://; http:// is for servers on this machine only."
        raise BadParameter("archive", base, "not encrypted", advice)
    if ".." in unquote(urlsplit(base).path).split("/"):
        advice = "Give the address of the folder that holds scw/."
        raise BadParameter("archive", base, "its path goes up with '..'", advice)
    return base


def unknown_word(name: str, bundled: tuple[str, ...]) -> ArchiveError:
    """Return the error for a word that is neither a folder nor the name of an archive.

    Parameters
    ----------
    name
        The word.
    bundled
        Names of the archives that come with the package.
    """
    words = (*bundled, *MIRRORS)
    near = get_close_matches(name.lower(), words, n=1)
    *others, last = (f'"{word}"' for word in words)
    advice = f"Known are {', '.join(others)} and {last}, and folders."
    advice = f'Did you mean "{near[0]}"?' if near else advice
    problem = f"The archive {name} is neither a folder nor a known name."
    return ArchiveError(problem, advice)
