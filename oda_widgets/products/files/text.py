"""Any text in the 7-bit text of FITS, and back."""

from __future__ import annotations

import re

_EDGE_BLANKS = re.compile(r"^ +| +$")


def to_ascii(text: str) -> str:
    r"""Return text as printable ASCII, with escapes (``\u03b7``) for what FITS cannot hold.

    Blanks at the ends are escaped too, because FITS drops them.
    """
    escaped = text.encode("unicode_escape").decode("ascii").replace("\x7f", r"\x7f")
    return _EDGE_BLANKS.sub(lambda blanks: r"\x20" * len(blanks.group()), escaped)


def from_ascii(text: str) -> str:
    """Return the text that `to_ascii` was given; foreign text that is no escape stays as it is."""
    if "\\" not in text:
        return text
    try:
        return text.encode("ascii").decode("unicode_escape")
    except UnicodeError:
        return text
