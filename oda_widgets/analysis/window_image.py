"""The image of one science window, as the node ``ii_skyimage``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount, selected_events
from oda_widgets.analysis.field_of_view import in_field_of_view, known_sources, pointing_of
from oda_widgets.analysis.graph import catalog_node, interval_parameter
from oda_widgets.analysis.pixel_template import PixelTemplate, image_template
from oda_widgets.engine.identify import Found
from oda_widgets.engine.imaging import WindowImage, image_window
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import SEARCH_THRESHOLD

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

GRID = SkyGrid(oversampling=2)
_STEPS = ("background", "sources", "maps")


def image_task(
    energy: EnergyBand, analysis: Analysis, window: QueryWindow, sources: Sequence[CatalogSource]
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
        Sources that are fitted at fixed positions where they are seen.
    """
    fixed = tuple(in_field_of_view(window.pointing, sources))
    template = image_template(analysis, window, energy)
    parameters = {
        "energy": [energy.low, energy.high],
        "intervals": interval_parameter(window.restriction),
        "oversampling": GRID.oversampling,
        "lowest_significance": SEARCH_THRESHOLD,
    }
    inputs = window.events, catalog_node("CatExtract", fixed, with_reference=True)
    node = Node("ii_skyimage", code_version(__name__), parameters, inputs, template.nodes)
    return Task(node, partial(_image, energy, window, fixed, template), may_need=template.tasks)


def _image(
    energy: EnergyBand,
    window: QueryWindow,
    fixed: tuple[CatalogSource, ...],
    template: PixelTemplate,
    session: Session,
) -> Payload:
    """Return the maps and the sources of one window."""

    def report(step: str) -> None:
        session.report(step, window, (1 + _STEPS.index(step)) / (1 + len(_STEPS)))

    events, intervals = selected_events(window, session)
    pointing = pointing_of(events.window)
    image = image_window(
        events,
        energy,
        intervals,
        known_sources(pointing, fixed),
        GRID,
        SEARCH_THRESHOLD,
        report,
        partial(template.sums, session),
    )
    facts = {
        "accounts": [WindowAccount.of(events, intervals).facts()],
        "skipped": [],
        "sources": [asdict(source) for source in _sources(image, pointing)],
    }
    maps = image.maps
    arrays = {"flux": maps.flux, "variance": maps.variance, "coding": maps.coding}
    return Payload(facts, arrays)


def sources_of(facts: Any) -> list[CatalogSource]:
    """Return the sources in the facts of an image."""
    return [CatalogSource(**source) for source in facts["sources"]]


def _sources(image: WindowImage, pointing: Pointing) -> list[CatalogSource]:
    """Return the sources of one window in celestial coordinates."""
    fluxes, errors = image.scene.fluxes, image.scene.flux_errors
    return [
        _source(found, pointing, float(flux), float(error) * found.noise)
        for found, flux, error in zip(image.sources, fluxes, errors, strict=True)
    ]


def _source(found: Found, pointing: Pointing, flux: float, error: float) -> CatalogSource:
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
        error_radius=error_radius(found.significance),
        ra_fit=peak[0],
        dec_fit=peak[1],
        new=found.name is None,
    )
