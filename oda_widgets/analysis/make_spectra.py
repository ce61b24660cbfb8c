"""From the windows of a question to the spectra of all its sources."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.analysis.graph import (
    in_canonical_order,
)
from oda_widgets.analysis.question import Opened
from oda_widgets.analysis.spectra_sum import spectra_sum
from oda_widgets.analysis.window_spectra import window_spectra_task
from oda_widgets.analysis.work import Work
from oda_widgets.instruments.isgri.response import isgri_response
from oda_widgets.products.by_source import BySource
from oda_widgets.products.spectrum import BAD, GOOD, Spectrum
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import SpectrumQuery
from oda_widgets.request.source import Source

Floats = NDArray[np.float64]
Sources = tuple[CatalogSource, ...]


def spectra_work(query: SpectrumQuery, opened: Opened) -> Work:
    """Return the tasks of a spectrum query.

    Raises
    ------
    BadParameter
        If a window sees none of the sources.
    """
    sources = in_canonical_order(query.catalog.selected)
    parts = tuple(window_spectra_task(opened, asked, sources) for asked in opened.windows)
    return Work(parts, spectra_sum(opened, parts, sources))


def make_spectra(
    query: SpectrumQuery, opened: Opened, result: Payload, provenance: Provenance
) -> BySource[Spectrum]:
    """Return the answer to a spectrum query from the result of its work."""
    seen = {name: number for number, name in enumerate(result.facts["seen"])}
    opened.tell_unseen(name for name in query.catalog.selected.names if name not in seen)
    observation = opened.observation(result)
    response = isgri_response()
    spectra = []
    for source in query.catalog.selected:
        if source.name in seen:
            rate, error = (result.arrays[name][seen[source.name]] for name in ("rate", "error"))
            spectra.append(
                Spectrum(
                    source=Source(source.name, source.ra, source.dec, "catalogue"),
                    rate=rate,
                    error=error,
                    quality=np.where(np.isfinite(error), GOOD, BAD).astype(np.int16),
                    systematic_error=np.zeros(len(rate)),
                    response=response,
                    observation=observation,
                    provenance=provenance.then(f"spectrum = spectra[{source.name!r}]"),
                )
            )
    return BySource(tuple(spectra))
