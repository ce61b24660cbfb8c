"""The images of several science windows added up, as the node ``mosaic_ii_skyimage``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.analysis.footprint import footprint_of, mosaic_centre, pointings_of
from oda_widgets.analysis.merge import seen_by
from oda_widgets.analysis.mosaic_sources import mosaic_sources
from oda_widgets.analysis.question import Opened
from oda_widgets.analysis.second_look import SecondLook
from oda_widgets.analysis.window_image import GRID, sources_of
from oda_widgets.engine.mosaic import Mosaic, MosaicGrid
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import ImageQuery
from oda_widgets.request.science_windows import SkippedWindow


def mosaic_image(query: ImageQuery, opened: Opened, footprints: Sequence[Task]) -> Task:
    """Return the task to add up the resampled images of all windows."""
    inputs = tuple(part.node for part in footprints)
    node = Node("mosaic_ii_skyimage", code_version(__name__), inputs=inputs)
    return Task(node, lambda: _mosaic(query, opened, footprints))


def mosaic_grid(query: ImageQuery, opened: Opened, result: Payload) -> MosaicGrid:
    """Return the grid of a mosaic."""
    rows, columns = result.arrays["flux"].shape
    first_row, first_column = result.facts["first"]
    centre = mosaic_centre(query, pointings_of(opened))
    return MosaicGrid(centre, GRID.step, (first_row, first_column), (rows, columns))


def _mosaic(query: ImageQuery, opened: Opened, footprints: Sequence[Task]) -> Payload:
    """Return the mosaic; one image at a time is in memory."""
    pointings = pointings_of(opened)
    grid = MosaicGrid.around(pointings, mosaic_centre(query, pointings), GRID)
    mosaic = Mosaic(grid)
    accounts: list[dict[str, Any]] = []
    sources: list[list[CatalogSource]] = []
    skipped: list[SkippedWindow] = []
    with SecondLook() as images:
        for part in opened.parts(footprints, skipped):
            _add(mosaic, images, part)
            accounts += part.facts["accounts"]
            sources.append(sources_of(part.facts))
        used = [pointing_of(account.window) for account in accounts_of({"accounts": accounts})]
        found = mosaic_sources(mosaic, seen_by(sources), used, images)
    facts = {
        "first": list(grid.first),
        "accounts": accounts,
        "skipped": [asdict(window) for window in skipped],
        "sources": [asdict(source) for source in found],
    }
    exposure = mosaic.exposure.astype(np.float32)
    arrays = {"flux": mosaic.flux, "variance": mosaic.variance, "exposure": exposure}
    return Payload(facts, arrays)


def _add(mosaic: Mosaic, images: SecondLook, part: Payload) -> None:
    image = footprint_of(mosaic.grid.centre, part)
    mosaic.add(image)
    images.add(image)
