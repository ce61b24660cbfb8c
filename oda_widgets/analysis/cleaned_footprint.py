"""The image of one science window, with the sources of the mosaic in its fit.

A source too faint for any single window may show in the mosaic. Until it is in the fit of every
window that sees it, its ghosts add up in the mosaic and its flux leaks to its neighbours. The
counts and the background are those of the first image, so no events are read again: the node is
``cleaned_footprint``. The store does not keep it: another mosaic has other sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

from oda_widgets.analysis.field_of_view import known_sources, pointing_of
from oda_widgets.analysis.footprint import resampled
from oda_widgets.analysis.graph import catalog_node
from oda_widgets.analysis.telescope import Telescope
from oda_widgets.analysis.window_image import sources_in
from oda_widgets.engine.imaging import image_again
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import SEARCH_THRESHOLD

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import QueryWindow
    from oda_widgets.analysis.session import Session

CLEANED_AGAIN = "cleaned_footprint"
"""Name of the step."""


def cleaned_footprint_task(
    window: QueryWindow,
    image: Task,
    centre: Pointing,
    sources: Sequence[CatalogSource],
    telescope: Telescope,
) -> Task:
    """Return the task to clean a window again and to resample its image around a centre.

    Parameters
    ----------
    image
        The task of its first image.
    centre
        Centre of the mosaic.
    sources
        The sources of the mosaic that it sees, in canonical order.
    telescope
        The telescope of the images.
    """
    parameters = {"centre": [centre.ra, centre.dec]}
    inputs = image.node, catalog_node("CatExtract", sources, with_reference=True)
    node = Node(CLEANED_AGAIN, code_version(__name__), parameters, inputs)
    compute = partial(_cleaned, window, image, centre, tuple(sources), telescope)
    return Task(node, compute, (image,), keep=False)


def _cleaned(
    window: QueryWindow,
    task: Task,
    centre: Pointing,
    sources: tuple[CatalogSource, ...],
    telescope: Telescope,
    session: Session,
) -> Payload:
    first = session.result(task)
    pointing = pointing_of(window.science_window)
    again = image_again(
        telescope.scene_in(first),
        known_sources(pointing, sources, telescope.aperture),
        telescope.aperture.map_grid,
        SEARCH_THRESHOLD,
        lambda step: session.report(f"{step} again, with all sources", window, 0.5),
    )
    found = {"sources": [asdict(source) for source in sources_in(again, pointing)]}
    part = resampled(again.maps, first.facts, centre, telescope.aperture.map_grid)
    return replace(part, facts={**part.facts, **found})
