"""The image of one science window on the grid of a mosaic, as the node ``mosaic_footprint``.

Resampling an image takes as long as making it, so the resampled image is a node of its own: one
window more resamples one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.analysis.window_image import GRID
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.mosaic import Footprint, MosaicGrid, footprint
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload

if TYPE_CHECKING:
    from oda_widgets.analysis.session import Session


def footprint_task(image: Task, centre: Pointing) -> Task:
    """Return the task to resample the image of one window onto the grid around a centre."""
    parameters = {"centre": [centre.ra, centre.dec]}
    node = Node("mosaic_footprint", code_version(__name__), parameters, (image.node,))
    return Task(node, partial(_resampled, image, centre), (image,))


def _resampled(task: Task, centre: Pointing, session: Session) -> Payload:
    image = session.result(task)
    account = accounts_of(image.facts)[0]
    flux, variance = image.arrays["flux"], image.arrays["variance"]
    # A mosaic uses variances, which contain the noise.
    maps = SkyMaps(flux, variance, image.arrays["coding"], np.ones_like(flux))
    found = footprint(maps, pointing_of(account.window), GRID, account.live_time, centre)
    arrays = {"flux": found.flux, "weight": found.weight, "exposure": found.exposure}
    return Payload(image.facts, arrays)


def footprint_in(result: Payload, centre: Pointing) -> Footprint:
    """Return the footprint in a result."""
    pointing = pointing_of(accounts_of(result.facts)[0].window)
    arrays = result.arrays
    grid = MosaicGrid.under(pointing, centre, GRID)
    return Footprint(grid, arrays["flux"], arrays["weight"], arrays["exposure"])
