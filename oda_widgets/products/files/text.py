"""Convert any text to the 7-bit text of FITS, and back."""

from __future__ import annotations

import re
import sys

_ESCAPE = re.compile(
    r"\\(?:(?P<letter>[\\nrt])|x(?P<two>[0-9a-f]{2})|u(?P<four>[0-9a-f]{4})|U(?P<eight>[0-9a-f]{8}))"
)
_LETTERS = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_EDGE_BLANKS = re.compile(r"^ +| +$")


def to_ascii(text: str) -> str:
    r"""Return text as printable ASCII, with escapes (``\u03b7``) for all other characters.

    Blanks at the ends are escaped too, because FITS drops them.
    """
    escaped = text.encode("unicode_escape").decode("ascii").replace("\x7f", r"\x7f")
    return _EDGE_BLANKS.sub(lambda blanks: r"\x20" * len(blanks.group()), escaped)


def protected(text: str) -> str:
    """Return text that `from_ascii` turns back into the original, for files of Unicode."""
    return text if from_ascii(text) == text else text.replace("\\", r"\\")


def from_ascii(text: str) -> str:
    """Return the original of text from `to_ascii`; text without escapes is unchanged."""
    return _ESCAPE.sub(_letter, text) if "\\" in text else text


def _letter(found: re.Match[str]) -> str:
    """Return the character of an escape, or the escape itself if it is invalid."""
    if found["letter"]:
        return _LETTERS[found["letter"]]
    number = int(found["two"] or found["four"] or found["eight"], 16)
    return chr(number) if number <= sys.maxunicode else found[0]
