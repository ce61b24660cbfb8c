"""What an archive is: an index of science windows, and the events of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from oda_widgets.products.observation import SkippedWindow
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval

DETECTOR_SHAPE = (134, 130)  # [DETZ, DETY], dead rows and columns included


@dataclass(frozen=True)
class WindowEvents:
    """The usable events of one science window: selected, inside good time, in order of time.

    Parameters
    ----------
    window
        What the index knows about it.
    time
        IJD days, float64, shape (n_events,).
    energy
        Reconstructed energy in keV, float32; finite and above zero.
    dety, detz
        Detector coordinates, uint8, 0 to 129 and 0 to 133.
    good_time
        Good time intervals, sorted and disjoint.
    flagged_counts
        Events refused by SELECT_FLAG per pixel, shape (134, 130): where the pixels are noisy.
    live_fraction
        Fraction of the good time in which the detector could record, or None when the archive
        does not say.
    """

    window: ScienceWindow
    time: NDArray[np.float64]
    energy: NDArray[np.float32]
    dety: NDArray[np.uint8]
    detz: NDArray[np.uint8]
    good_time: tuple[TimeInterval, ...]
    flagged_counts: NDArray[np.int32]
    live_fraction: float | None = None

    def __len__(self) -> int:
        return len(self.time)

    @property
    def ontime(self) -> float:
        """Sum of the good time, seconds."""
        return sum(interval.stop - interval.start for interval in self.good_time) * SECONDS_PER_DAY


class Archive(Protocol):
    """A collection of science windows."""

    @property
    def name(self) -> str:
        """What to call it in a sentence, for example "bundled sample"."""
        ...

    @property
    def address(self) -> str:
        """What ``connect(archive=...)`` opens it with."""
        ...

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return all windows, in order of time."""
        ...

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return the windows whose files cannot be used, each with the reason.

        They are those that were found when `science_windows` was last asked, if it was.
        """
        ...

    def content(self, identifier: str) -> str:
        """Return the digest of the data of one window, the same for the same data only.

        Raises
        ------
        ArchiveError
            If the archive has no such window, or it cannot be read.
        """
        ...

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of one window.

        Raises
        ------
        ArchiveError
            If the archive has no such window.
        DamagedFile
            If its file is truncated, foreign or inconsistent.
        """
        ...
