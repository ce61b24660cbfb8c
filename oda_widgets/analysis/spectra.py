"""A spectrum query: its tasks, and the spectra made from their result."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.graph import in_canonical_order
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.spectra_sum import isgri_binning, spectra_sum_task
from oda_widgets.analysis.window_spectra import spectra_task
from oda_widgets.instruments.isgri.response import isgri_response
from oda_widgets.instruments.sensitivity import UNKNOWN, WORST
from oda_widgets.products.by_source import BySource
from oda_widgets.products.observation import Observation
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import BAD, DUBIOUS, GOOD
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.queries import SpectrumQuery
from oda_widgets.request.source import Source

Floats = NDArray[np.float64]

_OF_SOURCE = ("rate", "error", "common", "share")
_USUAL_POWER = 3.0
"""Power of energy with which the counts per keV of most sources fall."""


def spectra_tasks(query: SpectrumQuery, analysis: Analysis) -> Tasks:
    """Return the tasks of a spectrum query."""
    sources = in_canonical_order(query.catalog.selected)
    parts = tuple(spectra_task(analysis, window, sources) for window in analysis.windows)
    return Tasks(parts, spectra_sum_task(analysis, parts, sources, isgri_binning()))


def spectra(
    query: SpectrumQuery, result: Payload, observation: Observation, provenance: Provenance
) -> BySource[Spectrum]:
    """Return the spectra of the sources that any window sees, in the order of the query."""
    return spectra_with(isgri_response(), query, result, observation, provenance)


def spectra_with(
    response: Response,
    query: SpectrumQuery,
    result: Payload,
    observation: Observation,
    provenance: Provenance,
) -> BySource[Spectrum]:
    """Return the spectra of the sources that any window sees, with a given response."""
    seen = {name: number for number, name in enumerate(result.facts["seen"])}
    correction, its_error = result.arrays["correction"], result.arrays["correction_error"]
    systematic = np.hypot(_of_energies(result, response), its_error)
    seen_or_not = np.where((correction > WORST) | (its_error >= UNKNOWN), DUBIOUS, GOOD)
    found = []
    for source in query.catalog.selected:
        if source.name in seen:
            own = {name: result.arrays[name][seen[source.name]] for name in _OF_SOURCE}
            rate, error = own["rate"], own["error"]
            found.append(
                Spectrum(
                    source=Source(source.name, source.ra, source.dec, "catalogue"),
                    rate=rate,
                    error=error,
                    quality=np.where(np.isfinite(error), seen_or_not, BAD).astype(np.int16),
                    systematic_error=systematic,
                    response=response,
                    observation=observation,
                    provenance=provenance.then(f"spectrum = spectra[{source.name!r}]"),
                    common_error=_independent_errors(own["common"]) @ own["share"],
                )
            )
    return BySource(tuple(found))


def _of_energies(result: Payload, response: Response) -> Floats:
    """Return the relative error of rates by the uncertainty of energies, per channel.

    A spectrum that falls with a power p of energy changes by (p - 1) times the relative error of
    the energy scale.
    """
    energy = np.sqrt(response.channel_low * response.channel_high)
    windows = [account.energies.uncertainty_at(energy) for account in accounts_of(result.facts)]
    error: Floats = (_USUAL_POWER - 1.0) * np.mean(windows, axis=0)
    return error


def _independent_errors(covariance: Floats) -> Floats:
    """Return independent errors, one per row, that give a covariance; shape (n, n)."""
    variances, directions = np.linalg.eigh(covariance)
    errors: Floats = np.sqrt(np.maximum(variances, 0.0))[:, None] * directions.T
    return errors
