"""Light curves for a screen: no more points than it has room for, and no burst lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ScreenCurve:
    """What is drawn of a light curve.

    Parameters
    ----------
    start, stop
        Edges of the drawn bins, seconds.
    rate, error
        Weighted mean of the bins inside, and its error.
    peak, dip
        Highest and lowest bin inside: averaging must not hide a burst.
    factor
        How many bins of the light curve a drawn one holds.
    """

    start: Floats
    stop: Floats
    rate: Floats
    error: Floats
    peak: Floats
    dip: Floats
    factor: int

    @property
    def middle(self) -> Floats:
        """Centres of the drawn bins."""
        return (self.start + self.stop) / 2


def rebin(
    start: Floats, stop: Floats, rate: Floats, error: Floats, most: int = 4000
) -> ScreenCurve:
    """Return a light curve in at most `most` bins.

    Parameters
    ----------
    start, stop
        Edges of the bins, in order of time.
    rate, error
        Rates and their errors; bins without a finite, positive error are left out.
    most
        Room on the screen.
    """
    measured = np.isfinite(rate) & np.isfinite(error) & (error > 0)
    start, stop, rate, error = (column[measured] for column in (start, stop, rate, error))
    factor = max(1, -(-len(rate) // most))
    if factor == 1:
        return ScreenCurve(start, stop, rate, error, rate, rate, 1)
    first = np.arange(0, len(rate), factor)
    last = np.append(first[1:], len(rate)) - 1
    weight = 1 / np.square(error)
    total = np.add.reduceat(weight, first)
    return ScreenCurve(
        start=start[first],
        stop=stop[last],
        rate=np.add.reduceat(weight * rate, first) / total,
        error=1 / np.sqrt(total),
        peak=np.maximum.reduceat(rate, first),
        dip=np.minimum.reduceat(rate, first),
        factor=factor,
    )
