"""The images of several science windows added up, as the node ``mosaic_ii_skyimage``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.analysis.footprint import footprint_in
from oda_widgets.analysis.gather import gather
from oda_widgets.analysis.merge_catalogs import merged
from oda_widgets.analysis.mosaic_sources import mosaic_sources
from oda_widgets.analysis.window_image import GRID, sources_of
from oda_widgets.engine.mosaic import Footprint, Mosaic, MosaicGrid
from oda_widgets.errors import StoreError
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis
    from oda_widgets.analysis.session import Session


def mosaic_task(analysis: Analysis, footprints: Sequence[Task], centre: Pointing) -> Task:
    """Return the task to add up the resampled images of all windows."""
    inputs = tuple(part.node for part in footprints)
    node = Node("mosaic_ii_skyimage", code_version(__name__), inputs=inputs)
    return Task(node, partial(_mosaic, analysis, footprints, centre))


def mosaic_grid(result: Payload) -> MosaicGrid:
    """Return the grid of a mosaic."""
    rows, columns = result.arrays["flux"].shape
    first_row, first_column = result.facts["first"]
    centre = Pointing(**result.facts["centre"])
    return MosaicGrid(centre, GRID.step, (first_row, first_column), (rows, columns))


def _mosaic(
    analysis: Analysis, footprints: Sequence[Task], centre: Pointing, session: Session
) -> Payload:
    """Return the mosaic; one image at a time is in memory."""
    pointings = [window.pointing for window in analysis.windows]
    mosaic = Mosaic(MosaicGrid.around(pointings, centre, GRID))
    catalogs: list[list[CatalogSource]] = []
    with _ImagesOnDisk() as images:

        def add(result: Payload) -> None:
            _add(footprint_in(result, centre), mosaic, images)
            catalogs.append(sources_of(result.facts))

        facts = gather(add, analysis, footprints, session)
        used = [pointing_of(account.window) for account in accounts_of(facts)]
        found = mosaic_sources(mosaic, merged(catalogs), used, images)
    facts |= {
        "centre": asdict(centre),
        "first": list(mosaic.grid.first),
        "sources": [asdict(source) for source in found],
    }
    exposure = mosaic.exposure.astype(np.float32)
    arrays = {"flux": mosaic.flux, "variance": mosaic.variance, "exposure": exposure}
    return Payload(facts, arrays)


class _ImagesOnDisk:
    """Images of windows in a temporary file, to be read again when all have been added.

    The store may keep nothing, and a window that killed its workers must not be read again: no
    image is computed or looked for a second time, and memory does not grow with their number.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the context ends
        self._grids: list[MosaicGrid] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, image: Footprint) -> None:
        """Write an image.

        Raises
        ------
        StoreError
            If there is no room for it.
        """
        try:
            for values in (image.flux, image.weight, image.exposure):
                np.save(self._file, values, allow_pickle=False)
        except OSError as error:
            problem = f"The temporary folder {tempfile.gettempdir()} cannot be written: {error}."
            raise StoreError(problem, "Make room there, or set TMPDIR to another folder.") from None
        self._grids.append(image.grid)

    def __iter__(self) -> Iterator[Footprint]:
        self._file.seek(0)
        for grid in self._grids:
            yield Footprint(grid, *(np.load(self._file, allow_pickle=False) for _ in range(3)))


def _add(image: Footprint, mosaic: Mosaic, images: _ImagesOnDisk) -> None:
    mosaic.add(image)
    images.add(image)
