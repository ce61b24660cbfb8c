"""Events before they are sorted by time: pixels, times and energies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Arrivals:
    """Events of one origin, in order of time; arrays of shape (n,).

    Parameters
    ----------
    time
        Arrival times, IJD days.
    energy
        keV; 0 if it could not be reconstructed.
    pixel
        Flat index into the detector of 134 x 130.
    """

    time: NDArray[np.float64]
    energy: NDArray[np.float32]
    pixel: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.time)


def in_order(parts: list[Arrivals]) -> Arrivals:
    """Return the events of several origins together, in order of time."""
    time = np.concatenate([part.time for part in parts])
    # A stable sort merges sorted runs, four times as fast as another.
    order = np.argsort(time, kind="stable")
    return Arrivals(
        time=time[order],
        energy=np.concatenate([part.energy for part in parts])[order],
        pixel=np.concatenate([part.pixel for part in parts])[order],
    )
