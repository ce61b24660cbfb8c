"""The image of one science window on the grid of a mosaic, as the node ``mosaic_footprint``.

The store does not keep it: it is as large as the image and takes a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.mosaic import Footprint, MosaicGrid, footprint
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload

if TYPE_CHECKING:
    from oda_widgets.analysis.session import Session


def footprint_task(image: Task, centre: Pointing, grid: SkyGrid) -> Task:
    """Return the task to resample the image of one window onto the grid around a centre."""
    parameters = {"centre": [centre.ra, centre.dec]}
    node = Node("mosaic_footprint", code_version(__name__), parameters, (image.node,))
    return Task(node, partial(_resampled, image, centre, grid), (image,), keep=False)


def _resampled(task: Task, centre: Pointing, grid: SkyGrid, session: Session) -> Payload:
    image = session.result(task)
    flux, variance = image.arrays["flux"], image.arrays["variance"]
    # A mosaic uses variances, which include the noise.
    maps = SkyMaps(flux, variance, image.arrays["coding"], np.ones_like(flux))
    return resampled(maps, image.facts, centre, grid)


def resampled(maps: SkyMaps, facts: Mapping[str, Any], centre: Pointing, grid: SkyGrid) -> Payload:
    """Return the maps of one window on the grid around a centre.

    Parameters
    ----------
    maps
        Maps on a grid of directions.
    facts
        Facts of the image, which are passed on.
    centre
        Centre of the mosaic.
    grid
        Directions of the maps.
    """
    account = accounts_of(facts)[0]
    found = footprint(maps, pointing_of(account.window), grid, account.live_time, centre)
    arrays = {"flux": found.flux, "weight": found.weight, "exposure": found.exposure}
    return Payload({"accounts": facts["accounts"], "sources": facts["sources"]}, arrays)


def footprint_in(result: Payload, centre: Pointing, grid: SkyGrid) -> Footprint:
    """Return the footprint in a result."""
    pointing = pointing_of(accounts_of(result.facts)[0].window)
    arrays = result.arrays
    under = MosaicGrid.under(pointing, centre, grid)
    return Footprint(under, arrays["flux"], arrays["weight"], arrays["exposure"])
