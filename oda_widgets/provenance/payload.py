"""The result of a node, in the two forms that the store has: plain facts and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Payload:
    """The result of a node.

    Parameters
    ----------
    facts
        Values that JSON can hold.
    arrays
        Arrays of numbers or truths; they are made read-only, because results are shared.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for array in self.arrays.values():
            array.setflags(write=False)

    @property
    def bytes(self) -> int:
        """Size of the arrays."""
        return sum(array.nbytes for array in self.arrays.values())


def packed(arrays: Mapping[str, Array]) -> bytes:
    """Return arrays as the content of an NPZ file.

    Raises
    ------
    TypeError
        If an array holds objects, which only pickle could write.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:
            message = f"array {name} holds objects"
            raise TypeError(message)
    buffer = BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # its second keyword is a flag
    return buffer.getvalue()


def unpacked(content: bytes) -> dict[str, Array]:
    """Return the arrays of an NPZ file."""
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
