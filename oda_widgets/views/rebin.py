"""Light curves rebinned for the screen, with every burst still visible."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats

_GAP = 0.5  # of a bin
_OUTSTANDING = 4.5  # sigma; noise alone reaches it in one of ten light curves of 22,000 bins
_ROUNDING = 1e-6  # times in IJD are known to a microsecond


@dataclass(frozen=True)
class ScreenCurve:
    """The bins of a light curve that are drawn.

    Parameters
    ----------
    start, stop
        Edges of the drawn bins, seconds.
    rate, error
        Weighted mean of the bins inside, and its error.
    peak, dip
        Highest and lowest bin inside where they stand out: averaging must not hide a burst.
    factor
        Number of bins joined into each drawn bin.
    """

    start: Floats
    stop: Floats
    rate: Floats
    error: Floats
    peak: Floats
    dip: Floats
    factor: int

    @property
    def gap_after(self) -> NDArray[np.bool_]:
        """Whether a gap follows, for each bin but the last."""
        return gaps(self.start, self.stop)

    @property
    def middle(self) -> Floats:
        """Centres of the drawn bins."""
        return (self.start + self.stop) / 2


def rebin(
    start: Floats,
    stop: Floats,
    rate: Floats,
    error: Floats,
    most: int = 4000,
    effective: Floats | None = None,
) -> ScreenCurve:
    """Rebin a light curve into at most about twice `most` bins, none of them across a gap.

    If there are more gaps than the screen can show, those narrower than a drawn bin are crossed.

    Parameters
    ----------
    start, stop
        Edges of the bins, in order of time.
    rate, error
        Rates and their errors; bins without a finite, positive error are left out.
    most
        Number of bins that fit on the screen.
    effective
        Effective exposures, seconds, if bins hold so few counts that counts are summed.
    """
    measured = np.isfinite(rate) & np.isfinite(error) & (error > 0)
    effective = None if effective is None else effective[measured]
    start, stop, rate, error = (column[measured] for column in (start, stop, rate, error))
    factor = _factor(start, stop, most)
    if factor == 1:
        return ScreenCurve(start, stop, rate, error, rate, rate, 1)
    first = _firsts(start, stop, factor)
    if len(first) > 2 * most:  # more gaps than the screen can show
        first = _firsts(start, stop, factor, across_narrow_gaps=True)
    last = np.append(first[1:], len(rate)) - 1
    weight = 1 / np.square(error) if effective is None else effective
    total = np.add.reduceat(weight, first)
    mean = np.add.reduceat(weight * rate, first) / total
    drawn_error = 1 / np.sqrt(total)
    if effective is not None:  # the root of the counts, at least of one
        drawn_error = np.sqrt(np.maximum(np.abs(mean) * total, 1.0)) / total
    # Noise has extremes, too: only those that stand out of it are drawn beside the mean.
    around = np.repeat(mean, last - first + 1)
    outstanding = np.where(np.abs(rate - around) > _OUTSTANDING * error, rate, around)
    return ScreenCurve(
        start=start[first],
        stop=stop[last],
        rate=mean,
        error=drawn_error,
        peak=np.maximum.reduceat(outstanding, first),
        dip=np.minimum.reduceat(outstanding, first),
        factor=factor,
    )


def gaps(start: Floats, stop: Floats) -> NDArray[np.bool_]:
    """Return whether a gap follows, for each bin but the last."""
    following: NDArray[np.bool_] = start[1:] - stop[:-1] > _GAP * (stop - start)[1:]
    return following


def _factor(start: Floats, stop: Floats, most: int) -> int:
    """Return how many bins to join so that at most `most` drawn bins follow each other."""
    if len(start) <= most:
        return 1
    width = float(np.median(stop - start))
    fitting: int = math.ceil(float(stop[-1] - start[0]) / (most * width) - _ROUNDING)
    return max(1, fitting)


def _firsts(
    start: Floats, stop: Floats, factor: int, *, across_narrow_gaps: bool = False
) -> NDArray[np.int_]:
    """Return where drawn bins begin: on an even grid, and after each gap."""
    cell = factor * float(np.median(stop - start))
    place = np.floor(((start + stop) / 2 - start[0]) / cell)
    after_gap = start[1:] - stop[:-1] > cell if across_narrow_gaps else gaps(start, stop)
    begins = (np.diff(place) > 0) | after_gap
    return np.flatnonzero(np.insert(begins, 0, True))
