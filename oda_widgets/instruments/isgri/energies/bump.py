"""Find the bump of tungsten and lead in the background, at 60 keV if energies are right.

Shield and collimator emit the K lines of tungsten (58.0, 59.3, 67.2 keV) and lead (72.8, 75.0, 84.9
keV). The resolution of the detector blends them into one bump with its top at 60 keV.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from oda_widgets.arrays import Floats

BUMP = 60.0
"""Nominal energy of the top of the bump, keV."""

BIN = 0.5
"""Width of the bins of a spectrum, keV."""

BINS = 400
"""Bins of a spectrum, from 0 to 200 keV."""

_WIDE, _NARROW = 5.0, 2.5
"""Standard deviations of the kernels in keV. At long rise times the top of the bump is flat: a wide
kernel finds its longer, upper part, a narrow one its first peak."""

_NEAR = 7.0
"""Largest distance between the tops of the wide and the narrow kernel, keV."""

_FEWEST = 50.0
"""Events under the kernel; fewer make separate tops."""


@dataclass(frozen=True)
class Bump:
    """The top of the bump in the spectrum of some events.

    Parameters
    ----------
    energy
        Position, keV; NaN if there is none.
    error
        Standard deviation due to counting, keV; infinite if there is none.
    """

    energy: float
    error: float


NO_BUMP = Bump(float("nan"), float("inf"))


def find_bump(counts: Floats, low: float = 40.0, high: float = 140.0) -> Bump:
    """Find the highest top of a smoothed spectrum.

    Parameters
    ----------
    counts
        Events per bin of 0.5 keV from 0 to 200 keV, shape (400,).
    low, high
        Where to look, keV; a slope that ends here is not a top.

    Returns
    -------
    bump
        Its error is that of the zero of the slope of a kernel estimate (Parzen 1962,
        doi:10.1214/aoms/1177704472).

    Examples
    --------
    >>> import numpy as np
    >>> energy = np.arange(0.25, 200, 0.5)
    >>> round(find_bump(1e4 * np.exp(-((energy - 62.0) ** 2) / 200)).energy, 1)
    62.0
    """
    first, last = int(low / BIN), int(high / BIN)
    density = _kernel(_WIDE)[first:last] @ counts
    top = _highest_top(density)
    if top is None or density[top] < _FEWEST:
        return NO_BUMP
    error = _error(counts, first + top)
    start = max(top - int(_NEAR / BIN), 0)
    fine = _kernel(_NARROW)[first:last][start : top + int(_NEAR / BIN) + 1] @ counts
    narrow = start + _refined(fine, int(np.argmax(fine)))
    return Bump((first + 0.5 + (_refined(density, top) + narrow) / 2) * BIN, error)


def _error(counts: Floats, top: int) -> float:
    """Return the standard deviation of the top of a spectrum, keV."""
    kernel, apart = _kernel(_WIDE)[top], _distances()[top] / _WIDE
    curvature = float((kernel * (apart**2 - 1)) @ counts)
    if curvature >= 0:
        return float("inf")
    return _WIDE * float(np.sqrt((kernel * apart) ** 2 @ counts)) / -curvature


@cache
def _distances() -> Floats:
    """Return the distances between all pairs of bins, keV."""
    place = np.arange(BINS) * BIN
    apart = place - place[:, None]
    apart.setflags(write=False)
    return apart


@cache
def _kernel(width: float) -> Floats:
    kernel = np.exp(-0.5 * (_distances() / width) ** 2)
    kernel.setflags(write=False)
    return kernel


def _highest_top(density: Floats) -> int | None:
    inside = density[1:-1]
    tops = np.flatnonzero((inside > density[:-2]) & (inside >= density[2:])) + 1
    return int(tops[np.argmax(density[tops])]) if len(tops) else None


def _refined(density: Floats, top: int) -> float:
    """Return the top of the parabola through three bins, in bins."""
    if not 0 < top < len(density) - 1:
        return float(top)
    before, here, after = density[top - 1 : top + 2]
    return float(top + 0.5 * (before - after) / (before - 2 * here + after))
