"""An image query: its tasks, and the sky image that is made of their result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import fixed_sources, pointing_of, sees
from oda_widgets.analysis.footprint import footprint_task
from oda_widgets.analysis.graph import in_canonical_order
from oda_widgets.analysis.merge_catalogs import numbered
from oda_widgets.analysis.mosaic_image import mosaic_grid, mosaic_task
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.window_image import GRID, image_task, sources_of
from oda_widgets.arrays import Singles
from oda_widgets.engine.mosaic import common_centre, north_up
from oda_widgets.errors import BadParameter
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.sphere import separations
from oda_widgets.products.image import SkyImage
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.queries import ImageQuery

if TYPE_CHECKING:
    from astropy.wcs import WCS


def image_tasks(query: ImageQuery, analysis: Analysis) -> Tasks:
    """Return the tasks of an image query.

    Raises
    ------
    BadParameter
        If no window sees the source in question.
    """
    _check_target(query, [window.pointing for window in analysis.windows])
    fixed = fixed_sources(in_canonical_order(query.catalog.selected), query.source)
    images = tuple(image_task(query.energy, analysis, w, fixed) for w in analysis.windows)
    if len(images) == 1:
        return Tasks(images, images[0])
    centre = _centre(query, analysis)
    footprints = tuple(footprint_task(image, centre) for image in images)
    return Tasks(images, mosaic_task(analysis, footprints, centre), footprints)


def sky_image(
    query: ImageQuery, result: Payload, observation: Observation, provenance: Provenance
) -> SkyImage:
    """Return the sky image with all its sources, the most significant first."""
    sky = _mosaic_sky(result) if "centre" in result.facts else _window_sky(result)
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


def _check_target(query: ImageQuery, pointings: Sequence[Pointing]) -> None:
    source = query.source
    if source is None or any(sees(pointing, source.ra, source.dec) for pointing in pointings):
        return
    lines_of_sight = [p.ra for p in pointings], [p.dec for p in pointings]
    angle = separations(*lines_of_sight, source.ra, source.dec).min()
    limit = f"{angle:.1f} deg from the nearest line of sight, outside the field of view"
    advice = f'Choose windows with site.science_windows("{source.name}"), or another source.'
    raise BadParameter("source", source.name, limit, advice)


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


def _window_sky(result: Payload) -> _Sky:
    flux, variance = result.arrays["flux"], result.arrays["variance"]
    (account,) = accounts_of(result.facts)
    exposure = np.where(np.isfinite(variance), result.arrays["coding"] * account.live_time, 0.0)
    wcs = pointing_of(account.window).wcs(GRID.step, GRID.reference_pixel)
    sources = numbered(sources_of(result.facts))
    return _Sky(flux, variance, exposure.astype(np.float32), wcs, sources)


def _mosaic_sky(result: Payload) -> _Sky:
    grid = mosaic_grid(result)
    wcs = grid.centre.wcs(grid.step, grid.reference_pixel)
    flux, variance, exposure = (result.arrays[name] for name in ("flux", "variance", "exposure"))
    return _Sky(flux, variance, exposure, wcs, sources_of(result.facts))
