"""The usable events of one science window, passed from archives to the engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.energies.origin import AS_RECORDED, EnergyOrigin
from oda_widgets.instruments.isgri.energies.pulses import Pulses
from oda_widgets.instruments.sensitivity import Sensitivity
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval


@dataclass(frozen=True)
class WindowEvents:
    """The usable events of one science window: selected, inside good time, in order of time.

    Parameters
    ----------
    window
        Entry of the index.
    time
        IJD days, float64, shape (n_events,).
    energy
        Energy in keV, float32. From an archive it is that of the event file, zero or NaN if
        missing; after reconstruction it is finite and above zero.
    dety, detz
        Detector coordinates, uint8: for ISGRI 0 to 129 and 0 to 133, for JEM-X 0 to 209.
    good_time
        Good time intervals, sorted and disjoint.
    flagged_counts
        Events rejected by SELECT_FLAG in each pixel, in the shape of the detector; many in noisy
        pixels.
    live_fraction
        Fraction of the good time in which the detector could record; None if unknown.
    pulses
        Pulse heights and rise times, from which energies are reconstructed; None if the archive
        lacks them, and after the reconstruction.
    origin
        Calibration of the energies.
    sensitivity
        Fraction of a source's photons that the pixels record; None if they record all.
    living
        Pixels that can record, shape (rows, columns); None if only the events show which.
    note
        Note on its rates, in words.
    left_out
        Good time and rows of the file that are not used, in words; empty if none.
    """

    window: ScienceWindow
    time: NDArray[np.float64]
    energy: NDArray[np.float32]
    dety: NDArray[np.uint8]
    detz: NDArray[np.uint8]
    good_time: tuple[TimeInterval, ...]
    flagged_counts: NDArray[np.int32]
    live_fraction: float | None = None
    pulses: Pulses | None = None
    origin: EnergyOrigin = AS_RECORDED
    sensitivity: Sensitivity | None = None
    living: NDArray[np.bool_] | None = None
    note: str = ""
    left_out: str = ""

    def __len__(self) -> int:
        return len(self.time)

    @property
    def detector_shape(self) -> tuple[int, int]:
        """Pixels along Z and Y."""
        rows, columns = self.flagged_counts.shape
        return rows, columns

    @property
    def ontime(self) -> float:
        """Sum of the good time, seconds."""
        return sum(interval.stop - interval.start for interval in self.good_time) * SECONDS_PER_DAY
