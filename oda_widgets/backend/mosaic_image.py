"""The images of several science windows added up, as a node: ``mosaic_ii_skyimage``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from oda_widgets.backend.account import accounts_of
from oda_widgets.backend.field_of_view import pointing_of
from oda_widgets.backend.graph import analysis_version
from oda_widgets.backend.merge import merged
from oda_widgets.backend.window_image import GRID, sources_of
from oda_widgets.backend.windows import Opened
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.mosaic import Mosaic, MosaicGrid
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.products.observation import SkippedWindow
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource


def mosaic_image(opened: Opened, parts: Sequence[Task]) -> Task:
    """Return the task to add up the images of all windows."""
    version = analysis_version("window_image", "mosaic_image", "merge")
    node = Node("mosaic_ii_skyimage", version, inputs=tuple(part.node for part in parts))
    return Task(node, lambda: _computed(opened, parts))


def mosaic_grid(opened: Opened) -> MosaicGrid:
    """Return the grid that holds the fields of view of all windows."""
    return MosaicGrid.around([pointing_of(asked.window) for asked in opened.windows], GRID.step)


def _computed(opened: Opened, parts: Sequence[Task]) -> Payload:
    """Return the mosaic; one image at a time is in memory."""
    mosaic = Mosaic(mosaic_grid(opened))
    accounts: list[dict[str, Any]] = []
    sources: list[list[CatalogSource]] = []
    skipped: list[SkippedWindow] = []
    for part in opened.parts(parts, skipped):
        _add(mosaic, part)
        accounts += part.facts["accounts"]
        sources.append(sources_of(part.facts))
    facts = {
        "accounts": accounts,
        "skipped": [asdict(window) for window in skipped],
        "sources": [asdict(source) for source in merged(sources)],
    }
    exposure = mosaic.exposure.astype(np.float32)
    arrays = {"flux": mosaic.flux, "variance": mosaic.variance, "exposure": exposure}
    return Payload(facts, arrays)


def _add(mosaic: Mosaic, part: Payload) -> None:
    account = accounts_of(part.facts)[0]
    flux, variance = part.arrays["flux"], part.arrays["variance"]
    # A mosaic uses variances, which contain the noise.
    maps = SkyMaps(flux, variance, part.arrays["coding"], np.ones_like(flux))
    window = account.window
    pointing = Pointing(window.ra, window.dec, window.ra_z, window.dec_z)
    mosaic.add(maps, pointing, GRID, account.live_time)
