"""The image of one science window of JEM-X, as the node ``jemx_image``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount, selected_events
from oda_widgets.analysis.field_of_view import known_sources, measurable, pointing_of
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.window_image import map_arrays, sources_in
from oda_widgets.engine.imaging import image_again
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.engine.sampled_aperture import SampledAperture
from oda_widgets.engine.sampled_scene import dead_strips, sampled_scene, scene_beside_strips
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram, shadowgram
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import SEARCH_THRESHOLD

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session


def jemx_image_task(
    energy: EnergyBand,
    analysis: Analysis,
    window: QueryWindow,
    sources: Sequence[CatalogSource],
    grid: SkyGrid,
) -> Task:
    """Return the task to image one science window; parameters as for `window_image.image_task`."""
    del analysis  # each window is imaged by itself
    fixed = tuple(measurable(window.pointing, sources, jemx_aperture(energy)))
    parameters = {
        "energy": [energy.low, energy.high],
        "intervals": interval_parameter(window.restriction),
        "lowest_significance": SEARCH_THRESHOLD,
    }
    inputs = window.events, catalog_node("CatExtract", fixed, with_reference=True)
    node = Node("jemx_image", code_version(__name__), parameters, inputs)
    return Task(node, partial(_image, energy, window, fixed, grid))


def jemx_scene_in(aperture: SampledAperture, result: Payload) -> Scene:
    """Return the scene in the result of the image of a window, without sources."""
    facts = result.facts["scene"]
    image = Shadowgram(result.arrays["counts"].astype(float), facts["seconds"])
    return scene_beside_strips(image, replace(aperture, strips=tuple(facts["dead_strips"])))


def _image(
    energy: EnergyBand,
    window: QueryWindow,
    fixed: tuple[CatalogSource, ...],
    grid: SkyGrid,
    session: Session,
) -> Payload:
    """Return the maps and the sources of one window."""
    events, intervals = selected_events(window, session)
    pointing, aperture = pointing_of(events.window), jemx_aperture(energy)
    image = image_again(
        sampled_scene(events, shadowgram(events, energy, intervals), aperture),
        known_sources(pointing, fixed, aperture),
        grid,
        SEARCH_THRESHOLD,
        lambda step: session.report(step, window, 0.5),
    )
    facts = {
        "accounts": [WindowAccount.of(events, intervals, energy).facts()],
        "skipped": [],
        "sources": [asdict(source) for source in sources_in(image, pointing)],
        "scene": {
            "seconds": image.scene.shadowgram.seconds,
            "dead_strips": list(dead_strips(events, aperture)),
        },
    }
    counts = {"counts": image.scene.shadowgram.counts.astype(np.float32)}
    return Payload(facts, map_arrays(image.maps) | counts, compact=True)
