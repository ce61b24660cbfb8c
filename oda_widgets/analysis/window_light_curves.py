"""The light curves of all sources in one science window, as the node ``ii_lc_extract``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from oda_widgets.analysis.exposure import WindowAccount, selected_events
from oda_widgets.analysis.field_of_view import at_fixed_positions, lit, pointing_of, sources_to_fit
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.analysis.window_counts import counts_in, counts_task
from oda_widgets.engine.light_curves import WindowLightCurves, window_light_curves
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import LightCurveQuery

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

Sources = tuple[CatalogSource, ...]


def light_curves_task(
    query: LightCurveQuery, analysis: Analysis, window: QueryWindow, sources: Sources
) -> Task:
    """Return the task to extract the light curves of the sources that one science window sees.

    What reaches the rim of its field only is fitted beside them.
    """
    seen, beside = sources_to_fit(window.pointing, sources)
    template = group_template(analysis, window)
    parameters = {
        "energy": [query.energy.low, query.energy.high],
        "time_bin": query.time_bin,
        "intervals": interval_parameter(window.restriction),
    }
    counts = counts_task(analysis, window.science_window)
    inputs = window.events, counts.node, catalog_node("CatForLC", (*seen, *beside))
    node = Node("ii_lc_extract", code_version(__name__), parameters, inputs, template.nodes)
    compute = partial(_light_curves, query, window, counts, seen, beside, template)
    return Task(node, compute, (counts,), template.tasks)


def _light_curves(
    query: LightCurveQuery,
    window: QueryWindow,
    counts: Task,
    seen: Sources,
    beside: Sources,
    template: PixelTemplate,
    session: Session,
) -> Payload:
    """Return the light curves of one window."""
    known = counts_in(session.result(counts))
    events, intervals = selected_events(window, session, known)
    curves = window_light_curves(
        events,
        query.energy,
        query.time_bin,
        intervals,
        at_fixed_positions(pointing_of(events.window), (*seen, *beside)),
        lambda step: session.report(step, window, 0.5),
        partial(template.sums, session),
    )
    rows = lit(seen, curves.rates.error)
    facts = {
        "accounts": [WindowAccount.of(events, intervals, query.energy).facts()],
        "seen": [seen[row].name for row in rows],
    }
    return Payload(facts, arrays_of(curves, rows))


def arrays_of(curves: WindowLightCurves, rows: Sequence[int]) -> dict[str, Array]:
    """Return the light curves of some sources as part of a result."""
    return {
        "starts": curves.start,
        "time": curves.time,
        "width": curves.width,
        "exposed_fraction": curves.exposed_fraction,
        "total_counts": curves.total_counts,
        "background": curves.rates.background,
        "background_error": curves.rates.background_error,
        "rate": curves.rates.rate[rows],
        "error": curves.rates.error[rows],
        "common_error": curves.common_error[rows],
    }
