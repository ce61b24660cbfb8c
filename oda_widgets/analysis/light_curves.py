"""A light-curve query: its tasks, and the light curves made from their result."""

from __future__ import annotations

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.graph import in_canonical_order
from oda_widgets.analysis.light_curve_sum import columns_of, light_curve_sum_task
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.window_light_curves import light_curves_task
from oda_widgets.errors import BadParameter
from oda_widgets.products.by_source import BySource
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.queries import LightCurveQuery
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY

_MOST_BINS = 10_000_000  # some 0.6 GB


def light_curve_tasks(query: LightCurveQuery, analysis: Analysis) -> Tasks:
    """Return the tasks of a light-curve query.

    Raises
    ------
    BadParameter
        If there would be too many bins.
    """
    sources = in_canonical_order(query.catalog.selected)
    check_number_of_bins(query, analysis, len(sources))
    parts = tuple(light_curves_task(query, analysis, w, sources) for w in analysis.windows)
    return Tasks(parts, light_curve_sum_task(analysis, parts, sources, query.time_bin))


def light_curves(
    query: LightCurveQuery, result: Payload, observation: Observation, provenance: Provenance
) -> BySource[LightCurve]:
    """Return the light curves of the sources that any window sees, in the order of the query."""
    seen = {name: number for number, name in enumerate(result.facts["seen"])}
    return BySource(
        tuple(
            LightCurve(
                source=Source(source.name, source.ra, source.dec, "catalogue"),
                energy=query.energy,
                **columns_of(result, seen[source.name]),
                observation=observation,
                provenance=provenance.then(f"curve = curves[{source.name!r}]"),
            )
            for source in query.catalog.selected
            if source.name in seen
        )
    )


def check_number_of_bins(query: LightCurveQuery, analysis: Analysis, sources: int) -> None:
    """Raise an error for light curves too large for memory.

    Raises
    ------
    BadParameter
        If there are more than ten million bins.
    """
    days = [(i.start, i.stop) for window in analysis.windows for i in window.time]
    seconds = SECONDS_PER_DAY * sum(stop - start for start, stop in days)
    bins = int(sources * seconds / query.time_bin)
    if bins > _MOST_BINS:
        limit = f"{bins:,} bins over {sources} sources, more than {_MOST_BINS:,}"
        advice = "Choose longer bins, or fewer sources or science windows."
        raise BadParameter("time_bin", query.time_bin, limit, advice)
