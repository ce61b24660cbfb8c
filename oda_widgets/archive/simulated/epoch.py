"""The ageing of the instrument: dead time, low threshold, area.

Knots are (IJD, value), interpolated linearly. The live fraction is that of real windows. The low
threshold follows Lebrun et al. 2003 (12 keV at launch), the advice of OSA 11 (use 28 to 30 keV and
more late in the mission) and the spectrum of science window 255900280010, which turns on between 28
and 38 keV in 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oda_widgets.instruments.isgri.efficiency.convention import usual_live_fraction
from oda_widgets.request.revolutions import osa_version

_LOW_THRESHOLD = ((1016.0, 13.0), (4000.0, 15.0), (5600.0, 18.0), (7000.0, 26.0), (8320.0, 31.0))
_THRESHOLD_SPREAD = ((1016.0, 1.0), (4000.0, 1.5), (8320.0, 4.5))
_DEAD_PIXELS = ((1016.0, 0.01), (8320.0, 0.057))

_AREA_IS_ONE = 1356.0  # IJD of MJD 52900
_AREA_FALLS_IN = 40_000.0  # days, to 1/e


@dataclass(frozen=True)
class Epoch:
    """The instrument at a time.

    Parameters
    ----------
    live_fraction
        Fraction of the time in which it could record an event.
    low_threshold
        Mean over the pixels, keV.
    threshold_spread
        Standard deviation of the pixels' thresholds, keV.
    dead_pixels
        Fraction of the pixels that are switched off.
    area
        Effective area relative to the bundled response.
    """

    live_fraction: float
    low_threshold: float
    threshold_spread: float
    dead_pixels: float
    area: float

    @property
    def background_level(self) -> float:
        """Background relative to 2022, from the dead time due to counts of detector and veto."""
        dead_per_live = (1 - self.live_fraction) / self.live_fraction
        return dead_per_live / _DEAD_PER_LIVE_2022


def epoch_at(ijd: float, revolution: int) -> Epoch:
    """Return the instrument at a time.

    Parameters
    ----------
    ijd
        Days.
    revolution
        Number of the revolution, which decides on the response.

    Notes
    -----
    The bundled response is that of OSA 11, for revolution 1626 and later, and is used unchanged
    there. Before, rates of OSA 10 fall with age as in the benchmark notebooks of ODA for the Crab,
    ``exp(-(MJD - 52900) / 40000)``: 0.89 of the area at the end of 2015, then again 1.
    """
    of_osa10 = osa_version(revolution) == "OSA10.2"
    return Epoch(
        live_fraction=usual_live_fraction(ijd),
        low_threshold=_between(_LOW_THRESHOLD, ijd),
        threshold_spread=_between(_THRESHOLD_SPREAD, ijd),
        dead_pixels=_between(_DEAD_PIXELS, ijd),
        area=float(np.exp((_AREA_IS_ONE - ijd) / _AREA_FALLS_IN)) if of_osa10 else 1.0,
    )


def _between(knots: tuple[tuple[float, float], ...], ijd: float) -> float:
    times, values = zip(*knots, strict=True)
    return float(np.interp(ijd, times, values))


_DEAD_PER_LIVE_2022 = (1 - 0.716) / 0.716
