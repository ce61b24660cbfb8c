"""The images of several science windows added up, as nodes: footprints and ``mosaic_ii_skyimage``.

Resampling an image onto the grid of a mosaic takes as long as making it, so the resampled image is
a node of its own: one window more resamples one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.analysis.graph import analysis_version
from oda_widgets.analysis.merge import seen_by
from oda_widgets.analysis.mosaic_sources import mosaic_sources
from oda_widgets.analysis.question import Opened
from oda_widgets.analysis.second_look import SecondLook
from oda_widgets.analysis.window_image import GRID, sources_of
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.mosaic import (
    Footprint,
    Mosaic,
    MosaicGrid,
    common_centre,
    footprint,
    north_up,
)
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.products.observation import SkippedWindow
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.queries import ImageQuery


def mosaic_footprints(
    query: ImageQuery, opened: Opened, images: Sequence[Task]
) -> tuple[Task, ...]:
    """Return the tasks to resample the images of all windows onto one grid."""
    centre = _centre(query, _pointings(opened))
    return tuple(_footprint(opened, image, centre) for image in images)


def mosaic_image(query: ImageQuery, opened: Opened, footprints: Sequence[Task]) -> Task:
    """Return the task to add up the resampled images of all windows."""
    version = analysis_version("window_image", "mosaic_image", "mosaic_sources", "merge")
    inputs = tuple(part.node for part in footprints)
    node = Node("mosaic_ii_skyimage", version, inputs=inputs)
    return Task(node, lambda: _mosaic(query, opened, footprints))


def mosaic_grid(query: ImageQuery, opened: Opened, result: Payload) -> MosaicGrid:
    """Return the grid of a mosaic."""
    rows, columns = result.arrays["flux"].shape
    first_row, first_column = result.facts["first"]
    centre = _centre(query, _pointings(opened))
    return MosaicGrid(centre, GRID.step, (first_row, first_column), (rows, columns))


def _pointings(opened: Opened) -> list[Pointing]:
    return [pointing_of(asked.window) for asked in opened.windows]


def _centre(query: ImageQuery, pointings: Sequence[Pointing]) -> Pointing:
    if query.source is None:
        return common_centre(pointings)
    return north_up(query.source.ra, query.source.dec)


def _footprint(opened: Opened, image: Task, centre: Pointing) -> Task:
    version = analysis_version("window_image", "mosaic_image")
    node = Node("mosaic_footprint", version, {"centre": [centre.ra, centre.dec]}, (image.node,))
    return Task(node, partial(_resampled, opened, image, centre), (image,))


def _resampled(opened: Opened, task: Task, centre: Pointing) -> Payload:
    """Return the image of one window on the grid around a centre."""
    image = opened.run.result(task)
    account = accounts_of(image.facts)[0]
    flux, variance = image.arrays["flux"], image.arrays["variance"]
    # A mosaic uses variances, which contain the noise.
    maps = SkyMaps(flux, variance, image.arrays["coding"], np.ones_like(flux))
    found = footprint(maps, pointing_of(account.window), GRID, account.live_time, centre)
    arrays = {"flux": found.flux, "weight": found.weight, "exposure": found.exposure}
    return Payload(image.facts, arrays)


def _mosaic(query: ImageQuery, opened: Opened, footprints: Sequence[Task]) -> Payload:
    """Return the mosaic; one image at a time is in memory."""
    pointings = _pointings(opened)
    grid = MosaicGrid.around(pointings, _centre(query, pointings), GRID)
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
    image = _image(mosaic.grid.centre, part)
    mosaic.add(image)
    images.add(image)


def _image(centre: Pointing, part: Payload) -> Footprint:
    pointing = pointing_of(accounts_of(part.facts)[0].window)
    arrays = part.arrays
    grid = MosaicGrid.under(pointing, centre, GRID)
    return Footprint(grid, arrays["flux"], arrays["weight"], arrays["exposure"])
