"""The spectra of all sources in one science window, as the node ``ii_spectra_extract``."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.field_of_view import at_fixed_positions, lit, pointing_of, sources_to_fit
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.analysis.window_counts import counts_for, recorded
from oda_widgets.engine.spectra import window_spectra
from oda_widgets.errors import DataError
from oda_widgets.instruments.isgri.channels import channel_edges
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog_source import CatalogSource

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

Sources = tuple[CatalogSource, ...]


def spectra_task(analysis: Analysis, window: QueryWindow, sources: Sources) -> Task:
    """Return the task to extract the spectra of the sources that one science window sees.

    Sources at the edge of the field are fitted with them but not extracted.
    """
    seen, beside = sources_to_fit(window.pointing, sources)
    template = group_template(analysis, window)
    parameters = {"intervals": interval_parameter(window.restriction)}
    counts = counts_for(analysis, window, ())
    source = counts[0].node if counts else window.events
    inputs = source, _response_node(), catalog_node("CatForSpectra", (*seen, *beside))
    node = Node("ii_spectra_extract", code_version(__name__), parameters, inputs, template.nodes)
    compute = partial(_spectra, window, counts, seen, beside, template)
    return Task(node, compute, counts, template.tasks)


@cache
def _response_node() -> Node:
    return Node("ISGRIResponse", code_version(channel_edges.__module__))


def _spectra(
    window: QueryWindow,
    counts: tuple[Task, ...],
    seen: Sources,
    beside: Sources,
    template: PixelTemplate,
    session: Session,
) -> Payload:
    """Return the spectra of one window."""
    events, intervals = recorded(window, counts, session)
    spectra = window_spectra(
        events,
        channel_edges(),
        intervals,
        at_fixed_positions(pointing_of(events.window), (*seen, *beside)),
        lambda step: session.report(step, window, 0.5),
        partial(template.sums, session),
    )
    if seen and not np.isfinite(spectra.error).any():
        raise _too_few_counts(window, len(events))
    rows = lit(seen, spectra.error)
    facts = {
        "accounts": [WindowAccount.of(events, intervals).facts()],
        "seen": [seen[row].name for row in rows],
    }
    return Payload(
        facts,
        {
            "rate": spectra.rate[rows],
            "error": spectra.error[rows],
            "common": spectra.common[rows],
            "share": spectra.share,
            "weight": spectra.weight[rows],
            "correction": spectra.correction,
            "correction_error": spectra.correction_error,
        },
    )


def _too_few_counts(window: QueryWindow, counts: int) -> DataError:
    """Return the error of a window whose background cannot be measured at any energy."""
    problem = f"Science window {window.id} has too few counts ({counts:,}) to show its background."
    return DataError(problem, "Take longer intervals, or leave the window out.")
