"""Pulse height and rise time of each event, as the detector recorded them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.detector import DETECTOR_SHAPE

SIDE = 128
"""Pixels along each side of the detector, the gaps between modules left out."""

_HALF, _QUARTER = 64, 32
_AT_ONCE = 1 << 15  # events
_LOW_BITS = np.uint64(0xFFFFFFFF)
_UNIT = 2.0**-32


@dataclass(frozen=True)
class Pulses:
    """The pulses of some events of a science window.

    Parameters
    ----------
    height
        Pulse height (PHA), channels of the on-board converter, int16, shape (n_events,).
    rise_time
        Rise time as recorded, uint8.
    dety, detz
        Detector coordinates, uint8, 0 to 129 and 0 to 133; all inside the detector.
    seed
        Seed of the random numbers of this window (see `seed_of`).
    row
        Row of each event in its file; its random numbers depend only on it and the seed. None if
        these are all events of the file.
    """

    height: NDArray[np.int16]
    rise_time: NDArray[np.uint8]
    dety: NDArray[np.uint8]
    detz: NDArray[np.uint8]
    seed: int = 0
    row: NDArray[np.signedinteger[Any]] | None = None

    def __len__(self) -> int:
        return len(self.height)

    def __getitem__(self, chosen: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Self:
        return type(self)(
            height=self.height[chosen],
            rise_time=self.rise_time[chosen],
            dety=self.dety[chosen],
            detz=self.detz[chosen],
            seed=self.seed,
            row=self.rows[chosen],
        )

    @cached_property
    def rows(self) -> NDArray[np.signedinteger[Any]]:
        """Row of each event in its file."""
        return np.arange(len(self)) if self.row is None else self.row

    def pieces(self) -> Iterator[tuple[slice, Self]]:
        """Iterate over the events, some at a time.

        So few stay in the cache of the processor, which is several times faster.
        """
        for start in range(0, len(self), _AT_ONCE):
            piece = slice(start, min(start + _AT_ONCE, len(self)))
            yield piece, self[piece]

    @cached_property
    def pixel(self) -> NDArray[np.int32]:
        """Number of the pixel of each event, 128 Y + Z, as OSA's tables count them."""
        place = self.detz.astype(np.int32) * DETECTOR_SHAPE[1] + self.dety
        return _pixel_at_place().take(place)

    @cached_property
    def module(self) -> NDArray[np.int8]:
        """Module (MCE) of each event, 0 to 7, as OSA's tables count them."""
        return module_of_pixel().take(self.pixel)

    @cached_property
    def random(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Two random numbers in (-0.5, 0.5) for each event: for its height, for its rise time.

        They undo the rounding of both converters to whole numbers. The same event of the same
        window always has the same numbers (SplitMix64, Steele et al. 2014,
        doi:10.1145/2714064.2660195).
        """
        bits = _split_mix(self.rows.astype(np.uint64), self.seed)
        upper, lower = bits >> np.uint64(32), bits & _LOW_BITS
        return _centred(upper), _centred(lower)


def seed_of(window: str) -> int:
    """Return the seed of a science window, from its identifier."""
    return int.from_bytes(hashlib.sha256(window.encode()).digest()[:8], "little")


@cache
def module_of_pixel() -> NDArray[np.int8]:
    """Return the module (MCE) of each pixel in OSA's order, shape (16384,)."""
    y, z = np.divmod(np.arange(SIDE * SIDE), SIDE)
    module: NDArray[np.int8] = (7 - z // _QUARTER - 4 * (y // _HALF)).astype(np.int8)
    module.setflags(write=False)
    return module


@cache
def _pixel_at_place() -> NDArray[np.int32]:
    """Return the pixel number at each place of the detector; in gaps, a neighbour's."""
    y, z = np.arange(DETECTOR_SHAPE[1]), np.arange(DETECTOR_SHAPE[0])
    y = np.minimum(y - 2 * (y >= _HALF + 2), SIDE - 1)
    z = z - 2 * (z // (_QUARTER + 2))
    pixel: NDArray[np.int32] = (SIDE * y[None, :] + z[:, None]).astype(np.int32).ravel()
    pixel.setflags(write=False)
    return pixel


def _split_mix(number: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    mixed = (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _centred(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    return (bits.astype(np.float64) + 0.5) * _UNIT - 0.5
