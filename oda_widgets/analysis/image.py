"""An image query: its tasks, and the sky image made from their result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.analysis import Analysis, QueryWindow
from oda_widgets.analysis.cleaned_footprint import CLEANED_AGAIN
from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import fixed_sources, pointing_of, sees
from oda_widgets.analysis.footprint import footprint_task
from oda_widgets.analysis.graph import in_canonical_order
from oda_widgets.analysis.merge_catalogs import apart, numbered
from oda_widgets.analysis.mosaic_image import MosaicParts, mosaic_grid, mosaic_task
from oda_widgets.analysis.out_of_view import out_of_view
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.telescope import Telescope
from oda_widgets.analysis.window_image import image_task, sources_of
from oda_widgets.analysis.window_scene import scene_in
from oda_widgets.arrays import Singles
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.mosaic import common_centre, north_up
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.products.image import SkyImage
from oda_widgets.products.made_when_asked import when_asked
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.node import Task, kind_of_step
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import ImageQuery

if TYPE_CHECKING:
    from astropy.wcs import WCS


ImageTask = Callable[[EnergyBand, Analysis, QueryWindow, Sequence[CatalogSource], SkyGrid], Task]

_ISGRI = Telescope(IBIS, scene_in, "mosaic_ii_skyimage")


def image_tasks(query: ImageQuery, analysis: Analysis) -> Tasks:
    """Return the tasks of an image query.

    Raises
    ------
    BadParameter
        If no window sees the source in question.
    """
    return tasks_of_images(query, analysis, _ISGRI, image_task)


def tasks_of_images(
    query: ImageQuery, analysis: Analysis, telescope: Telescope, image_of: ImageTask
) -> Tasks:
    """Return the tasks to image each window and to add the images up.

    Parameters
    ----------
    query, analysis
        The query and its windows.
    telescope
        The telescope of the images.
    image_of
        Returns the task to image one window.

    Raises
    ------
    BadParameter
        If no window sees the source in question.
    """
    _check_target(query, analysis, telescope.aperture)
    fixed = fixed_sources(in_canonical_order(query.catalog.selected), query.source)
    aperture = telescope.aperture
    grid = aperture.map_grid if len(analysis.windows) == 1 else aperture.search_grid
    images = tuple(image_of(query.energy, analysis, w, fixed, grid) for w in analysis.windows)
    if len(images) == 1:
        return Tasks(images, images[0])
    centre = _centre(query, analysis)
    footprints = tuple(footprint_task(image, centre, grid) for image in images)
    again = kind_of_step(CLEANED_AGAIN, images[0].node.step)
    parts = MosaicParts(images, footprints, centre, fixed, telescope)
    return Tasks(images, mosaic_task(analysis, parts), footprints, again)


def sky_image(
    query: ImageQuery,
    result: Payload,
    observation: Observation,
    provenance: Provenance,
    grid: SkyGrid = IBIS.map_grid,
) -> SkyImage:
    """Return the sky image with all its sources, the most significant first.

    Parameters
    ----------
    result
        Result of its last task.
    observation, provenance
        Observation and provenance of the product.
    grid
        Grid of the images of windows.
    """
    sky = _mosaic_sky(result, grid) if "centre" in result.facts else _window_sky(result, grid)
    with np.errstate(invalid="ignore"):
        significance = (sky.flux / np.sqrt(sky.variance)).astype(np.float32)
    return SkyImage(
        intensity=sky.flux,
        variance=sky.variance,
        significance=significance,
        exposure=sky.exposure,
        wcs=sky.wcs,
        energy=query.energy,
        catalog=SourceCatalog.of(_brightest_first(sky.sources)),
        observation=observation,
        target=query.source,
        provenance=provenance,
    )


def _check_target(query: ImageQuery, analysis: Analysis, aperture: Aperture) -> None:
    source = query.source
    if source is None:
        return
    if any(sees(w.pointing, source.ra, source.dec, aperture) for w in analysis.windows):
        return
    windows = [window.science_window for window in analysis.windows]
    raise out_of_view("source", [source], windows, analysis.archive_windows, query.instrument)


def _centre(query: ImageQuery, analysis: Analysis) -> Pointing:
    """Return the centre of a mosaic: the source in question, or the middle of all pointings."""
    if query.source is None:
        return common_centre([window.pointing for window in analysis.windows])
    return north_up(query.source.ra, query.source.dec)


@dataclass(frozen=True)
class _Sky:
    """The maps of an image, their coordinates, and the sources in them."""

    flux: Singles
    variance: Singles
    exposure: Singles
    wcs: WCS
    sources: list[CatalogSource]


def _brightest_first(sources: Sequence[CatalogSource]) -> list[CatalogSource]:
    return sorted(sources, key=lambda source: -source.significance)


def _window_sky(result: Payload, grid: SkyGrid) -> _Sky:
    flux, variance = result.arrays["flux"], result.arrays["variance"]
    (account,) = accounts_of(result.facts)
    exposure = np.where(np.isfinite(variance), result.arrays["coding"] * account.live_time, 0.0)
    wcs = when_asked(partial(pointing_of(account.window).wcs, grid.step, grid.reference_pixel))
    sources = numbered(apart(sources_of(result.facts)))
    return _Sky(flux, variance, exposure.astype(np.float32), wcs, sources)


def _mosaic_sky(result: Payload, grid: SkyGrid) -> _Sky:
    whole = mosaic_grid(result, grid)
    wcs = when_asked(partial(whole.centre.wcs, whole.step, whole.reference_pixel))
    flux, variance, exposure = (result.arrays[name] for name in ("flux", "variance", "exposure"))
    # Labels of the query may have taken numbers since the mosaic was made.
    return _Sky(flux, variance, exposure, wcs, numbered(sources_of(result.facts)))
