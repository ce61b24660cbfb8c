"""The kinds of arrays that most rooms handle."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Numbers of 8 bytes."""

Singles = NDArray[np.float32]
"""Numbers of 4 bytes: images, maps, weights of many pixels."""

_LONGEST = 40  # letters of a value in a print


class KeptArrays:
    """Base of dataclasses whose arrays cannot be written.

    What answers a query may be given to all who ask, in parts or as a whole: who wrote into it
    would change the answers of others. The fields are views that refuse to be written; the arrays
    that they were made of stay as they were.
    """

    def __post_init__(self) -> None:
        self.__dict__.update(_unwritable(self.__dict__))

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
