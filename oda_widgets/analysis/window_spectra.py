"""The spectra of all sources in one science window, as the node ``ii_spectra_extract``."""

from __future__ import annotations

from functools import partial

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.field_of_view import asked_sources, placed, pointing_of
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, group_template
from oda_widgets.analysis.question import AskedWindow, Opened
from oda_widgets.engine.spectra import window_spectra
from oda_widgets.instruments.isgri.response import isgri_response
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource

Sources = tuple[CatalogSource, ...]


def window_spectra_task(opened: Opened, asked: AskedWindow, sources: Sources) -> Task:
    """Return the task to extract the spectra of the sources that one science window sees.

    Raises
    ------
    BadParameter
        If it sees none of them.
    """
    seen = asked_sources(pointing_of(asked.window), sources)
    inputs = asked.events, _response_node(), catalog_node("CatForSpectra", seen)
    parameters = {"intervals": interval_parameter(asked.restriction)}
    template = group_template(opened, asked)
    node = Node("ii_spectra_extract", code_version(__name__), parameters, inputs, template.nodes)
    return Task(node, partial(_extracted, opened, asked, seen, template), may_need=template.tasks)


def _response_node() -> Node:
    return Node("ISGRIResponse", code_version(isgri_response.__module__))


def _extracted(
    opened: Opened, asked: AskedWindow, seen: Sources, template: PixelTemplate
) -> Payload:
    """Return the spectra of one window."""
    response = isgri_response()
    edges = np.append(response.channel_low, response.channel_high[-1])
    events, intervals = opened.read(asked)
    known = placed(pointing_of(events.window), seen)

    def report(step: str) -> None:
        opened.tell(step, asked.place, 0.5)

    spectra = window_spectra(
        events, edges, intervals, known, report, partial(template.told, opened.run)
    )
    facts = {
        "accounts": [WindowAccount.of(events, intervals).facts()],
        "seen": [source.name for source in seen],
    }
    return Payload(facts, {"rate": spectra.rate, "error": spectra.error})
