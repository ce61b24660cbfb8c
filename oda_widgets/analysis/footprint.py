"""The image of one science window on the grid of a mosaic, as the node ``mosaic_footprint``.

Resampling an image takes as long as making it, so the resampled image is a node of its own: one
window more resamples one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.analysis.question import Opened
from oda_widgets.analysis.window_image import GRID
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.mosaic import Footprint, MosaicGrid, common_centre, footprint, north_up
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.queries import ImageQuery


def mosaic_footprints(
    query: ImageQuery, opened: Opened, images: Sequence[Task]
) -> tuple[Task, ...]:
    """Return the tasks to resample the images of all windows onto one grid."""
    centre = mosaic_centre(query, pointings_of(opened))
    return tuple(_footprint(opened, image, centre) for image in images)


def pointings_of(opened: Opened) -> list[Pointing]:
    """Return the attitudes of all windows."""
    return [pointing_of(asked.window) for asked in opened.windows]


def mosaic_centre(query: ImageQuery, pointings: Sequence[Pointing]) -> Pointing:
    """Return the centre of a mosaic: the source in question, or the middle of all pointings."""
    if query.source is None:
        return common_centre(pointings)
    return north_up(query.source.ra, query.source.dec)


def footprint_of(centre: Pointing, part: Payload) -> Footprint:
    """Return the footprint in the result of a task."""
    pointing = pointing_of(accounts_of(part.facts)[0].window)
    arrays = part.arrays
    grid = MosaicGrid.under(pointing, centre, GRID)
    return Footprint(grid, arrays["flux"], arrays["weight"], arrays["exposure"])


def _footprint(opened: Opened, image: Task, centre: Pointing) -> Task:
    version = code_version(__name__)
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
