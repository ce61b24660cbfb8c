"""The result of a node: plain facts and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.provenance.packing import pack, unpack

Array = NDArray[Any]


@dataclass(frozen=True)
class Payload:
    """The result of a node.

    Parameters
    ----------
    facts
        Values that JSON can hold.
    arrays
        Arrays of numbers or booleans; they are made read-only, because results are shared.
    compact
        True if the store should pack the arrays, as for the rounded maps of each window. Packing
        takes longer than writing.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)
    compact: bool = False

    def __post_init__(self) -> None:
        for array in self.arrays.values():
            array.setflags(write=False)

    @property
    def bytes(self) -> int:
        """Size of the arrays in bytes."""
        return sum(array.nbytes for array in self.arrays.values())


def encoded(payload: Payload) -> bytes:
    """Return the arrays of a result as the content of an NPZ file.

    Raises
    ------
    TypeError
        If an array holds objects, which only pickle could write.
    """
    arrays = pack(payload.arrays) if payload.compact else payload.arrays
    for name, array in arrays.items():
        if array.dtype.hasobject:
            message = f"array {name} holds objects"
            raise TypeError(message)
    buffer = BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # its second keyword is a flag
    return buffer.getvalue()


def decoded(content: bytes) -> dict[str, Array]:
    """Return the arrays of an NPZ file of the store."""
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        return unpack({name: arrays[name] for name in arrays.files})
