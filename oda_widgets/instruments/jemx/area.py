"""The published effective areas of JEM-X.

They are kept apart from the response, of which steps that analyse windows need nothing else.
"""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.instruments.jemx.detector import Unit

# keV, cm2 of JEM-X1 and JEM-X2: the ancillary responses of MMODA for spectra of 2022.
_AREAS = (
    (3.0, 28.7, 26.8), (4.0, 46.1, 44.3), (5.0, 54.4, 54.2), (6.0, 59.5, 60.6),
    (8.0, 63.8, 66.9), (10.0, 64.3, 68.8), (15.0, 62.1, 65.6), (20.0, 49.4, 52.7),
    (25.0, 34.1, 37.9), (30.0, 23.9, 26.5),
)  # fmt: skip
NOMINAL = "nominal: published effective areas of 2022, dE/E = 0.40 sqrt(1/E + 1/60)"
"""Text of the origin of the response."""


def effective_area(energy: Floats, unit: Unit) -> Floats:
    """Return the effective area on axis in cm2, through the mask.

    Between and beyond the published energies it follows power laws.

    Parameters
    ----------
    energy
        Of the photons, keV.
    unit
        1 or 2.
    """
    knots, *areas = np.log(np.array(_AREAS)).T
    levels, place = areas[unit - 1], np.log(energy)
    inside = np.interp(place, knots, levels)
    below = levels[0] + (place - knots[0]) * (levels[1] - levels[0]) / (knots[1] - knots[0])
    above = levels[-1] + (place - knots[-1]) * (levels[-1] - levels[-2]) / (knots[-1] - knots[-2])
    outside = np.where(place < knots[0], below, above)
    area: Floats = np.exp(np.where((place < knots[0]) | (place > knots[-1]), outside, inside))
    return area
