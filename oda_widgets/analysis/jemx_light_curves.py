"""The light curves of all sources in one science window of JEM-X, as the node ``jemx_lcr``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount, selected_events
from oda_widgets.analysis.field_of_view import at_fixed_positions, lit, pointing_of, sources_to_fit
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.window_light_curves import arrays_of
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.engine.light_curves import scene_light_curves
from oda_widgets.engine.sampled_scene import sampled_scene
from oda_widgets.engine.shadowgram import shadowgram
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import LightCurveQuery

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import QueryWindow
    from oda_widgets.analysis.session import Session

Sources = tuple[CatalogSource, ...]


def jemx_light_curves_task(query: LightCurveQuery, window: QueryWindow, sources: Sources) -> Task:
    """Return the task to extract the light curves of the sources that one science window sees.

    Sources at the edge of the field are fitted with them but not extracted.
    """
    seen, beside = sources_to_fit(window.pointing, sources, jemx_aperture(query.energy))
    parameters = {
        "energy": [query.energy.low, query.energy.high],
        "time_bin": query.time_bin,
        "intervals": interval_parameter(window.restriction),
    }
    inputs = window.events, catalog_node("CatForLC", (*seen, *beside))
    node = Node("jemx_lcr", code_version(__name__), parameters, inputs)
    return Task(node, partial(_light_curves, query, window, seen, beside))


def _light_curves(
    query: LightCurveQuery, window: QueryWindow, seen: Sources, beside: Sources, session: Session
) -> Payload:
    """Return the light curves of one window."""
    events, intervals = selected_events(window, session)
    session.report("light curves", window, 0.5)
    known = at_fixed_positions(pointing_of(events.window), (*seen, *beside))
    image = shadowgram(events, query.energy, intervals)
    empty = sampled_scene(events, image, jemx_aperture(query.energy))
    scene = empty.with_tangents(np.array([source.tangents for source in known]))
    curves = scene_light_curves(scene, events, query.energy, query.time_bin, intervals)
    rows = lit(seen, curves.rates.error)
    facts = {
        "accounts": [WindowAccount.of(events, intervals, query.energy).facts()],
        "seen": [seen[row].name for row in rows],
    }
    return Payload(facts, arrays_of(curves, rows))
