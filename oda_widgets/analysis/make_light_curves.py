"""From the windows of a question to the light curves of all its sources."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.analysis.graph import (
    in_canonical_order,
)
from oda_widgets.analysis.light_curve_sum import COLUMNS, light_curve_sum
from oda_widgets.analysis.question import Opened
from oda_widgets.analysis.window_light_curves import window_light_curves_task
from oda_widgets.analysis.work import Work
from oda_widgets.errors import BadParameter
from oda_widgets.products.by_source import BySource
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import LightCurveQuery
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY

Floats = NDArray[np.float64]
Sources = tuple[CatalogSource, ...]

_MOST_BINS = 10_000_000  # some 0.6 GB


def light_curve_work(query: LightCurveQuery, opened: Opened) -> Work:
    """Return the tasks of a light-curve query.

    Raises
    ------
    BadParameter
        If a window sees none of the sources, or there would be too many bins.
    """
    sources = in_canonical_order(query.catalog.selected)
    _check_number_of_bins(query, opened, len(sources))
    parts = tuple(
        window_light_curves_task(query, opened, asked, sources) for asked in opened.windows
    )
    return Work(parts, light_curve_sum(opened, parts, sources))


def _check_number_of_bins(query: LightCurveQuery, opened: Opened, sources: int) -> None:
    """Refuse light curves that no memory would hold."""
    days = [(i.start, i.stop) for asked in opened.windows for i in asked.asked_time]
    seconds = SECONDS_PER_DAY * sum(stop - start for start, stop in days)
    bins = int(sources * seconds / query.time_bin)
    if bins > _MOST_BINS:
        limit = f"{bins:,} bins over {sources} sources, more than {_MOST_BINS:,}"
        advice = "Choose longer bins, or fewer sources or science windows."
        raise BadParameter("time_bin", query.time_bin, limit, advice)


def make_light_curves(
    query: LightCurveQuery, opened: Opened, result: Payload, provenance: Provenance
) -> BySource[LightCurve]:
    """Return the answer to a light-curve query from the result of its work."""
    seen = {name: number for number, name in enumerate(result.facts["seen"])}
    opened.tell_unseen(name for name in query.catalog.selected.names if name not in seen)
    observation = opened.observation(result)
    return BySource(
        tuple(
            LightCurve(
                source=Source(source.name, source.ra, source.dec, "catalogue"),
                energy=query.energy,
                **_columns(result, seen[source.name]),
                observation=observation,
                provenance=provenance.then(f"curve = curves[{source.name!r}]"),
            )
            for source in query.catalog.selected
            if source.name in seen
        )
    )


def _columns(result: Payload, number: int) -> dict[str, Array]:
    return {name: result.arrays[f"{name}_{number}"] for name in COLUMNS}
