"""The shape of the low thresholds of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oda_widgets.arrays import Floats


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
        if self.smeared:
            from scipy.special import ndtr  # noqa: PLC0415 - heavy

            return np.asarray(ndtr(above / self.reach))
        return np.where(above > 0, -np.expm1(-np.maximum(above, 0.0) / self.reach), 0.0)


SHARP = Edge(0.1, 0.0005)
"""Where the threshold acts on the energies as they are recorded."""

ROUNDED = Edge(3.0, 0.05)
"""Where it acts on the height of pulses, and the same energy makes higher and lower ones: so do the
pixels of science window 255900280010 rise, for the background as for the bursts of SGR 1935+2154;
and they have noise."""

QUIET = Edge(3.0, 0.002)
"""The same without noise."""

STEEP = Edge(1.5, 0.002, smeared=True)
"""Where the noise of a pixel smears it, and nothing else: so may pixels of simulators rise."""
