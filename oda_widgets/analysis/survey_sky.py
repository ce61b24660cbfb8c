"""The all-sky map of a survey, from its sums so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from oda_widgets.analysis.ghosts import Ghosts
from oda_widgets.analysis.rates_note import UNCERTAIN
from oda_widgets.analysis.survey_sources import CONFUSED
from oda_widgets.analysis.survey_sums import Account, SurveySums
from oda_widgets.engine.all_sky import AllSkyPeak, AllSkySums, peaks
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.instruments.pointing import Pointing, unit_vector
from oda_widgets.lookup.healpix import GALACTIC_AXES, equatorial
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.observation import Observation
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import DEFAULT_THRESHOLD
from oda_widgets.request.science_windows import SkippedWindow

_MOST_CANDIDATES = 1000
_NOTEWORTHY = 0.05  # relative error of a correction that is noted in the file
_DEAD_TIME = "Live time is good time corrected for dead time, where the archive knows it."
_WEIGHTS = "mean of {} science windows, each weighted by the inverse of the variance"


def all_sky_of(
    sums: SurveySums,
    energy: EnergyBand,
    skipped: Iterable[SkippedWindow],
) -> AllSky:
    """Return the map and the catalogue from the sums of a survey.

    Parameters
    ----------
    skipped
        Windows that could not be used.
    """
    sky = sums.sky
    seen = sky.weight > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(seen, 1 / sky.weight, np.nan).astype(np.float32)
        intensity = np.where(seen, sky.weighted / sky.weight, np.nan).astype(np.float32)
    known = sums.sources.listed()
    return AllSky(
        intensity=intensity,
        variance=variance,
        exposure=sky.exposure.copy(),
        energy=energy,
        catalog=SourceCatalog.of([*known, *_candidates(sums, known)]),
        observation=_observation(sums, tuple(skipped)),
    )


def _candidates(sums: SurveySums, known: Iterable[CatalogSource]) -> Iterable[CatalogSource]:
    """Iterate over the peaks that no known source, and no ghost of one, explains."""
    sky, significance = sums.sky, sums.sky.significance
    taken = [GALACTIC_AXES @ unit_vector(source.ra, source.dec) for source in known]
    ghosts = Ghosts([Pointing(*origin.pointing) for origin in sums.origins], IBIS)
    for place in sums.sources.ghosts():
        ghosts.add(*place)
    number = 0
    # Pixels may be larger than peaks.
    radius = max(CONFUSED, sky.grid.pixel_size)
    for peak in peaks(significance, sky.grid, DEFAULT_THRESHOLD, taken, radius):
        source = _candidate(peak, sky)
        if not ghosts.explain(source.ra, source.dec, source.significance):
            number += 1
            yield replace(source, name=f"NEW_{number}")
        if number == _MOST_CANDIDATES:
            return


def _candidate(peak: AllSkyPeak, sky: AllSkySums) -> CatalogSource:
    ra, dec = (float(angle) for angle in equatorial(peak.direction))
    weight = float(sky.weight[peak.pixel])
    return CatalogSource(
        name="NEW",
        ra=ra,
        dec=dec,
        significance=peak.significance,
        flux=float(sky.weighted[peak.pixel]) / weight,
        flux_error=weight**-0.5,
        error_radius=float(np.hypot(error_radius(peak.significance), sky.grid.pixel_size)),
        ra_fit=ra,
        dec_fit=dec,
        new=True,
    )


def is_uncertain(account: Account) -> bool:
    """Return whether rates of spectra unlike the Crab's are so uncertain that users are warned."""
    return account.corrected_error > UNCERTAIN * account.live_time


def _rates_note(account: Account) -> str:
    """Return a note on the correction of rates for thresholds; empty if it is negligible."""
    if account.corrected_error <= _NOTEWORTHY * account.live_time:
        return ""
    raised = account.corrected / account.live_time
    error = account.corrected_error / account.live_time
    return (
        f"Rates are raised by {raised:.2f} on average for photons that pixels do not record, which"
        f" is right for a spectrum like the Crab's; for others the map is known to {error:.0%}."
        " Errors of known sources include it."
    )


def _observation(sums: SurveySums, skipped: tuple[SkippedWindow, ...]) -> Observation:
    total = sums.account
    return Observation(
        instrument="isgri",
        science_windows=tuple(sums.windows),
        start=total.start,
        stop=total.stop,
        ontime=total.ontime,
        live_time=total.live_time,
        dead_time_note=_DEAD_TIME,
        pixels_note="",
        skipped=skipped,
        simulated=total.simulated,
        revolution=int(sums.windows[0][:4]),
        pointing=sums.origins[0].pointing,
        energies="+".join(total.energies),
        weights_note=_WEIGHTS.format(len(sums.windows)),
        rates_note=_rates_note(sums.account),
        correction=total.corrected / total.live_time if total.live_time else 1.0,
        rates_error=total.error / total.live_time if total.live_time else 0.0,
    )
