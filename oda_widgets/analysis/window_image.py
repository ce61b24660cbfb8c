"""The image of one science window, as the node ``ii_skyimage``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.field_of_view import known_sources, measurable, pointing_of
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, image_template
from oda_widgets.analysis.window_counts import counts_for, recorded
from oda_widgets.analysis.window_scene import scene_arrays, scene_facts
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.identify import Found
from oda_widgets.engine.imaging import WindowImage, image_window
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.engine.rounding import rounded_to_noise, shortened
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import SEARCH_THRESHOLD

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

GRID = IBIS.map_grid
_STEPS = ("background", "sources", "maps")


def image_task(
    energy: EnergyBand,
    analysis: Analysis,
    window: QueryWindow,
    sources: Sequence[CatalogSource],
    grid: SkyGrid = GRID,
) -> Task:
    """Return the task to image one science window.

    Parameters
    ----------
    energy
        Band of the image.
    analysis
        The query and its windows.
    window
        The window to image.
    sources
        Sources that are fitted at fixed positions if the window sees them.
    grid
        Directions of its maps.
    """
    fixed = tuple(measurable(window.pointing, sources))
    template = image_template(analysis, window, energy)
    parameters = {
        "energy": [energy.low, energy.high],
        "intervals": interval_parameter(window.restriction),
        "oversampling": grid.oversampling,
        "lowest_significance": SEARCH_THRESHOLD,
    }
    counts = counts_for(analysis, window, (energy.low, energy.high))
    source = counts[0].node if counts else window.events
    inputs = source, catalog_node("CatExtract", fixed, with_reference=True)
    node = Node("ii_skyimage", code_version(__name__), parameters, inputs, template.nodes)
    compute = partial(_image, energy, window, counts, fixed, template, grid)
    return Task(node, compute, counts, template.tasks)


def _image(
    energy: EnergyBand,
    window: QueryWindow,
    counts: tuple[Task, ...],
    fixed: tuple[CatalogSource, ...],
    template: PixelTemplate,
    grid: SkyGrid,
    session: Session,
) -> Payload:
    """Return the maps and the sources of one window."""

    def report(step: str) -> None:
        session.report(step, window, (1 + _STEPS.index(step)) / (1 + len(_STEPS)))

    events, intervals = recorded(window, counts, session)
    pointing = pointing_of(events.window)
    image = image_window(
        events,
        energy,
        intervals,
        known_sources(pointing, fixed),
        grid,
        SEARCH_THRESHOLD,
        report,
        partial(template.sums, session),
    )
    facts = {
        "accounts": [WindowAccount.of(events, intervals, energy).facts()],
        "skipped": [],
        "sources": [asdict(source) for source in sources_in(image, pointing)],
        "scene": scene_facts(image.scene),
    }
    return Payload(facts, map_arrays(image.maps) | scene_arrays(image.scene), compact=True)


def map_arrays(maps: SkyMaps) -> dict[str, Array]:
    """Return the maps of a window for the store, without insignificant bits."""
    return {
        "flux": rounded_to_noise(maps.flux, np.sqrt(maps.variance)),
        "variance": shortened(maps.variance),
        "coding": shortened(maps.coding),
    }


def sources_of(facts: Any) -> list[CatalogSource]:
    """Return the sources in the facts of an image."""
    return [CatalogSource(**source) for source in facts["sources"]]


def sources_in(image: WindowImage, pointing: Pointing) -> list[CatalogSource]:
    """Return the sources of one window in celestial coordinates."""
    scale = image.scene.aperture.scale
    fluxes, errors = image.scene.fluxes, image.scene.flux_errors
    measured = zip(image.sources, fluxes, errors, image.measured, strict=True)
    return [
        _source(found, pointing, float(flux), float(error) * found.noise, scale)
        for found, flux, error, seen in measured
        if seen
    ]


def _source(
    found: Found, pointing: Pointing, flux: float, error: float, scale: float
) -> CatalogSource:
    ra, dec = (float(x) for x in pointing.sky(*found.tangents))
    searched = bool(np.isfinite(found.peak).all())
    peak = tuple(float(x) for x in pointing.sky(*found.peak)) if searched else (nan, nan)
    return CatalogSource(
        name=found.name or "NEW",
        ra=ra,
        dec=dec,
        significance=float(found.significance),
        flux=flux,
        flux_error=error,
        error_radius=error_radius(found.significance, scale),
        ra_fit=peak[0],
        dec_fit=peak[1],
        new=found.name is None,
    )
