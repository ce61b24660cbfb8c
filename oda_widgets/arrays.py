"""Array types that most rooms use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Double precision."""

Singles = NDArray[np.float32]
"""Single precision: images, maps, weights of many pixels."""

_LONGEST = 40  # characters of a value in a repr
_HASHED = 4  # values of each array that enter a hash


class KeptArrays:
    """Base of dataclasses whose arrays are read-only.

    Several callers may share a product or its parts: one that wrote into it would change the data
    of the others. The fields are read-only views; the original arrays stay writeable.

    Two are equal if all compared fields are equal, arrays value by value: NaN equals NaN.
    Subclasses say ``eq=False``: the comparison that dataclasses generate fails for arrays.
    """

    def __post_init__(self) -> None:
        self.__dict__.update(_read_only(self.__dict__))

    def __eq__(self, other: object) -> bool:
        return same(self, other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        arrays = [value for value in self.__dict__.values() if isinstance(value, np.ndarray)]
        return hash((type(self), *(_digest(array) for array in arrays)))

    def __repr__(self) -> str:
        """Return the name, and the shape or a short value of each field, reading no array."""
        shown = (item.name for item in fields(self) if item.repr)  # type: ignore[arg-type]
        parts = (f"{name} {_one_line(getattr(self, name))}" for name in shown)
        return f"{type(self).__name__}: {', '.join(parts)}"

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore copied or pickled fields as read-only, which pickle does not keep."""
        self.__dict__.update(state)
        self.__dict__.update(_read_only(state))


def unwritable(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view of an array.

    Examples
    --------
    >>> unwritable(np.zeros(2)).flags.writeable
    False
    """
    view = array.view()
    view.flags.writeable = False
    return view


def same(first: Any, second: Any) -> bool:
    """Return whether two values, their parts and their arrays are equal; NaN equals NaN."""
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    if isinstance(first, np.ndarray):
        return np.array_equal(first, second, equal_nan=first.dtype.kind in "fc")
    parts, others = _parts(first), _parts(second)
    if parts is None or others is None:
        return bool(first == second) or (_is_nan(first) and _is_nan(second))
    return parts.keys() == others.keys() and all(same(parts[n], others[n]) for n in parts)


def _parts(value: Any) -> dict[Any, Any] | None:
    """Return the parts of a value that are compared one by one; None if the whole is compared."""
    if is_dataclass(value):
        return {item.name: getattr(value, item.name) for item in fields(value) if item.compare}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return dict(enumerate(value))
    # The WCS of astropy defines no equality.
    return {"header": repr(value.to_header(relax=True))} if hasattr(value, "to_header") else None


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _digest(array: NDArray[Any]) -> tuple[object, ...]:
    """Return the shape and the first values of an array, for a hash; None stands for NaN."""
    return (array.shape, *(None if _is_nan(value) else value for value in array.flat[:_HASHED]))


def _one_line(value: Any) -> str:
    """Return a value as one short line: an array as its shape."""
    if isinstance(value, np.ndarray):
        return f"[{' × '.join(map(str, value.shape))}]"
    if isinstance(value, float):
        return f"{value:.6g}"
    first, *more = str(value).splitlines() or [""]
    return first if not more and len(first) <= _LONGEST else f"{first[:_LONGEST]}…"


def _read_only(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: unwritable(value)
        for name, value in state.items()
        if isinstance(value, np.ndarray) and value.flags.writeable
    }
