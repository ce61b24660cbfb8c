"""The targets of the ODA paper.

The Crab's history, V404 Cyg's flares, the spectra of GX 5-1 and NGC 2110, 3C 279's flare and the
rate of 1A 0535+262 in 2019 follow published numbers. All else is nominal: plausible, rounded
values, not measurements.
"""

from __future__ import annotations

from functools import cache

from oda_widgets.archive.simulated.component import (
    CRAB_RATE,
    CRAB_SPECTRUM,
    Component,
    Components,
)
from oda_widgets.archive.simulated.light_curves import Orbital, Tabulated, outbursts
from oda_widgets.archive.simulated.photon_spectra import PhotonSpectrum
from oda_widgets.archive.simulated.tables import rows_of
from oda_widgets.archive.simulated.tabulated_spectrum import TabulatedSpectrum
from oda_widgets.archive.simulated.v404_cygni import outburst


@cache
def targets() -> dict[str, Components]:
    """Return the emission of the targets, by their names in the reference catalogue."""
    return {
        "Crab": (Component(CRAB_SPECTRUM, curve=_crab_history()),),
        "V404 Cyg": (Component(_V404_CYG, 1.0, curve=outburst()),),
        "Cyg X-1": (
            Component(_CYG_X_1_HARD, 0.76 * CRAB_RATE, curve=Tabulated(_HARD)),
            Component(_CYG_X_1_SOFT, 0.15 * CRAB_RATE, curve=Tabulated(_SOFT)),
        ),
        "Cyg X-3": (Component(_CYG_X_3, 0.195 * CRAB_RATE, curve=_CYG_X_3_ORBIT),),
        "GX 5-1": (Component(TabulatedSpectrum("GX 5-1")),),
        "3C 279": (Component(_3C_279, 1.0, (20.0, 100.0), Tabulated(_3C_279_FLARE)),),
        "NGC 2110": (Component(TabulatedSpectrum("NGC 2110")),),
        "1A 0535+262": (Component(_1A_0535, CRAB_RATE, curve=_1A_0535_OUTBURSTS),),
    }


def _crab_history() -> Tabulated:
    """Return the relative Crab flux of Swift/BAT and Fermi/GBM, 2005 to 2018; 1 outside."""
    points = [(float(row["ijd"]), float(row["level"])) for row in rows_of("crab_history.csv")]
    first, last = points[0][0], points[-1][0]
    return Tabulated(((first - 1, 1.0), *points, (last + 1, 1.0)))


# highecut*powerlaw of the two revolutions of the outburst (ODA benchmark); the norm is free.
_V404_CYG = PhotonSpectrum("highecut*powerlaw", (29.14, 127.96, 2.0238, 1.0))

# Hard state as in the reference catalogue; the soft state and the times of states are nominal.
_CYG_X_1_HARD = PhotonSpectrum("cutoff", (1.6, 200.0, 1.0))
_CYG_X_1_SOFT = PhotonSpectrum("powerlaw", (2.5, 1.0))
_HARD = (
    (3825.0, 1.0), (3835.0, 0.15), (4120.0, 0.15), (4130.0, 1.0), (4540.0, 1.0), (4560.0, 0.3),
    (5640.0, 0.9), (6390.0, 1.0), (6400.0, 0.2), (6860.0, 0.2), (6870.0, 1.0),
)  # fmt: skip
_SOFT = (
    (3825.0, 0.0), (3835.0, 1.0), (4120.0, 1.0), (4130.0, 0.0), (4540.0, 0.0), (4560.0, 1.0),
    (5640.0, 0.1), (5900.0, 0.0), (6390.0, 0.0), (6400.0, 1.0), (6860.0, 1.0), (6870.0, 0.0),
)  # fmt: skip

# Orbit of 4.8 h; phase and depth are nominal.
_CYG_X_3 = PhotonSpectrum("powerlaw", (2.8, 1.0))
_CYG_X_3_ORBIT = Orbital(5580.208, 0.19969375, 0.4)

# Counts/s from 20 to 100 keV: Bottacini et al. 2016, ApJ 832, 17, and the paper's light curve.
_3C_279 = PhotonSpectrum("powerlaw", (1.4, 1.0))
_3C_279_FLARE = (
    (5635.0, 0.1), (5642.0, 0.6), (5644.24, 0.85), (5644.40, 1.35), (5644.56, 2.89),
    (5644.72, 1.92), (5645.0, 1.1), (5650.0, 0.1),
)  # fmt: skip

# Between outbursts the 6.85 counts/s of 2019. Times and peaks (in units of the Crab) of the
# outbursts are nominal.
_1A_0535 = PhotonSpectrum("cutoff", (1.0, 17.0, 1.0))
_1A_0535_OUTBURSTS = outbursts(
    0.034,
    (1965.0, 25.0, 4.5),
    (2069.0, 10.0, 0.4),
    (3507.0, 12.0, 0.5),
    (3634.0, 22.0, 5.1),
    (3747.0, 14.0, 0.9),
    (3858.0, 12.0, 0.6),
    (4072.0, 22.0, 4.0),
    (7628.0, 22.0, 11.0),
)
