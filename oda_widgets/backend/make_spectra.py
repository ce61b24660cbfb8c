"""From the windows of a question to the spectra of all its sources."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oda_widgets.backend.account import Account
from oda_widgets.backend.field_of_view import asked_sources, pointing_of
from oda_widgets.backend.windows import Opened
from oda_widgets.engine.spectra import window_spectra
from oda_widgets.instruments.response import isgri_response
from oda_widgets.products.by_source import BySource
from oda_widgets.products.spectrum import BAD, GOOD, Spectrum
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import SpectrumQuery
from oda_widgets.request.source import Source

Floats = NDArray[np.float64]


def make_spectra(query: SpectrumQuery, opened: Opened) -> BySource[Spectrum]:
    """Return the answer to a spectrum query."""
    response = isgri_response()
    edges = np.append(response.channel_low, response.channel_high[-1])
    sources = tuple(query.catalog.selected)
    stack = _Stack(len(sources), len(response.channel_low))
    account = Account(query)
    for place, events, intervals in opened:
        seen = asked_sources(pointing_of(events.window), sources)
        account.add(events, intervals)
        spectra = window_spectra(
            events,
            edges,
            intervals,
            list(seen.values()),
            lambda step, place=place: opened.tell(step, place, 0.5),  # type: ignore[misc]
        )
        stack.add(list(seen), spectra.rate, spectra.error)
    opened.tell_unseen(s.name for n, s in enumerate(sources) if n not in stack.seen)
    observation = account.observation(opened.skipped)
    rate, error = stack.mean()
    return BySource(
        tuple(
            Spectrum(
                source=_source(source),
                rate=rate[number],
                error=error[number],
                quality=np.where(np.isfinite(error[number]), GOOD, BAD).astype(np.int16),
                systematic_error=np.zeros(rate.shape[1]),
                response=response,
                observation=observation,
            )
            for number, source in enumerate(sources)
            if number in stack.seen
        )
    )


class _Stack:
    """Weighted means of spectra, one weight per source and window, so that no channel is bent."""

    def __init__(self, sources: int, channels: int) -> None:
        self._rate = np.zeros((sources, channels))
        self._variance = np.zeros((sources, channels))
        self._weight = np.zeros((sources, channels))

        self.seen: set[int] = set()

    def add(self, numbers: Sequence[int], rate: Floats, error: Floats) -> None:
        """Add the spectra of one window for the sources of the given numbers."""
        self.seen.update(numbers)
        for row, number in enumerate(numbers):
            good = np.isfinite(error[row])
            weight = 1.0 / np.sum(error[row][good] ** 2) if good.any() else 0.0
            self._rate[number, good] += weight * rate[row, good]
            self._variance[number, good] += (weight * error[row, good]) ** 2
            self._weight[number, good] += weight

    def mean(self) -> tuple[Floats, Floats]:
        """Return rates and errors, shape (n_sources, n_channels)."""
        seen = self._weight > 0
        weight = np.where(seen, self._weight, 1.0)
        rate = np.where(seen, self._rate / weight, np.nan)
        return rate, np.where(seen, np.sqrt(self._variance) / weight, np.inf)


def _source(source: CatalogSource) -> Source:
    return Source(source.name, source.ra, source.dec, "catalogue")
