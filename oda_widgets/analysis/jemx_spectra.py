"""The spectra of all sources in one science window of JEM-X, as the node ``jemx_spe``."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount, selected_events
from oda_widgets.analysis.field_of_view import at_fixed_positions, lit, pointing_of, sources_to_fit
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.engine.sampled_aperture import SampledAperture
from oda_widgets.engine.sampled_spectra import sampled_spectra
from oda_widgets.instruments.jemx.channels import channel_edges
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import QueryWindow
    from oda_widgets.analysis.session import Session

Sources = tuple[CatalogSource, ...]


def jemx_spectra_task(window: QueryWindow, sources: Sources) -> Task:
    """Return the task to extract the spectra of the sources that one science window sees.

    Sources at the edge of the field are fitted with them but not extracted.
    """
    seen, beside = sources_to_fit(window.pointing, sources, _any_energy())
    parameters = {"intervals": interval_parameter(window.restriction)}
    inputs = window.events, _response_node(), catalog_node("CatForSpectra", (*seen, *beside))
    node = Node("jemx_spe", code_version(__name__), parameters, inputs)
    return Task(node, partial(_spectra, window, seen, beside))


def _any_energy() -> SampledAperture:
    return jemx_aperture(EnergyBand(float(channel_edges()[0]), float(channel_edges()[-1])))


@cache
def _response_node() -> Node:
    return Node("JRMF", code_version(channel_edges.__module__))


def _spectra(window: QueryWindow, seen: Sources, beside: Sources, session: Session) -> Payload:
    """Return the spectra of one window."""
    events, intervals = selected_events(window, session)
    spectra = sampled_spectra(
        events,
        channel_edges(),
        intervals,
        at_fixed_positions(pointing_of(events.window), (*seen, *beside)),
        jemx_aperture,
        lambda step: session.report(step, window, 0.5),
    )
    rows = lit(seen, spectra.error)
    facts = {
        "accounts": [WindowAccount.of(events, intervals).facts()],
        "seen": [seen[row].name for row in rows],
    }
    channels = len(channel_edges()) - 1
    arrays = {
        "rate": spectra.rate[rows],
        "error": spectra.error[rows],
        "common": np.zeros((len(rows), 0, 0)),
        "share": np.zeros((0, channels)),
        "weight": spectra.weight[rows],
        "correction": np.ones(channels),
        "correction_error": np.zeros(channels),
    }
    return Payload(facts, arrays)
