"""Values as text that is the same for the same value, in every process."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from types import CodeType
from typing import Any

import numpy as np

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_DEEPEST = 20  # levels of values within values


def canonical(value: Any, depth: int = 0) -> str:
    """Return a value as text, without where it is in memory or the order of its sets.

    Parameters
    ----------
    value
        Anything.
    depth
        Number of values that enclose it; below 20 levels only the type is written.
    """
    if depth > _DEEPEST:
        return type(value).__name__
    if isinstance(value, np.ndarray) and value.dtype != object:
        content = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return f"array {value.dtype.str} {value.shape} {content}"
    inner = _inner(value, depth + 1)
    return f"{type(value).__name__}({inner})" if inner is not None else _text_without_address(value)


def instructions_of(function: Any) -> str:
    """Return the instructions of a function whose source is not known."""
    code = getattr(function, "__code__", None)
    defaults = getattr(function, "__defaults__", None), getattr(function, "__kwdefaults__", None)
    return f"{_text_without_address(code)} {canonical(defaults)}"


def _inner(value: Any, depth: int) -> str | None:
    """Return the values inside a container as text; None for a value that is no container."""
    if isinstance(value, Mapping):
        pairs = value.items()
        return ", ".join(f"{canonical(k, depth)}: {canonical(v, depth)}" for k, v in pairs)
    if isinstance(value, AbstractSet):
        return ", ".join(sorted(canonical(one, depth) for one in value))
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim):
        return ", ".join(canonical(one, depth) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        held = ((one.name, getattr(value, one.name)) for one in fields(value))
        return ", ".join(f"{name}={canonical(one, depth)}" for name, one in held)
    return None


def _text_without_address(value: Any) -> str:
    if isinstance(value, CodeType):
        constants = ", ".join(map(_text_without_address, value.co_consts))
        return f"{value.co_code.hex()} {value.co_names} ({constants})"
    return _ADDRESS.sub("", repr(value))
