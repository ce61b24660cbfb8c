"""The shape of the low thresholds of pixels."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.arrays import Floats
from oda_widgets.instruments.sensitivity import passed


@dataclass(frozen=True)
class Edge:
    """The shape of a threshold.

    Parameters
    ----------
    reach
        Energy above it, keV, within which the efficiency rises to 1 - 1/e.
    noise
        Part of the usual counts that appear below it.
    smeared
        Whether it rises as a normal distribution of this width does, around the threshold.
    """

    reach: float
    noise: float
    smeared: bool = False

    def passed(self, above: Floats) -> Floats:
        """Return the efficiency at energies above the threshold, keV."""
        return passed(above, self.reach, smeared=self.smeared)


SHARP = Edge(0.1, 0.0005)
"""Where the threshold acts on the energies as they are recorded."""

BLURRED = Edge(3.5, 0.003, smeared=True)
"""Where it acts on the height of pulses, and the same energy makes higher and lower ones: so rise
the pixels of science window 255900280010. What thresholds that half of its events show predict of
the other half has a chi squared of 320 for 180 counts; with a rise at once that takes 3 keV it is
1545, and rates of a quarter of the window come out 2.4 % higher."""

OF_REAL_PIXELS = (BLURRED, *(Edge(width, 0.003, smeared=True) for width in (2.5, 1.5, 1.0, 0.5)))
"""Shapes that pixels may have whose thresholds act on pulses, the widest first: those of simulators
have less noise than those of the detector."""
