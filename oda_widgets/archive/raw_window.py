"""One science window as its event file holds it, before any selection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval, intersect, merge

KeywordValue = bool | int | float | str


@dataclass(frozen=True)
class RawWindow:
    """All events of a science window, as recorded.

    Parameters
    ----------
    window
        Its entry in an index.
    time
        IJD days, float64, shape (n_events,).
    energy
        keV, float32; zero or NaN where it could not be reconstructed.
    dety, detz
        Detector coordinates, uint8.
    select_flag
        uint8; zero for the events to be used.
    intervals
        Good time intervals in IJD days, shape (n, 2), as the file lists them; None if it has no
        list.
    keywords
        Other keywords of the event table, written back with it.
    height
        Pulse height (ISGRI_PHA), int16; None if the file lacks it.
    rise_time
        Rise time of the pulse, uint8; None if the file lacks it.
    """

    window: ScienceWindow
    time: NDArray[np.float64]
    energy: NDArray[np.float32]
    dety: NDArray[np.uint8]
    detz: NDArray[np.uint8]
    select_flag: NDArray[np.uint8]
    intervals: NDArray[np.float64] | None
    keywords: Mapping[str, KeywordValue] = field(default_factory=dict)
    height: NDArray[np.int16] | None = None
    rise_time: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.time)

    @property
    def good_time(self) -> tuple[TimeInterval, ...]:
        """Good time intervals, sorted, disjoint and inside the window."""
        return good_time(self.window.start, self.window.stop, self.intervals)


def good_time(
    start: float, stop: float, intervals: NDArray[np.float64] | None
) -> tuple[TimeInterval, ...]:
    """Return the good time of a window as sorted, disjoint intervals.

    Without a list of good time intervals the whole window is good. Intervals that are empty,
    reversed or not finite are left out, as are the parts outside the window.
    """
    window = (TimeInterval(start, stop),)
    if intervals is None:
        return window
    return intersect(window, merge(_valid(intervals.tolist())))


def _valid(intervals: Iterable[tuple[float, float]]) -> Iterable[TimeInterval]:
    return (TimeInterval(start, stop) for start, stop in intervals if start < stop)
