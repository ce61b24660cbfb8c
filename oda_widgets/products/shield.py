"""Counts of the shield of SPI (SPI-ACS), and their noise in excess of Poisson statistics.

The anticoincidence shield of SPI, 91 crystals of BGO around the camera, counts all events above
about 80 keV in any crystal, from all directions: one number every 50 ms (von Kienlin et al. 2003,
A&A 411, L299).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats, KeptArrays
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.request.timespan import SECONDS_PER_DAY, isot_utc

SHIELD = "spi_acs"
"""Name of the instrument."""

NATIVE_BIN = 0.05
"""Length in seconds of the bins of the shield; all other bins are multiples of it."""

NOISE_FACTOR = 1.16
"""Standard deviation of the counts over that of Poisson statistics.

Measured in bins of 0.1 s around GRB 230307A: 1.18 before it, 1.14 after it. Rau et al. 2005, A&A
438, 1175, found 1.57 in the first years; it is larger for longer bins, because the background
drifts.
"""

LARGEST_COUNT = 2**20
"""Limit of the counts in a bin: the counters for 50 ms have fewer digits."""

_DECIMALS = 5  # of lengths in seconds; IJD days are exact to 7
_CLOSE = 1e-3  # largest error of the start of a bin, in bins


@dataclass(frozen=True, eq=False, repr=False)
class ShieldCounts(KeptArrays):
    """Counts of the shield in bins, in order of time; arrays of shape (n,).

    Parameters
    ----------
    start
        Starts of the bins, IJD days.
    width
        Lengths of the bins, seconds.
    counts
        Counts in the bins.
    """

    start: Floats
    width: Floats
    counts: Floats

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def native(cls, start: Floats, counts: Floats) -> ShieldCounts:
        """Return counts in bins of 50 ms."""
        return cls(start, np.full(len(start), NATIVE_BIN), counts)

    @property
    def usual(self) -> float:
        """Median length of the bins, seconds."""
        return float(np.median(self.width)) if len(self) else NATIVE_BIN

    @property
    def span(self) -> tuple[float, float]:
        """Start of the first bin and end of the last, IJD days."""
        return float(self.start[0]), float(self.start[-1] + self.width[-1] / SECONDS_PER_DAY)

    def between(self, start: float, stop: float) -> ShieldCounts:
        """Return the bins that lie between `start` and `stop`, IJD days."""
        slack = _CLOSE * NATIVE_BIN / SECONDS_PER_DAY
        ends = self.start + self.width / SECONDS_PER_DAY
        inside = (self.start >= start - slack) & (ends <= stop + slack)
        return ShieldCounts(self.start[inside], self.width[inside], self.counts[inside])

    def joined(self, time_bin: float) -> tuple[ShieldCounts, Floats]:
        """Return the counts in longer bins, and the seconds of data in each.

        Longer bins follow one another from the first start; each starts and ends with its own
        bins, which are never split. Longer bins without data are left out.

        Parameters
        ----------
        time_bin
            Length of the longer bins, seconds.

        Raises
        ------
        EmptySelection
            If there are no bins.
        BadParameter
            If it is shorter than the bins, or not a multiple of 50 ms.
        """
        if not len(self):
            problem = "The shield has no data in this time."
            raise EmptySelection(problem, "Choose another time.")
        check_time_bin(time_bin, self.usual)
        if abs(time_bin - self.usual) < _CLOSE * NATIVE_BIN:
            return self, self.width
        middle = (self.start - self.start[0]) * SECONDS_PER_DAY + self.width / 2
        place = np.floor(middle / time_bin).astype(np.intp)
        firsts = np.concatenate([[0], np.flatnonzero(np.diff(place)) + 1])
        lasts = np.append(firsts[1:], len(self)) - 1
        start, elapsed = self.start[firsts], (self.start[lasts] - self.start[firsts])
        width = np.round(elapsed * SECONDS_PER_DAY + self.width[lasts], _DECIMALS)
        exposed = np.add.reduceat(self.width, firsts)
        counts = np.add.reduceat(self.counts, firsts)
        return ShieldCounts(start, width, counts), np.minimum(exposed, width)


def check_time_bin(time_bin: float, shortest: float = NATIVE_BIN) -> None:
    """Check that bins of the shield can be joined to bins of a length.

    Raises
    ------
    BadParameter
        If it is shorter than the bins of the data, or not a multiple of 50 ms.
    """
    if time_bin < shortest * (1 - _CLOSE):
        limit = f"shorter than the bins of the data, {shortest:g} s"
        raise BadParameter("time_bin", time_bin, limit, f"Give {shortest:g} or more.")
    number = time_bin / NATIVE_BIN
    if abs(number - round(number)) > _CLOSE:
        near = max(1, round(number)) * NATIVE_BIN
        limit = f"not a multiple of {NATIVE_BIN:g} s, in which the shield counts"
        raise BadParameter("time_bin", time_bin, limit, f"Give for example time_bin={near:g}.")


def shield_error(counts: Floats, seconds: Floats) -> Floats:
    """Return the errors of rates of the shield, counts per second.

    Parameters
    ----------
    counts
        Counts in the bins.
    seconds
        Seconds of data in the bins.
    """
    return NOISE_FACTOR * np.sqrt(np.maximum(counts, 1.0)) / seconds


def span_in_words(start: float, stop: float) -> str:
    """Return a span of time as text: "2023-03-07T15:41:06 to 2023-03-07T15:50:06 UTC"."""
    return f"{isot_utc(start, 0)} to {isot_utc(stop, 0)} UTC"
