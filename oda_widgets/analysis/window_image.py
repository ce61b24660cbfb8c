"""The image of one science window as a node, ``ii_skyimage``, and as the store keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from math import nan
from typing import Any

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.field_of_view import known_sources, pointing_of, seen_by
from oda_widgets.analysis.graph import (
    catalog_node,
    interval_parameter,
)
from oda_widgets.analysis.pixel_template import PixelTemplate, image_template
from oda_widgets.analysis.question import AskedWindow, Opened
from oda_widgets.engine.identify import Found
from oda_widgets.engine.imaging import WindowImage, image_window
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import LOWEST_THRESHOLD, ImageQuery

GRID = SkyGrid(oversampling=2)
_STEPS = ("background", "sources", "maps")


def window_image(
    query: ImageQuery, opened: Opened, asked: AskedWindow, sources: Sequence[CatalogSource]
) -> Task:
    """Return the task to image one science window.

    Parameters
    ----------
    query
        What is asked.
    opened
        The windows of the question.
    asked
        The one to image.
    sources
        Those that are fitted at their places where they are seen.
    """
    fixed = tuple(seen_by(pointing_of(asked.window), sources))
    template = image_template(opened, asked, query.energy)
    node = _node(query, asked, fixed, template)
    return Task(
        node,
        partial(_computed, query, opened, asked, fixed, template),
        may_need=template.tasks,
    )


def _node(
    query: ImageQuery,
    asked: AskedWindow,
    fixed: tuple[CatalogSource, ...],
    template: PixelTemplate,
) -> Node:
    parameters = {
        "energy": [query.energy.low, query.energy.high],
        "intervals": interval_parameter(asked.restriction),
        "oversampling": GRID.oversampling,
        "lowest_significance": LOWEST_THRESHOLD,
    }
    catalog = catalog_node("CatExtract", fixed, with_reference=True)
    version = code_version(__name__)
    return Node("ii_skyimage", version, parameters, (asked.events, catalog), template.nodes)


def _computed(
    query: ImageQuery,
    opened: Opened,
    asked: AskedWindow,
    fixed: tuple[CatalogSource, ...],
    template: PixelTemplate,
) -> Payload:
    """Return the image of one window, telling how far it is."""

    def report(step: str) -> None:
        part = (1 + _STEPS.index(step)) / (1 + len(_STEPS))
        opened.tell(f"{step} of {asked.window.id}", asked.place, part)

    events, intervals = opened.read(asked)
    pointing = pointing_of(events.window)
    known = known_sources(pointing, fixed)
    image = image_window(
        events,
        query.energy,
        intervals,
        known,
        GRID,
        LOWEST_THRESHOLD,
        report,
        partial(template.told, opened.run),
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
