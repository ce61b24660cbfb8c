"""The light curves of all sources in one science window, as the node ``ii_lc_extract``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from oda_widgets.analysis.exposure import WindowAccount, selected_events
from oda_widgets.analysis.field_of_view import at_fixed_positions, pointing_of, visible_sources
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.engine.light_curves import WindowLightCurves, window_light_curves
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import LightCurveQuery

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

Sources = tuple[CatalogSource, ...]


def light_curves_task(
    query: LightCurveQuery, analysis: Analysis, window: QueryWindow, sources: Sources
) -> Task:
    """Return the task to extract the light curves of the sources that one science window sees.

    Raises
    ------
    BadParameter
        If it sees none of them.
    """
    seen = visible_sources(window.pointing, sources)
    template = group_template(analysis, window)
    parameters = {
        "energy": [query.energy.low, query.energy.high],
        "time_bin": query.time_bin,
        "intervals": interval_parameter(window.restriction),
    }
    inputs = window.events, catalog_node("CatForLC", seen)
    node = Node("ii_lc_extract", code_version(__name__), parameters, inputs, template.nodes)
    compute = partial(_light_curves, query, window, seen, template)
    return Task(node, compute, may_need=template.tasks)


def _light_curves(
    query: LightCurveQuery,
    window: QueryWindow,
    seen: Sources,
    template: PixelTemplate,
    session: Session,
) -> Payload:
    """Return the light curves of one window."""
    events, intervals = selected_events(window, session)
    curves = window_light_curves(
        events,
        query.energy,
        query.time_bin,
        intervals,
        at_fixed_positions(pointing_of(events.window), seen),
        lambda step: session.report(step, window, 0.5),
        partial(template.sums, session),
    )
    facts = {
        "accounts": [WindowAccount.of(events, intervals).facts()],
        "seen": [source.name for source in seen],
    }
    return Payload(facts, _arrays(curves))


def _arrays(curves: WindowLightCurves) -> dict[str, Array]:
    return {
        "time": curves.time,
        "width": curves.width,
        "exposed_fraction": curves.exposed_fraction,
        "total_counts": curves.total_counts,
        "background": curves.rates.background,
        "background_error": curves.rates.background_error,
        "rate": curves.rates.rate,
        "error": curves.rates.error,
    }
