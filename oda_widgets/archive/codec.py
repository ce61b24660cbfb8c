"""A science window as a small set of arrays, without the loss of a single bit.

Times are differences between the bit patterns of successive values: for sorted times of one sign
these are small whole numbers. Energies take few distinct values (the resolution of the calibration
table), so they become an index into a table. Both are split into planes of bytes: what varies
little is put together, and packs well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.request.science_windows import ScienceWindow

Arrays = dict[str, NDArray[Any]]


def encode(raw: RawWindow) -> Arrays:
    """Return a science window as arrays that pack well; `decode` gives it back."""
    patterns = raw.time.view(np.uint64)
    table, index = np.unique(raw.energy.view(np.uint32), return_inverse=True)
    facts = {"window": asdict(raw.window), "keywords": dict(raw.keywords)}
    return {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "intervals": np.empty((0, 0)) if raw.intervals is None else raw.intervals,
        # Unsigned differences wrap around, and so does their sum: exact for any values.
        "first_time": patterns[:1],
        "time_steps": to_planes(np.diff(patterns)),
        "energy_table": table,
        "energy_index": to_planes(index.astype(np.uint32)),
        "dety": raw.dety,
        "detz": raw.detz,
        "select_flag": raw.select_flag,
    }


def decode(arrays: Mapping[str, NDArray[Any]]) -> RawWindow:
    """Return the science window that `encode` turned into arrays."""
    facts = json.loads(bytes(arrays["facts"]))
    intervals = arrays["intervals"]
    energy_bits = arrays["energy_table"][from_planes(arrays["energy_index"])]
    return RawWindow(
        window=decode_window(arrays),
        time=_times(arrays["first_time"], from_planes(arrays["time_steps"])),
        energy=energy_bits.view(np.float32),
        dety=arrays["dety"],
        detz=arrays["detz"],
        select_flag=arrays["select_flag"],
        intervals=None if intervals.shape == (0, 0) else intervals,
        keywords=facts["keywords"],
    )


def decode_window(arrays: Mapping[str, NDArray[Any]]) -> ScienceWindow:
    """Return what an index knows about an encoded science window, without its events."""
    return ScienceWindow(**json.loads(bytes(arrays["facts"]))["window"])


def _times(first: NDArray[np.uint64], steps: NDArray[np.uint64]) -> NDArray[np.float64]:
    return np.cumsum(np.concatenate([first, steps]), dtype=np.uint64).view(np.float64)


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
