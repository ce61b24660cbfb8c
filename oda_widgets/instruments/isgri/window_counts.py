"""Reduce the events of a science window to counts, as images and spectra need them.

Packed counts of each pixel in some 490 energy ranges take a thirtieth of the size of the events.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from zlib_ng import zlib_ng

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.channels import channel_edges
from oda_widgets.instruments.isgri.energies.origin import EnergyOrigin
from oda_widgets.instruments.sensitivity import Sensitivity
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval

_HALVES, _WHOLES = 100, 300  # keV up to which bands may begin at half and at whole keV
_AT_ONCE = 32  # ranges packed together; a band unpacks only the parts that it needs
_QUICKLY = 1  # level of zlib
_LARGEST_MEMORY = 9  # of zlib
_HALF, _BYTE, _WORD = 4, 8, 32  # bits of a number


@cache
def count_edges() -> Floats:
    """Return the edges of the ranges in keV: those of all channels of spectra and of usual bands.

    All are multiples of 0.5 keV, exact in single precision, so that ranges and bands with the same
    edge divide events alike.
    """
    lowest = float(channel_edges()[0])
    halves, wholes = np.arange(lowest, _HALVES, 0.5), np.arange(_HALVES, _WHOLES + 1.0)
    every = np.concatenate([channel_edges(), halves, wholes])
    edges = np.array(sorted(set(every.tolist())))  # np.unique loads masked arrays
    edges.setflags(write=False)
    return edges


@lru_cache(maxsize=100)
def on_edges(*edges: float) -> bool:
    """Return True if all energies are edges of ranges; cached for thousands of windows."""
    return set(edges) <= set(count_edges().tolist())


@dataclass(frozen=True)
class PackedCounts:
    """Counts of pixels in the energy ranges, packed in parts of several ranges.

    Parameters
    ----------
    content
        Compressed parts, one after the other, shape (n_bytes,).
    ends
        Ends of the parts in `content`, shape (n_parts,).
    widths
        Bits of a number in each part, shape (n_parts,).
    """

    content: NDArray[np.uint8]
    ends: NDArray[np.int64]
    widths: NDArray[np.int64]

    @classmethod
    def of(cls, counts: NDArray[np.unsignedinteger]) -> Self:
        """Pack counts, shape (n_ranges, n_pixels)."""
        parts, widths = [], []
        for first in range(0, len(counts), _AT_ONCE):
            part = counts[first : first + _AT_ONCE].ravel()
            width = _width(part)
            parts.append(_packed(_narrow(part, width).tobytes()))
            widths.append(width)
        content = np.frombuffer(b"".join(parts), np.uint8)
        ends = np.cumsum([len(part) for part in parts])
        return cls(content, ends, np.array(widths))

    def ranges(self, first: int, last: int, pixels: int) -> NDArray[np.unsignedinteger]:
        """Return the counts of ranges from `first` to below `last`, (last - first, pixels)."""
        begin, end = first // _AT_ONCE, -(-last // _AT_ONCE)
        unpacked = [self._part(number).reshape(-1, pixels) for number in range(begin, end)]
        whole: NDArray[np.unsignedinteger] = np.concatenate(unpacked)
        return whole[first - begin * _AT_ONCE : last - begin * _AT_ONCE]

    def _part(self, number: int) -> NDArray[np.unsignedinteger]:
        start = int(self.ends[number - 1]) if number else 0
        content = zlib.decompress(self.content[start : int(self.ends[number])].tobytes())
        width = int(self.widths[number])
        if width == _WORD:
            return np.frombuffer(content, np.uint32)
        narrow = np.frombuffer(content, np.uint8)
        return np.concatenate([narrow & 15, narrow >> _HALF]) if width == _HALF else narrow


def _width(counts: NDArray[np.unsignedinteger]) -> int:
    """Return the bits that hold each count; half a byte only for an even number of counts."""
    most = int(counts.max(initial=0))
    if most < 1 << _HALF and len(counts) % 2 == 0:
        return _HALF
    return _BYTE if most < 1 << _BYTE else _WORD


def _narrow(counts: NDArray[np.unsignedinteger], width: int) -> NDArray[np.unsignedinteger]:
    """Return counts of `width` bits; two in a byte come from the first and the second half."""
    if width == _WORD:
        return counts.astype(np.uint32)
    small = counts.astype(np.uint8)
    if width == _BYTE:
        return small
    first, second = np.split(small, 2)
    return np.bitwise_or(first, np.left_shift(second, _HALF))


def _packed(content: bytes) -> bytes:
    """Return counts compressed by Huffman codes alone.

    A search for repeated bytes takes longer and compresses less.
    """
    packing = zlib_ng.compressobj(
        _QUICKLY, zlib.DEFLATED, zlib.MAX_WBITS, _LARGEST_MEMORY, zlib.Z_HUFFMAN_ONLY
    )
    return packing.compress(content) + packing.flush()


@dataclass(frozen=True)
class WindowCounts:
    """The counts of a whole science window, in place of `WindowEvents`.

    Parameters
    ----------
    number
        Number of events, including those outside all ranges.
    total
        Events of each pixel at all energies, as [DETZ, DETY].
    packed
        Counts in the ranges between `count_edges`.
    window, good_time, flagged_counts, live_fraction, origin, sensitivity, living, note, left_out
        As in `WindowEvents`.
    paused
        Pixels that were off for a part of the good time, same shape.
    """

    number: int
    total: NDArray[np.int32]
    packed: PackedCounts
    window: ScienceWindow
    good_time: tuple[TimeInterval, ...]
    flagged_counts: NDArray[np.int32]
    live_fraction: float | None
    origin: EnergyOrigin
    sensitivity: Sensitivity | None
    paused: NDArray[np.bool_]
    living: NDArray[np.bool_] | None = None
    note: str = ""
    left_out: str = ""

    def __len__(self) -> int:
        return self.number

    @property
    def detector_shape(self) -> tuple[int, int]:
        """Pixels along Z and Y."""
        rows, columns = self.flagged_counts.shape
        return rows, columns

    def between(self, edges: Sequence[float] | Floats) -> NDArray[np.float32]:
        """Return the counts of adjoining bands, shape (n_bands, n_pixels).

        Parameters
        ----------
        edges
            Edges of the bands in keV, all of which are edges of ranges, (n_bands + 1,).
        """
        places = np.searchsorted(count_edges(), np.asarray(edges, float))
        pixels = self.total.size
        ranges = self.packed.ranges(int(places[0]), int(places[-1]), pixels)
        starts = places - places[0]
        counts = np.empty((len(starts) - 1, pixels), np.float32)
        for one, low, high in zip(counts, starts[:-1], starts[1:], strict=True):
            np.add.reduce(ranges[low:high], axis=0, dtype=np.float32, out=one)
        return counts
