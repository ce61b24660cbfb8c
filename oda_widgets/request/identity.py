"""The identity of a query: the SHA-256 of its canonical form.

ODA's present dispatcher hashes the *sorted characters* of a query, so that the right ascensions
83.63 and 36.83 share a job. Here each value is written with its type and the name of its field, so
that two queries share an identity only if they ask for the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
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
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


_EXACT = 2**53  # whole numbers up to here are floats


def canonical(value: Any) -> str:
    """Return a value as JSON text: nested lists, each headed by the tag of its type.

    The text is built directly: a plan of thousands of windows hashes a hundred thousand values, and
    building lists to encode them takes three times as long.

    Raises
    ------
    TypeError
        If it holds something without a canonical form.

    Examples
    --------
    >>> canonical(["isgri", None])
    '["list",[["text","isgri"],["none"]]]'
    """
    if isinstance(value, str):
        return f'["text",{quoted(value)}]'
    if isinstance(value, float | int):  # includes booleans
        return _number(value)
    if isinstance(value, tuple | list):
        return f'["list",[{",".join([canonical(item) for item in value])}]]'
    if value is None:
        return '["none"]'
    if isinstance(value, dict):
        items = sorted([(str(key), canonical(item)) for key, item in value.items()])
        texts = [f"[{quoted(key)},{text}]" for key, text in items]
        return f'["map",[{",".join(texts)}]]'
    return _record(value)


def _record(value: Any) -> str:
    """Return the canonical form of a dataclass: its fields, sorted by name."""
    if not is_dataclass(value) or isinstance(value, type):
        message = f"{type(value).__name__} has no canonical form"
        raise TypeError(message)
    names = _field_names(type(value))
    texts = [f'["{name}",{canonical(getattr(value, name))}]' for name in names]
    return f'["record","{type(value).__name__}",[{",".join(texts)}]]'


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    """Return the names of the fields that a dataclass compares by, in alphabetical order."""
    return tuple(sorted(f.name for f in fields(kind) if f.compare))


def _number(value: float) -> str:
    """Return the canonical form of a number or boolean."""
    if isinstance(value, bool):
        return f'["truth",{"true" if value else "false"}]'
    if isinstance(value, int) and not abs(value) <= _EXACT:
        return f'["number","{value:#x}"]'  # as a float it would change, or overflow
    # 20 and 20.0 are the same number. Hex keeps every bit, and spells each number in one way once
    # negative zero is gone.
    return f'["number","{(float(value) + 0.0).hex()}"]'
