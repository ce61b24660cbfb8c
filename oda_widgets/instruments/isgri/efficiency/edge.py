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
        Energy above the threshold, keV, at which the efficiency has risen to 1 - 1/e.
    noise
        Fraction of the usual counts that appears below the threshold.
    smeared
        Whether the efficiency rises like a cumulative normal distribution of width `reach`.
    """

    reach: float
    noise: float
    smeared: bool = False

    def passed(self, above: Floats) -> Floats:
        """Return the efficiency at energies above the threshold, keV."""
        return passed(above, self.reach, smeared=self.smeared)


SHARP = Edge(0.1, 0.0005)
"""For thresholds that act on the recorded energies."""

BLURRED = Edge(3.5, 0.003, smeared=True)
"""For thresholds that act on pulse heights, which vary at one energy. The pixels of science window
255900280010 show this rise: thresholds from half of its events predict the other half with a chi
squared of 320 for 180 counts. A rise that begins at the threshold and takes 3 keV gives 1545, and
rates of a quarter of the window 2.4 % too high."""

OF_REAL_PIXELS = (BLURRED, *(Edge(width, 0.003, smeared=True) for width in (2.5, 1.5, 1.0, 0.5)))
"""Possible shapes of thresholds that act on pulse heights, the widest first: simulated detectors
have less noise than the real one."""
