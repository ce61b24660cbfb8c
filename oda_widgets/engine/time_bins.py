"""The time bins of a science window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval

_REMAINDER = 0.1  # of a bin: a shorter remainder is mere noise, and joins the last bin
_LEAST = 1e-6  # seconds of good time: a bin with less holds no event


@dataclass(frozen=True)
class TimeBins:
    """Adjoining bins from the start to the end of the good time, which cuts the last one.

    The last bin is at most a tenth longer than the others, or shorter.

    Parameters
    ----------
    edges
        IJD days, shape (n_bins + 1,).
    step
        Length of all but the last, days.
    exposure
        Good time in each, seconds, shape (n_bins,).
    middle
        Mean of the good time in each, IJD days; NaN in a bin without good time.
    """

    edges: Floats
    step: float
    exposure: Floats
    middle: Floats

    @classmethod
    def of(cls, intervals: Sequence[TimeInterval], seconds: float) -> Self:
        """Return bins of a length in seconds over ordered, separate intervals of good time."""
        start, stop = intervals[0].start, intervals[-1].stop
        step = seconds / SECONDS_PER_DAY
        number = max(int(np.ceil((stop - start) / step - _REMAINDER)), 1)
        edges = np.append(start + np.arange(number) * step, stop)
        length, moment = _good_time_before(edges, intervals)
        exposure, moments = np.diff(length), np.diff(moment)
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = start + np.where(exposure > 0, moments / exposure, np.nan)
        middle = np.clip(middle, edges[:-1], edges[1:])
        return cls(edges, step, exposure * SECONDS_PER_DAY, middle)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Mask of the bins that hold good time."""
        return self.exposure > _LEAST

    @property
    def width(self) -> Floats:
        """Lengths in seconds."""
        return np.diff(self.edges) * SECONDS_PER_DAY

    def __len__(self) -> int:
        return len(self.exposure)

    def numbers(self, time: Floats) -> NDArray[np.intp]:
        """Return the bin of each instant, which must lie in one."""
        place = ((time - self.edges[0]) / self.step).astype(np.intp)
        inside: NDArray[np.intp] = np.clip(place, 0, len(self) - 1)
        return inside


def _good_time_before(edges: Floats, intervals: Sequence[TimeInterval]) -> tuple[Floats, Floats]:
    """Return the good time before each edge, days, and the integral of time since start over it."""
    starts, stops = np.array([[i.start, i.stop] for i in intervals]).T - edges[0]
    at = edges - edges[0]
    lengths = np.append(0.0, np.cumsum(stops - starts))
    moments = np.append(0.0, np.cumsum((stops - starts) * (stops + starts) / 2))
    number = np.maximum(np.searchsorted(starts, at, side="right") - 1, 0)
    inside = np.clip(at, starts[number], stops[number]) - starts[number]
    moment = inside * (starts[number] + inside / 2)
    return lengths[number] + inside, moments[number] + moment
