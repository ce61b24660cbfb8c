"""From the windows of a question to the light curves of all its sources."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oda_widgets.backend.account import Account
from oda_widgets.backend.field_of_view import asked_sources, pointing_of
from oda_widgets.backend.windows import Opened
from oda_widgets.engine.light_curves import WindowLightCurves, window_light_curves
from oda_widgets.products.by_source import BySource
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import LightCurveQuery
from oda_widgets.request.source import Source

Floats = NDArray[np.float64]


def make_light_curves(query: LightCurveQuery, opened: Opened) -> BySource[LightCurve]:
    """Return the answer to a light-curve query."""
    sources = tuple(query.catalog.selected)
    pieces: list[list[tuple[WindowLightCurves, int]]] = [[] for _ in sources]
    account = Account(query)
    for place, events, intervals in opened:
        seen = asked_sources(pointing_of(events.window), sources)
        account.add(events, intervals)
        curves = window_light_curves(
            events,
            query.energy,
            query.time_bin,
            intervals,
            list(seen.values()),
            lambda step, place=place: opened.tell(step, place, 0.5),  # type: ignore[misc]
        )
        for row, number in enumerate(seen):
            pieces[number].append((curves, row))
    seen_at_all = list(zip(sources, pieces, strict=True))
    opened.tell_unseen(source.name for source, parts in seen_at_all if not parts)
    observation = account.observation(opened.skipped)
    return BySource(
        tuple(_joined(query, source, parts, observation) for source, parts in seen_at_all if parts)
    )


def _joined(
    query: LightCurveQuery,
    source: CatalogSource,
    parts: Sequence[tuple[WindowLightCurves, int]],
    observation: Observation,
) -> LightCurve:
    """Return the light curve of one source over all windows that see it."""

    def all_of(values: Sequence[Floats]) -> Floats:
        return np.concatenate(values)

    return LightCurve(
        source=Source(source.name, source.ra, source.dec, "catalogue"),
        energy=query.energy,
        time=all_of([curves.time for curves, _ in parts]),
        width=all_of([curves.width for curves, _ in parts]),
        rate=all_of([curves.rates.rate[row] for curves, row in parts]),
        error=all_of([curves.rates.error[row] for curves, row in parts]),
        exposed_fraction=all_of([curves.exposed_fraction for curves, _ in parts]),
        total_counts=all_of([curves.total_counts for curves, _ in parts]),
        background=all_of([curves.rates.background for curves, _ in parts]),
        background_error=all_of([curves.rates.background_error for curves, _ in parts]),
        observation=observation,
    )
