"""Values in the file of a session, each checked: it is foreign data like any other."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any

from oda_widgets.errors import DamagedFile, shorten

SAVED_BY_US = "Give a file that the page saved, unchanged."
LONGEST_TEXT = 1000


def text_in(content: Mapping[str, Any], name: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text by its name."""
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
    """Return whether something is said to be true."""
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
