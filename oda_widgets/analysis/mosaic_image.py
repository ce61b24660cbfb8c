"""The images of several science windows added up, as the node ``mosaic_ii_skyimage``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from oda_widgets.analysis.cleaned_footprint import cleaned_footprint_task
from oda_widgets.analysis.cleaning_places import (
    cleaning_places,
    is_settled,
    is_worth_cleaning,
)
from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import measurable, pointing_of
from oda_widgets.analysis.footprint import footprint_in
from oda_widgets.analysis.gather import gather
from oda_widgets.analysis.merge_catalogs import merged
from oda_widgets.analysis.mosaic_sources import mosaic_sources, with_noise
from oda_widgets.analysis.telescope import Telescope
from oda_widgets.analysis.window_image import sources_of
from oda_widgets.engine.mosaic import Footprint, Mosaic, MosaicGrid
from oda_widgets.engine.mosaic_noise import MosaicNoise
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.errors import StoreError
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import SEARCH_THRESHOLD

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

_SPANS = (0.0, 0.6), (0.6, 0.9), (0.9, 1.0)
"""Parts of a job: the first images of windows, their cleaning, and a second one if needed."""

_COARSE = 0.95
"""Fraction of its significance that a peak between points of the coarser grid shows."""


@dataclass(frozen=True)
class MosaicParts:
    """The inputs of a mosaic.

    Parameters
    ----------
    images, footprints
        The tasks of the first image of each window, and of that image resampled around the centre,
        both on the search grid.
    centre
        Centre of the mosaic.
    fixed
        Sources that the query fits at fixed positions.
    telescope
        The telescope of the images.
    """

    images: tuple[Task, ...]
    footprints: tuple[Task, ...]
    centre: Pointing
    fixed: tuple[CatalogSource, ...]
    telescope: Telescope


def mosaic_task(analysis: Analysis, parts: MosaicParts) -> Task:
    """Return the task to add up the resampled images of all windows.

    Sources found in the mosaic are then fitted in the windows that see them: see
    `cleaned_footprint`.
    """
    inputs = tuple(part.node for part in parts.footprints)
    fixed = [[source.name, source.ra, source.dec] for source in parts.fixed]
    node = Node(parts.telescope.mosaic, code_version(__name__), {"fixed": fixed}, inputs)
    return Task(node, partial(_mosaic, analysis, parts))


def mosaic_grid(result: Payload, grid: SkyGrid) -> MosaicGrid:
    """Return the grid of a mosaic of images on a grid."""
    rows, columns = result.arrays["flux"].shape
    first_row, first_column = result.facts["first"]
    centre = Pointing(**result.facts["centre"])
    return MosaicGrid(centre, grid.step, (first_row, first_column), (rows, columns))


def _mosaic(analysis: Analysis, parts: MosaicParts, session: Session) -> Payload:
    """Return the mosaic of windows that have all its sources in their fits.

    The sources are found in a first mosaic on a coarser grid, in a quarter of the time.
    """
    aperture = parts.telescope.aperture
    first = replace(session, span=_SPANS[0])
    added = _added(analysis, parts.footprints, parts, first, aperture.search_grid)
    skipped = added.facts["skipped"]
    places: tuple[CatalogSource, ...] = ()
    new: set[str] = set()
    for span in _SPANS[1:]:
        before = places
        places = cleaning_places(added.sources, parts.fixed, aperture, added.lowest)
        new |= {source.name for source in places if source.new}
        tasks = _cleaned(added, parts, places, analysis)
        if tasks == added.tasks or not is_worth_cleaning(places, before):
            break
        usable = replace(analysis, windows=added.windows)
        added = _added(usable, tasks, parts, replace(session, span=span), aperture.map_grid)
        skipped = skipped + added.facts["skipped"]
    mosaic = added.mosaic
    places_found = [(source.ra, source.dec) for source in added.sources]
    noise = MosaicNoise.of(mosaic, places_found, aperture.peak_width, aperture.map_grid.noise_step)
    facts = added.facts | {
        "skipped": skipped,
        "centre": asdict(parts.centre),
        "first": list(mosaic.grid.first),
        # Cleaned windows fit a new source under its number, as if it were known.
        "sources": [
            asdict(source)
            for source in with_noise(
                [replace(s, new=s.new or s.name in new) for s in added.sources],
                noise,
                aperture.scale,
            )
        ],
    }
    arrays = {
        "flux": mosaic.flux,
        "variance": mosaic.variance * noise.factor**2,
        "exposure": mosaic.exposure.astype(np.float32),
    }
    return Payload(facts, arrays)


@dataclass(frozen=True)
class _Added:
    """The images of all windows that can be used, added up.

    Parameters
    ----------
    mosaic
        Their sum.
    facts
        Facts of the windows used, and the windows skipped.
    windows, tasks, catalogs
        The windows used, the tasks of their images, and the sources fitted in each.
    is_fine
        Whether its grid is that of the final images.
    lowest
        Significance of the faintest sources that are listed.
    """

    mosaic: Mosaic
    facts: dict[str, Any]
    windows: tuple[QueryWindow, ...]
    tasks: tuple[Task, ...]
    catalogs: list[list[CatalogSource]]
    sources: list[CatalogSource]
    is_fine: bool
    lowest: float


def _added(
    analysis: Analysis,
    tasks: Sequence[Task],
    parts: MosaicParts,
    session: Session,
    grid: SkyGrid,
) -> _Added:
    """Return the sum of the images of some tasks; one is in memory at a time."""
    pointings = [window.pointing for window in analysis.windows]
    centre, aperture = parts.centre, parts.telescope.aperture
    is_fine = grid == aperture.map_grid
    lowest = SEARCH_THRESHOLD if is_fine else _COARSE * SEARCH_THRESHOLD
    mosaic = Mosaic(MosaicGrid.around(pointings, centre, grid))
    catalogs: list[list[CatalogSource]] = []
    with _ImagesOnDisk() as images:

        def add(result: Payload) -> None:
            _add(footprint_in(result, centre, grid), mosaic, images)
            catalogs.append(sources_of(result.facts))

        facts = gather(add, analysis, tasks, session)
        used = [account.window for account in accounts_of(facts)]
        pointings = [pointing_of(window) for window in used]
        found = mosaic_sources(
            mosaic,
            merged(catalogs, aperture.scale),
            pointings,
            images,
            aperture,
            lowest,
        )
    names = {window.id for window in used}
    chosen = [pair for pair in zip(analysis.windows, tasks, strict=True) if pair[0].id in names]
    windows, tasks_used = zip(*chosen, strict=True)
    return _Added(mosaic, facts, windows, tasks_used, catalogs, found, is_fine, lowest)


def _cleaned(
    added: _Added, parts: MosaicParts, places: Sequence[CatalogSource], analysis: Analysis
) -> tuple[Task, ...]:
    """Return the tasks of the windows, cleaned again unless their fits have all sources.

    After a first mosaic, on the coarser grid, all are cleaned again.
    """
    images = dict(zip((window.id for window in analysis.windows), parts.images, strict=True))

    def task(window: QueryWindow, fitted: list[CatalogSource], before: Task) -> Task:
        wanted = measurable(window.pointing, places, parts.telescope.aperture)
        if added.is_fine and is_settled(fitted, wanted):
            return before
        return cleaned_footprint_task(
            window, images[window.id], parts.centre, wanted, parts.telescope
        )

    return tuple(map(task, added.windows, added.catalogs, added.tasks))


class _ImagesOnDisk:
    """Images of windows in a temporary file, read again when all have been added.

    The store may keep nothing, and a window that killed its workers must not be read again. So no
    image is computed or looked up a second time, and memory does not grow with their number.
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
