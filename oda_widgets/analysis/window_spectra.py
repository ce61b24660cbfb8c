"""The spectra of all sources in one science window, as the node ``ii_spectra_extract``."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from oda_widgets.analysis.exposure import WindowAccount, selected_events
from oda_widgets.analysis.field_of_view import at_fixed_positions, pointing_of, visible_sources
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.engine.spectra import window_spectra
from oda_widgets.instruments.isgri.channels import channel_edges
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

Sources = tuple[CatalogSource, ...]


def spectra_task(analysis: Analysis, window: QueryWindow, sources: Sources) -> Task:
    """Return the task to extract the spectra of the sources that one science window sees.

    Raises
    ------
    BadParameter
        If it sees none of them.
    """
    seen = visible_sources(window.pointing, sources)
    template = group_template(analysis, window)
    parameters = {"intervals": interval_parameter(window.restriction)}
    inputs = window.events, _response_node(), catalog_node("CatForSpectra", seen)
    node = Node("ii_spectra_extract", code_version(__name__), parameters, inputs, template.nodes)
    return Task(node, partial(_spectra, window, seen, template), may_need=template.tasks)


@cache
def _response_node() -> Node:
    return Node("ISGRIResponse", code_version(channel_edges.__module__))


def _spectra(
    window: QueryWindow, seen: Sources, template: PixelTemplate, session: Session
) -> Payload:
    """Return the spectra of one window."""
    events, intervals = selected_events(window, session)
    spectra = window_spectra(
        events,
        channel_edges(),
        intervals,
        at_fixed_positions(pointing_of(events.window), seen),
        lambda step: session.report(step, window, 0.5),
        partial(template.sums, session),
    )
    facts = {
        "accounts": [WindowAccount.of(events, intervals).facts()],
        "seen": [source.name for source in seen],
    }
    return Payload(facts, {"rate": spectra.rate, "error": spectra.error})
