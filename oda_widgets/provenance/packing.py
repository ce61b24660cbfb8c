"""Pack arrays for the store without loss: group bytes by significance, then deflate them.

High bytes of neighbouring numbers are similar, and low bytes of rounded floats are zero: separated,
they compress well. Of smooth maps the differences between neighbouring pixels are packed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zlib_ng import zlib_ng

Array = NDArray[Any]

LEAST_BYTES = 16_384
"""Arrays with fewer bytes are not packed."""

_FLOATS = "<f4"
_TYPES = (_FLOATS, "<i4", "<i2", "|b1")
"""Of the numbers that are packed."""

_HOW = "packing"  # name of the array that describes how the others are packed
_LEVEL = 1
_WORD = np.uint32
_WHOLE = 8  # bytes beyond the expected size to unpack, which reveals a damaged file


def pack(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return arrays with large ones of some types packed.

    Parameters
    ----------
    arrays
        Arrays by name; none may be called "packing".
    """
    packed, how = dict(arrays), {}
    for name, array in arrays.items():
        kind = array.dtype.str
        if kind in _TYPES and array.nbytes >= LEAST_BYTES:
            words = np.ascontiguousarray(array).view(f"u{array.itemsize}")
            unused = _unused_bits(words) if kind == _FLOATS and _is_smooth(words) else None
            content = _deflated(words if unused is None else _differences(words >> _WORD(unused)))
            packed[name] = np.frombuffer(content, np.uint8)
            how[name] = {"kind": kind, "shape": list(array.shape), "unused": unused}
    return packed | {_HOW: np.frombuffer(json.dumps(how).encode(), np.uint8)}


def unpack(packed: Mapping[str, Array]) -> dict[str, Array]:
    """Return arrays with packed ones unpacked.

    Raises
    ------
    ValueError
        If a packed array does not have the stated size.
    """
    arrays = dict(packed)
    if _HOW not in arrays:
        return arrays
    for name, how in json.loads(arrays.pop(_HOW).tobytes()).items():
        arrays[name] = _array(packed[name].tobytes(), **how)
    return arrays


def _is_smooth(words: NDArray[np.uint32]) -> bool:
    """Return whether differences take less space, judged by some rows in the middle."""
    if words.ndim != 2:
        return False
    middle, some = len(words) // 2, max(len(words) // 16, 1)
    rows = words[middle - some : middle + some]
    return len(_deflated(_differences(rows))) < len(_deflated(rows))


def _unused_bits(words: NDArray[np.uint32]) -> int:
    """Return how many of the last bits are zero in all words."""
    every = int(np.bitwise_or.reduce(words, axis=None))
    return (every & -every).bit_length() - 1 if every else 0


def _array(content: bytes, kind: str, shape: list[int], unused: int | None) -> Array:
    """Return an array from its packed bytes.

    Parameters
    ----------
    content
        The bytes.
    kind, shape
        Of its numbers.
    unused
        Bits that the words of a smooth map were shortened by; None where it is not smooth.
    """
    number = np.dtype(_TYPES[_TYPES.index(kind)])
    size = int(np.prod(shape)) * number.itemsize
    inflater = zlib.decompressobj()
    found = inflater.decompress(content, size + _WHOLE)
    if len(found) != size:
        message = f"a packed array has {len(found)} bytes, and should have {size}"
        raise ValueError(message)
    planes = np.frombuffer(found, np.uint8).reshape(number.itemsize, -1)
    words = np.ascontiguousarray(planes.T).view(f"u{number.itemsize}").reshape(shape)
    return (words if unused is None else _summed(words) << _WORD(unused)).view(number)


def _deflated(words: NDArray[np.unsignedinteger]) -> bytes:
    """Return the bytes of words, deflated by run lengths only (Z_RLE).

    For maps this takes two thirds of the time of the default, and an eighth less space.
    """
    planes = words.reshape(-1, 1).view(np.uint8).T
    packing = zlib_ng.compressobj(_LEVEL, strategy=zlib.Z_RLE)
    return packing.compress(planes.tobytes()) + packing.flush()


def _differences(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the differences along both axes, with signs in the lowest bit (zigzag code)."""
    zero = _WORD(0)
    differences = np.diff(np.diff(words, axis=1, prepend=zero), axis=0, prepend=zero)
    signed = differences.view(np.int32)
    return ((signed << 1) ^ (signed >> 31)).view(_WORD)


def _summed(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the words from their differences; overflows cancel."""
    differences = (words >> 1) ^ (_WORD(0) - (words & _WORD(1)))
    along = np.cumsum(differences, axis=0, dtype=_WORD)
    return np.cumsum(along, axis=1, dtype=_WORD)
