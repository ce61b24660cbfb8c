"""Encode a science window as a small set of arrays, without loss.

Times are differences between the bit patterns of successive values. These, and energies, take few
distinct values (the clock of the instrument, the resolution of the calibration table), so they
become an index into a table. Whole numbers are split into planes of bytes: bytes that vary little
lie together, and pack well.
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
    """Return a science window as arrays that pack well; `decode` restores it."""
    patterns = raw.time.view(np.uint64)
    facts = {"window": asdict(raw.window), "keywords": dict(raw.keywords)}
    arrays: Arrays = {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "intervals": np.empty((0, 0)) if raw.intervals is None else raw.intervals,
        "first_time": patterns[:1],
        "dety": raw.dety,
        "detz": raw.detz,
        "select_flag": raw.select_flag,
    }
    # Unsigned differences wrap around, and so does their sum: exact for any values.
    arrays |= _indexed("time_step", np.diff(patterns))
    arrays |= _indexed("energy", raw.energy.view(np.uint32))
    if raw.height is not None and raw.rise_time is not None:
        arrays |= {"height": to_planes(raw.height.view(np.uint16)), "rise_time": raw.rise_time}
    return arrays


def decode(arrays: Mapping[str, NDArray[Any]]) -> RawWindow:
    """Return the science window that `encode` turned into arrays."""
    facts = json.loads(bytes(arrays["facts"]))
    intervals = arrays["intervals"]
    has_pulses = "height" in arrays
    return RawWindow(
        window=decode_window(arrays),
        time=_times(arrays["first_time"], _values("time_step", arrays)),
        energy=_values("energy", arrays).view(np.float32),
        dety=arrays["dety"],
        detz=arrays["detz"],
        select_flag=arrays["select_flag"],
        intervals=None if intervals.shape == (0, 0) else intervals,
        keywords=facts["keywords"],
        height=from_planes(arrays["height"], np.uint16).view(np.int16) if has_pulses else None,
        rise_time=arrays["rise_time"] if has_pulses else None,
    )


def decode_window(arrays: Mapping[str, NDArray[Any]]) -> ScienceWindow:
    """Return the index entry of an encoded science window without decoding its events."""
    return ScienceWindow(**json.loads(bytes(arrays["facts"]))["window"])


def _times(first: NDArray[np.uint64], steps: NDArray[np.uint64]) -> NDArray[np.float64]:
    return np.cumsum(np.concatenate([first, steps]), dtype=np.uint64).view(np.float64)


def _indexed(name: str, values: NDArray[Any]) -> Arrays:
    """Return values as a table of the distinct ones and planes of the index of each."""
    table, index = np.unique(values, return_inverse=True)
    return {f"{name}_table": table, f"{name}_index": to_planes(index.astype(np.uint32))}


def _values(name: str, arrays: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Return the values that were turned into a table and an index."""
    values: NDArray[Any] = arrays[f"{name}_table"][from_planes(arrays[f"{name}_index"], np.uint32)]
    return values


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


def from_planes(planes: NDArray[np.uint8], kind: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    """Return the numbers, shape (n,) and of a type, whose bytes are in planes of shape (m, n)."""
    numbers = np.zeros(planes.shape[1], kind)
    for place, plane in enumerate(planes):
        numbers |= plane.astype(kind) << kind(8 * place)
    return numbers
