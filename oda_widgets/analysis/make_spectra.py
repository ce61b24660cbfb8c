"""From the windows of a question to the spectra of all its sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.field_of_view import asked_sources, placed, pointing_of
from oda_widgets.analysis.graph import (
    analysis_version,
    catalog_node,
    in_canonical_order,
    interval_parameter,
    response_node,
)
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.analysis.question import AskedWindow, Opened
from oda_widgets.analysis.work import Work
from oda_widgets.engine.spectra import window_spectra
from oda_widgets.instruments.isgri.response import isgri_response
from oda_widgets.products.by_source import BySource
from oda_widgets.products.observation import SkippedWindow
from oda_widgets.products.spectrum import BAD, GOOD, Spectrum
from oda_widgets.provenance.node import Node, Task
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
    parts = tuple(_window_task(opened, asked, sources) for asked in opened.windows)
    node = Node(
        "ISGRISpectraSum",
        analysis_version("make_spectra"),
        {"sources": [source.name for source in sources]},
        tuple(part.node for part in parts),
    )
    return Work(parts, Task(node, partial(_sum, opened, parts, sources)))


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


def _window_task(opened: Opened, asked: AskedWindow, sources: Sources) -> Task:
    seen = asked_sources(pointing_of(asked.window), sources)
    inputs = asked.events, response_node(), catalog_node("CatForSpectra", seen)
    parameters = {"intervals": interval_parameter(asked.restriction)}
    template = group_template(opened, asked)
    version = analysis_version("make_spectra")
    node = Node("ii_spectra_extract", version, parameters, inputs, template.nodes)
    return Task(node, partial(_window, opened, asked, seen, template), may_need=template.tasks)


def _window(opened: Opened, asked: AskedWindow, seen: Sources, template: PixelTemplate) -> Payload:
    """Return the spectra of one window."""
    response = isgri_response()
    edges = np.append(response.channel_low, response.channel_high[-1])
    events, intervals = opened.read(asked)
    known = placed(pointing_of(events.window), seen)

    def report(step: str) -> None:
        opened.tell(step, asked.place, 0.5)

    spectra = window_spectra(
        events, edges, intervals, known, report, partial(template.told, opened.run)
    )
    facts = {
        "accounts": [WindowAccount.of(events, intervals).facts()],
        "seen": [source.name for source in seen],
    }
    return Payload(facts, {"rate": spectra.rate, "error": spectra.error})


def _sum(opened: Opened, parts: Sequence[Task], sources: Sources) -> Payload:
    """Return the mean spectra of the sources that any window sees."""
    names = [source.name for source in sources]
    stack = _Stack(len(sources), len(isgri_response().channel_low))
    accounts: list[dict[str, Any]] = []
    skipped: list[SkippedWindow] = []
    for part in opened.parts(parts, skipped):
        numbers = [names.index(name) for name in part.facts["seen"]]
        stack.add(numbers, part.arrays["rate"], part.arrays["error"])
        accounts += part.facts["accounts"]
    seen = sorted(stack.seen)
    rate, error = (values[seen] for values in stack.mean())
    facts = {
        "accounts": accounts,
        "skipped": [asdict(window) for window in skipped],
        "seen": [names[number] for number in seen],
    }
    return Payload(facts, {"rate": rate, "error": error})


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
