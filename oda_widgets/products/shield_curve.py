"""Make light curves from counts of the shield of SPI (SPI-ACS)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.products.orbit import Place
from oda_widgets.products.shield import (
    NATIVE_BIN,
    NOISE_FACTOR,
    SHIELD,
    ShieldCounts,
    shield_error,
)
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import energy_range
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY

SHIELD_SOURCE = Source.without_position("SPI-ACS")
"""Source of the light curves of the shield, which sees the whole sky."""

RATES_NOTE = (
    "Rates are those of the whole shield, background included; errors are "
    f"{NOISE_FACTOR:g} times Poisson's, as measured."
)
_DEAD_TIME_NOTE = "The shield counts without dead time that is known; live time is time with data."
_PIXELS_NOTE = "The sum of all crystals; no energies, no directions."


def shield_curve(
    counts: ShieldCounts,
    time_bin: float = NATIVE_BIN,
    *,
    exposed: Floats | None = None,
    origin: str = "",
    simulated: bool = False,
    place: Place | None = None,
    provenance: Provenance | None = None,
) -> LightCurve:
    """Return the light curve of counts of the shield.

    Parameters
    ----------
    counts
        Counts in order of time.
    time_bin
        Length of the bins of the light curve, seconds, a multiple of 50 ms.
    exposed
        Seconds of data in each bin, if the counts already have the bins of the light curve.
    origin
        Origin of the counts, a sentence for the notes.
    simulated
        True if the counts are not real.
    place
        Place of the satellite.
    provenance
        The steps that made the light curve.

    Raises
    ------
    EmptySelection
        If there are no counts.
    BadParameter
        If the bins are shorter than those of the counts, or not a multiple of 50 ms.
    """
    bins = counts
    if exposed is None:
        bins, exposed = counts.joined(time_bin)
    unknown = np.full(len(bins), np.nan)
    return LightCurve(
        source=SHIELD_SOURCE,
        energy=EnergyBand(*energy_range(SHIELD)),
        time=bins.start + bins.width / SECONDS_PER_DAY / 2,
        width=bins.width,
        rate=bins.counts / exposed,
        error=shield_error(bins.counts, exposed),
        exposed_fraction=np.minimum(exposed / bins.width, 1.0),
        total_counts=bins.counts,
        background=unknown,
        background_error=unknown,
        observation=replace(_observation(bins, exposed, origin), simulated=simulated, place=place),
        provenance=provenance,
    )


def _observation(bins: ShieldCounts, exposed: Floats, origin: str) -> Observation:
    return Observation(
        instrument=SHIELD,
        science_windows=(),
        start=float(bins.start[0]),
        stop=float((bins.start + bins.width / SECONDS_PER_DAY)[-1]),
        ontime=float(exposed.sum()),
        live_time=float(exposed.sum()),
        dead_time_note=_DEAD_TIME_NOTE,
        pixels_note=_PIXELS_NOTE,
        rates_note=f"{RATES_NOTE} {origin}".strip(),
    )
