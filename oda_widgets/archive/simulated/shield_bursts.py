"""The bursts in the simulated shield: real ones, at their times, with published fluences.

Times are those at the Earth, where the simulated satellite is. Each is a smooth pulse of the
published duration, not its real light curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY, to_ijd

COUNTS_PER_FLUENCE = 1e10
"""Counts per erg/cm2 above 75 keV, on average over directions.

Vigano & Mereghetti 2009 (arXiv:0912.5329): one count is about 1e-10 erg/cm2 in 75 keV to 1 MeV.
"""

_ABOVE = 0.7  # fraction of the fluence of a usual burst above 10 keV that is above 75 keV
_NEVER = 40.0  # scales after which a pulse has ended
# Scales between 5 % and 95 % of a gamma distribution of shape 2.
_T90_IN_SCALES = 4.7439 - 0.3554


@dataclass(frozen=True)
class SkyBurst:
    """A burst.

    Parameters
    ----------
    name
        Usual name.
    time
        Trigger, UTC.
    fluence
        erg/cm2, in the band of the reference.
    t90
        Seconds.
    share
        Fraction of the fluence above 75 keV; our estimate from the spectrum.
    delay
        Seconds from the trigger to the main emission.
    period, decay
        Of a pulsating tail, seconds; 0 for a pulse.
    """

    name: str
    time: str
    fluence: float
    t90: float
    share: float = _ABOVE
    delay: float = 0.0
    period: float = 0.0
    decay: float = 0.0

    @property
    def start(self) -> float:
        """Arrival of its first counts, IJD days."""
        return to_ijd(self.time) + self.delay / SECONDS_PER_DAY

    @property
    def counts(self) -> float:
        """Total counts."""
        return self.fluence * self.share * COUNTS_PER_FLUENCE

    @property
    def end(self) -> float:
        """Seconds from its start to its end."""
        return 12 * self.decay if self.period else _NEVER * self.t90 / _T90_IN_SCALES

    def arrived(self, seconds: Floats) -> Floats:
        """Return the counts that have arrived `seconds` after its start."""
        later = np.maximum(seconds, 0.0)
        if not self.period:
            x = later * _T90_IN_SCALES / self.t90
            return self.counts * (1 - (1 + x) * np.exp(-x))
        # exp(-t / decay) (1 - cos(2 pi t / period)), integrated.
        turn, rate = 2 * np.pi / self.period, 1 / self.decay
        size = rate**2 + turn**2
        waves = np.exp(-rate * later) * (turn * np.sin(turn * later) - rate * np.cos(turn * later))
        share = (1 - np.exp(-rate * later)) / rate - (waves + rate) / size
        return self.counts * share / (1 / rate - rate / size)


BURSTS = (
    # Fluences of 10 to 1000 keV and T90 of the Fermi GBM burst catalogue (von Kienlin et al. 2020,
    # ApJ 893, 46) unless stated otherwise.
    SkyBurst("GRB 080319B", "2008-03-19T06:12:49", 6.2e-4, 57.0),  # Racusin et al. 2008, Nature 455
    SkyBurst("GRB 080916C", "2008-09-16T00:12:45.61", 6.03e-5, 63.0),
    SkyBurst("GRB 090510", "2009-05-10T00:22:59.97", 3.37e-6, 0.96),
    SkyBurst("GRB 090902B", "2009-09-02T11:05:08.31", 2.22e-4, 19.3),
    SkyBurst("GRB 090926A", "2009-09-26T04:20:26.99", 1.47e-4, 13.8),
    SkyBurst("GRB 130427A", "2013-04-27T07:47:06.42", 2.46e-3, 138.2),
    # Goldstein et al. 2017 and Savchenko et al. 2017, ApJ 848, L14 and L15: two neutron stars.
    SkyBurst("GRB 170817A", "2017-08-17T12:41:06.47", 2.8e-7, 2.0, share=0.5),
    SkyBurst("GRB 190114C", "2019-01-14T20:57:02.63", 3.99e-4, 116.4),  # Ajello et al. 2020
    SkyBurst("GRB 211211A", "2021-12-11T13:09:59.65", 5.4e-4, 34.3),  # GCN 31210
    # Frederiks et al. 2023, ApJ 949, L7: 20 keV to 10 MeV, the brightest of all.
    SkyBurst("GRB 221009A", "2022-10-09T13:16:59.99", 0.21, 284.0, share=0.4, delay=175.0),
    SkyBurst("GRB 230307A", "2023-03-07T15:44:06.67", 2.95e-3, 34.6),  # GCN 33411
    # Giant flares of magnetars: SGR 1806-20 (Hurley et al. 2005, Nature 434, 1098: more than
    # 1.36 erg/cm2 in 0.2 s, then a tail with the period of the star, soft, 4.6e-3 erg/cm2), those
    # of NGC 253 (Svinkin et al. 2021, Nature 589, 211) and M 82 (Mereghetti et al. 2024, Nature
    # 629, 58).
    SkyBurst("SGR 1806-20", "2004-12-27T21:30:26.5", 1.36, 0.2, share=0.9),
    SkyBurst(
        "SGR 1806-20, tail", "2004-12-27T21:30:27", 4.6e-3, 380.0, 0.02, period=7.56, decay=140.0
    ),
    SkyBurst("GRB 200415A", "2020-04-15T08:48:05.56", 8.5e-6, 0.14, share=0.9),
    SkyBurst("GRB 231115A", "2023-11-15T15:36:21.20", 6.3e-7, 0.09, share=0.9),
    # The burst with the fast radio burst (Mereghetti et al. 2020, ApJ 898, L29): soft.
    SkyBurst("SGR 1935+2154", "2020-04-28T14:34:24.4", 5.2e-7, 0.6, share=0.15),
)
"""Bursts with published times and fluences that we are sure of."""


def burst_counts(start: Floats, width: float) -> Floats:
    """Return the mean counts of all bursts in bins.

    Parameters
    ----------
    start
        Starts of the bins in order, IJD days.
    width
        Their length, seconds.
    """
    total = np.zeros(len(start))
    for burst, begin in _with_starts():
        first, last = ((start[k] - begin) * SECONDS_PER_DAY for k in (0, -1))
        if last + width > 0 and first < burst.end:
            seconds = (start - begin) * SECONDS_PER_DAY
            total += burst.arrived(seconds + width) - burst.arrived(seconds)
    return total


@cache
def _with_starts() -> tuple[tuple[SkyBurst, float], ...]:
    return tuple((burst, burst.start) for burst in BURSTS)
