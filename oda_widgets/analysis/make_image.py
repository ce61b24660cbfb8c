"""From the windows of a question to a sky image and its catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.exposure import accounts_of
from oda_widgets.analysis.field_of_view import fixed_sources, pointing_of, sees
from oda_widgets.analysis.footprint import mosaic_footprints
from oda_widgets.analysis.graph import in_canonical_order
from oda_widgets.analysis.merge import numbered
from oda_widgets.analysis.mosaic_image import mosaic_grid, mosaic_image
from oda_widgets.analysis.question import Opened
from oda_widgets.analysis.window_image import GRID, sources_of, window_image
from oda_widgets.analysis.work import Work
from oda_widgets.errors import BadParameter
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.sphere import separations
from oda_widgets.products.image import FloatImage, SkyImage
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.queries import ImageQuery

if TYPE_CHECKING:
    from astropy.wcs import WCS


def image_work(query: ImageQuery, opened: Opened) -> Work:
    """Return the tasks of an image query.

    Raises
    ------
    BadParameter
        If no window sees the source in question.
    """
    _check_target(query, [pointing_of(asked.window) for asked in opened.windows])
    sources = fixed_sources(in_canonical_order(query.catalog.selected), query.source)
    parts = tuple(window_image(query, opened, asked, sources) for asked in opened.windows)
    if len(parts) == 1:
        return Work(parts, parts[0])
    footprints = mosaic_footprints(query, opened, parts)
    return Work(parts, mosaic_image(query, opened, footprints), footprints)


def make_image(
    query: ImageQuery, opened: Opened, result: Payload, provenance: Provenance
) -> SkyImage:
    """Return the answer to an image query from the result of its work."""
    sky = (
        _window_sky(opened, result)
        if len(opened.windows) == 1
        else _mosaic_sky(query, opened, result)
    )
    with np.errstate(invalid="ignore"):
        significance = (sky.flux / np.sqrt(sky.variance)).astype(np.float32)
    return SkyImage(
        intensity=sky.flux,
        variance=sky.variance,
        significance=significance,
        exposure=sky.exposure,
        wcs=sky.wcs,
        energy=query.energy,
        catalog=_listed(sky.sources, query),
        observation=opened.observation(result),
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


@dataclass(frozen=True)
class _Sky:
    """The maps of a product, where they are on the sky, and what is in them."""

    flux: FloatImage
    variance: FloatImage
    exposure: FloatImage
    wcs: WCS
    sources: list[CatalogSource]


def _window_sky(opened: Opened, result: Payload) -> _Sky:
    flux, variance = result.arrays["flux"], result.arrays["variance"]
    seconds = accounts_of(result.facts)[0].live_time
    exposure = np.where(np.isfinite(variance), result.arrays["coding"] * seconds, 0.0)
    wcs = pointing_of(opened.windows[0].window).wcs(GRID.step, GRID.reference_pixel)
    sources = numbered(sources_of(result.facts))
    return _Sky(flux, variance, exposure.astype(np.float32), wcs, sources)


def _mosaic_sky(query: ImageQuery, opened: Opened, result: Payload) -> _Sky:
    grid = mosaic_grid(query, opened, result)
    wcs = grid.centre.wcs(grid.step, grid.reference_pixel)
    flux, variance, exposure = (result.arrays[name] for name in ("flux", "variance", "exposure"))
    return _Sky(flux, variance, exposure, wcs, sources_of(result.facts))


def _listed(sources: Sequence[CatalogSource], query: ImageQuery) -> SourceCatalog:
    """Return the sources above the threshold, and those that were asked for, brightest first."""
    asked = {source.name for source in query.catalog} | {query.source.name if query.source else ""}
    listed = [
        source
        for source in sorted(sources, key=lambda source: -source.significance)
        if source.name in asked or source.significance >= query.detection_threshold
    ]
    return SourceCatalog.of(listed)
