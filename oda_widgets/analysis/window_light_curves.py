"""The light curves of all sources in one science window, as the node ``ii_lc_extract``."""

from __future__ import annotations

from functools import partial

from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.field_of_view import asked_sources, placed, pointing_of
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.analysis.question import AskedWindow, Opened
from oda_widgets.engine.light_curves import WindowLightCurves, window_light_curves
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import LightCurveQuery

Sources = tuple[CatalogSource, ...]


def window_light_curves_task(
    query: LightCurveQuery, opened: Opened, asked: AskedWindow, sources: Sources
) -> Task:
    """Return the task to extract the light curves of the sources that one science window sees.

    Raises
    ------
    BadParameter
        If it sees none of them.
    """
    seen = asked_sources(pointing_of(asked.window), sources)
    parameters = {
        "energy": [query.energy.low, query.energy.high],
        "time_bin": query.time_bin,
        "intervals": interval_parameter(asked.restriction),
    }
    inputs = asked.events, catalog_node("CatForLC", seen)
    template = group_template(opened, asked)
    node = Node("ii_lc_extract", code_version(__name__), parameters, inputs, template.nodes)
    return Task(
        node,
        partial(_extracted, query, opened, asked, seen, template),
        may_need=template.tasks,
    )


def _extracted(
    query: LightCurveQuery,
    opened: Opened,
    asked: AskedWindow,
    seen: Sources,
    template: PixelTemplate,
) -> Payload:
    """Return the light curves of one window."""
    events, intervals = opened.read(asked)
    curves = window_light_curves(
        events,
        query.energy,
        query.time_bin,
        intervals,
        placed(pointing_of(events.window), seen),
        lambda step: opened.tell(step, asked.place, 0.5),
        partial(template.told, opened.run),
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
