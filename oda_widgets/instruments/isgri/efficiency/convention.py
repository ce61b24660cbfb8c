"""The definition of an ISGRI rate: the convention of OSA, which its responses assume.

OSA's rate is what all pixels would count on axis through the open elements of the mask, without
dead time and with full efficiency. Its responses state the corresponding area: 1271 cm2 at 60 keV
in 2022, 0.97 of the 1311 cm2 behind open elements. Real pixels count fewer photons: the support of
the mask transmits 0.82 of those at 60 keV (0.60 at 20 keV, Ubertini et al. 2003, A&A 411, L131;
light elements attenuate as carbon does, NIST XCOM). OSA's module efficiencies correct for this;
where they are missing, one number for all energies does.
"""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Floats

PASSED_AT_60_KEV = 0.82
STATED_AT_60_KEV = 0.97

COUNTED = PASSED_AT_60_KEV / STATED_AT_60_KEV
"""Counts of real pixels above their threshold, divided by those of OSA's rates."""

COUNTED_ERROR = 0.08
"""Its relative error, from the transparency of the support and the ageing of pixels."""

_LIVE_FRACTION = ((1170.0, 0.776), (3006.0, 0.691), (7000.0, 0.671), (8320.0, 0.716))
"""DEADC of real windows of 2003, 2008, 2019 and 2022: IJD and live fraction."""

LIVE_FRACTION_ERROR = 0.04
"""Relative scatter between windows of one epoch."""

_ALL_IS_SEEN = ((1016.0, 15.0), (4000.0, 18.0), (5600.0, 23.0), (7000.0, 33.0), (8320.0, 40.0))
"""IJD, and energy in keV above which thresholds hide at most a few per cent: 12 keV at launch
(Lebrun et al. 2003, A&A 411, L141), OSA 11's advice for late years, and science window
255900280010."""

# keV, counts/s/keV of the Crab, its spectrum folded with OSA 11's response of 2022
_CRAB = (
    (12.75, 0.881), (14.75, 7.68), (16.75, 14.8), (19.5, 16.9), (21.5, 16.9), (23.5, 15.5),
    (25.5, 13.0), (27.5, 10.7), (29.5, 8.90), (31.5, 7.65), (33.5, 6.76), (35.75, 6.08),
    (37.25, 5.68), (40.25, 5.02), (44.75, 4.23), (49.25, 3.53), (59.75, 2.25), (80.5, 0.970),
    (100.75, 0.453), (148.5, 0.091), (199.5, 0.024), (301.5, 0.004), (497.5, 0.001),
)  # fmt: skip


def usual_live_fraction(time: float) -> float:
    """Return the usual live fraction at an epoch, interpolated between four known windows.

    Parameters
    ----------
    time
        IJD, days.
    """
    times, values = zip(*_LIVE_FRACTION, strict=True)
    return float(np.interp(time, times, values))


def all_is_seen_above(time: float) -> float:
    """Return the energy, keV, above which pixels usually record all events; `time` is IJD."""
    times, values = zip(*_ALL_IS_SEEN, strict=True)
    return float(np.interp(time, times, values))


def usual_counts(energy: Floats) -> Floats:
    """Return the counts per second and keV of a typical source, the Crab, at energies in keV."""
    at, counts = np.log(np.array(_CRAB)).T
    between: Floats = np.exp(np.interp(np.log(energy), at, counts))
    return between
