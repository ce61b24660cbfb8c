"""Whole numbers as planes of bytes: what varies little is put together, and packs well."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_planes(numbers: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.uint8]:
    """Return the bytes of numbers, least significant plane first.

    Parameters
    ----------
    numbers
        Unsigned integers of any width, shape (n,).

    Returns
    -------
    planes
        Shape (m, n); planes above the largest number are left out.
    """
    bytes_of_numbers = np.ascontiguousarray(numbers, numbers.dtype.newbyteorder("<")).view(np.uint8)
    planes = bytes_of_numbers.reshape(len(numbers), numbers.dtype.itemsize).T
    largest = int(numbers.max(initial=0))
    return np.ascontiguousarray(planes[: (largest.bit_length() + 7) // 8])


def from_planes(planes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the numbers, uint64 of shape (n,), whose bytes are in planes of shape (m, n)."""
    numbers = np.zeros(planes.shape[1], np.uint64)
    for plane in planes[::-1]:
        numbers <<= np.uint64(8)
        numbers |= plane
    return numbers
