"""The kinds of arrays that most rooms handle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Numbers of 8 bytes."""

Singles = NDArray[np.float32]
"""Numbers of 4 bytes: images, maps, weights of many pixels."""

_LONGEST = 40  # letters of a value in a print
_HASHED = 4  # values of each array that a hash is made of


class KeptArrays:
    """Base of dataclasses whose arrays cannot be written.

    What answers a query may be given to all who ask, in parts or as a whole: who wrote into it
    would change the answers of others. The fields are views that refuse to be written; the arrays
    that they were made of stay as they were.

    Two are equal if all fields that are compared are, and so are the arrays, value by value: NaN
    equals NaN. Their dataclasses say ``eq=False``: the comparison that dataclasses make asks for
    the truth of an array.
    """

    def __post_init__(self) -> None:
        self.__dict__.update(_unwritable(self.__dict__))

    def __eq__(self, other: object) -> bool:
        return same(self, other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        arrays = [value for value in self.__dict__.values() if isinstance(value, np.ndarray)]
        return hash((type(self), *(_digest(array) for array in arrays)))

    def __repr__(self) -> str:
        """Return the name, and of each field the shape or a short value: numbers are not read."""
        shown = (item.name for item in fields(self) if item.repr)  # type: ignore[arg-type]
        parts = (f"{name} {_shortly(getattr(self, name))}" for name in shown)
        return f"{type(self).__name__}: {', '.join(parts)}"

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the fields of a copy, or of what another process sent: pickle forgets the rule."""
        self.__dict__.update(state)
        self.__dict__.update(_unwritable(state))


def unwritable(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of an array that cannot be written.

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
    # Coordinates of astropy know no equality.
    return {"header": repr(value.to_header(relax=True))} if hasattr(value, "to_header") else None


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _digest(array: NDArray[Any]) -> tuple[object, ...]:
    """Return the shape and the first values of an array, for a hash; None stands for NaN."""
    return (array.shape, *(None if _is_nan(value) else value for value in array.flat[:_HASHED]))


def _shortly(value: Any) -> str:
    """Return a value in a few letters on one line: an array as its shape."""
    if isinstance(value, np.ndarray):
        return f"[{' × '.join(map(str, value.shape))}]"
    if isinstance(value, float):
        return f"{value:.6g}"
    first, *more = str(value).splitlines() or [""]
    return first if not more and len(first) <= _LONGEST else f"{first[:_LONGEST]}…"


def _unwritable(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: unwritable(value)
        for name, value in state.items()
        if isinstance(value, np.ndarray) and value.flags.writeable
    }
