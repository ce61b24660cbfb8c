"""One identity per query: SHA-256 over a tagged canonical form.

ODA's present dispatcher hashes the *sorted characters* of a query, so that the right ascensions
83.63 and 36.83 share a job. Here every value is written with its type and its field name, so that
two queries share an identity only when they ask for the same.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any


def identity(value: Any) -> str:
    """Return the SHA-256, in hex, of the canonical form of a value.

    Parameters
    ----------
    value
        A dataclass of plain values, numbers, strings, booleans, ``None``, tuples, lists or
        mappings with string keys, nested as needed.

    Raises
    ------
    TypeError
        If the value holds something without a canonical form.

    Examples
    --------
    >>> identity({"ra": 83.63}) == identity({"ra": 36.83})
    False
    >>> identity([20]) == identity((20.0,))
    True
    """
    text = json.dumps(canonical(value), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


_PLAIN = str | float | int  # and truths, which are integers


def canonical(value: Any) -> Any:
    """Return a value as nested lists, each headed by the tag of its type.

    Raises
    ------
    TypeError
        If it holds something without a canonical form.

    Examples
    --------
    >>> canonical(["isgri", None])
    ['list', [['text', 'isgri'], ['none']]]
    """
    if value is None:
        return ["none"]
    if isinstance(value, _PLAIN):
        return _plain(value)
    if isinstance(value, tuple | list):
        return ["list", [canonical(item) for item in value]]
    if isinstance(value, dict):
        return ["map", sorted([str(key), canonical(item)] for key, item in value.items())]
    if is_dataclass(value) and not isinstance(value, type):
        pairs = [[f.name, canonical(getattr(value, f.name))] for f in fields(value) if f.compare]
        return ["record", type(value).__name__, sorted(pairs)]
    message = f"{type(value).__name__} has no canonical form"
    raise TypeError(message)


def _plain(value: str | float) -> list[Any]:
    """Return a single value with its tag."""
    if isinstance(value, str):
        return ["text", value]
    if isinstance(value, bool):
        return ["truth", value]
    # 20 and 20.0 are the same number; hex keeps every bit and has one spelling per number,
    # once the negative zero is gone.
    return ["number", (float(value) + 0.0).hex()]
