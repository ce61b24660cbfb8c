"""What is said of an answer that cannot be used, and how large an answer may be."""

from __future__ import annotations

from oda_widgets.errors import DamagedFile, shorten

LARGEST_ANSWER = 512 << 20  # bytes; fifty windows on one mosaic are some 30 MB
_ADVICE = "Ask again; if it happens again, tell those who run the server."


def refused(what: str, found: object = None) -> DamagedFile:
    """Return the error for a part of an answer that is not as it should be.

    Parameters
    ----------
    what
        What is wrong, as a clause.
    found
        What was there instead; shortened.
    """
    shown = "" if found is None else f" (found {shorten(found)})"
    return DamagedFile(f"The server's answer cannot be used: {what}{shown}.", _ADVICE)
