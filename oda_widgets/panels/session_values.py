"""Values in a session file, each checked, because the file is untrusted input."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any
from unicodedata import category

from oda_widgets.errors import DamagedFile, shorten

SAVED_BY_US = "Give a file that the page saved, unchanged."
LONGEST_TEXT = 1000
_READABLE = frozenset("\t\n\r")


def check_texts(content: Any) -> None:
    r"""Refuse texts, names among them, that no page can show or send.

    They hold control characters, or halves of characters (surrogates), as ``"\ud800"`` of JSON.

    Raises
    ------
    DamagedFile
        If there is one.
    """
    waiting = [("text", content)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str):
            if not is_plain(value):
                kinds = "a control character, or half a character"
                raise DamagedFile(f"Its {name} is {shorten(value)}: {kinds}.", SAVED_BY_US)
        elif isinstance(value, dict):
            waiting.extend(value.items())
            waiting.extend(
                ("name of a value", key) for key in value
            )  # checked before a message uses them
        elif isinstance(value, list):
            waiting.extend((name, item) for item in value)


def is_plain(text: str) -> bool:
    """Return whether a text has no surrogates, nor control characters but tabs and line ends."""
    return text.isprintable() or not any(map(_is_unreadable, text))


def plain(text: str) -> str:
    """Return a text without the characters that `check_texts` refuses."""
    if is_plain(text):
        return text
    return "".join(letter for letter in text if not _is_unreadable(letter))


def _is_unreadable(letter: str) -> bool:
    return letter not in _READABLE and category(letter) in {"Cc", "Cs"}


def text_in(content: Mapping[str, Any], name: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text by its name, at most so many characters long."""
    value = content.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise DamagedFile(f"Its {name} is {shorten(value)}, not a text.", SAVED_BY_US)
    return value


def number_of(value: Any) -> float:
    """Return a number; null stands for one that is not known."""
    if value is None:
        return nan
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        raise DamagedFile(f"It has {shorten(value)} in place of a number.", SAVED_BY_US)
    return float(value)


def whole_number_in(content: Mapping[str, Any], name: str, most: int) -> int:
    """Return a whole number of at most `most` by its name."""
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise DamagedFile(
            f"Its {name} is {shorten(value)}, not a number up to {most}.", SAVED_BY_US
        )
    return value


def flag_in(content: Mapping[str, Any], name: str) -> bool:
    """Return whether a value is true; False if it is missing."""
    return content.get(name) is True


def list_in(content: Mapping[str, Any], name: str, most: int) -> list[Any]:
    """Return a list of at most `most` items by its name."""
    value = content.get(name)
    if not isinstance(value, list) or len(value) > most:
        problem = f"Its {name} is {shorten(value)}, not a list of at most {most:,}."
        raise DamagedFile(problem, SAVED_BY_US)
    return value


def mapping_in(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a group of values by its name."""
    value = content.get(name)
    if not isinstance(value, dict):
        raise DamagedFile(f"Its {name} is {shorten(value)}, not a group of values.", SAVED_BY_US)
    return value
