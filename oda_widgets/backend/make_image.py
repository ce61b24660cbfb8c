"""From the windows of a question to a sky image and its catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.archive.base import WindowEvents
from oda_widgets.backend.account import Account
from oda_widgets.backend.field_of_view import known_sources, pointing_of, sees
from oda_widgets.backend.merge import merged
from oda_widgets.backend.windows import Opened, Place
from oda_widgets.engine.imaging import WindowImage, image_window
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.mosaic import Mosaic, MosaicGrid
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.errors import BadParameter
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.sphere import separations
from oda_widgets.products.image import FloatImage, SkyImage
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.queries import LOWEST_THRESHOLD, ImageQuery
from oda_widgets.request.timespan import TimeInterval

if TYPE_CHECKING:
    from astropy.wcs import WCS

_GRID = SkyGrid(oversampling=2)
_STEPS = ("background", "sources", "maps")


@dataclass(frozen=True)
class _Imaged:
    """The image of one window and what is needed to combine it with others."""

    image: WindowImage
    pointing: Pointing
    seconds: float


def make_image(query: ImageQuery, opened: Opened) -> SkyImage:
    """Return the answer to an image query."""
    account = Account(query)
    imaged = []
    for place, events, intervals in opened:
        seconds = account.add(events, intervals)
        image = _image(query, opened, place, events, intervals)
        imaged.append(_Imaged(image, pointing_of(events.window), seconds))
    _check_target(query, [one.pointing for one in imaged])
    sky = _window_sky(imaged[0]) if len(imaged) == 1 else _mosaic_sky(imaged)
    with np.errstate(invalid="ignore"):
        significance = (sky.flux / np.sqrt(sky.variance)).astype(np.float32)
    return SkyImage(
        intensity=sky.flux,
        variance=sky.variance,
        significance=significance,
        exposure=sky.exposure,
        wcs=sky.wcs,
        energy=query.energy,
        catalog=_listed(merged([_sources(one) for one in imaged]), query),
        observation=account.observation(opened.skipped),
        target=query.source,
    )


def _image(
    query: ImageQuery,
    opened: Opened,
    place: Place,
    events: WindowEvents,
    intervals: Sequence[TimeInterval],
) -> WindowImage:
    """Return the image of one window, telling how far it is."""

    def report(step: str) -> None:
        part = (1 + _STEPS.index(step)) / (1 + len(_STEPS))
        opened.tell(f"{step} of {events.window.id}", place, part)

    known = known_sources(pointing_of(events.window), query.catalog.selected, query.source)
    return image_window(events, query.energy, intervals, known, _GRID, LOWEST_THRESHOLD, report)


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
    """The maps of a product and where they are on the sky."""

    flux: FloatImage
    variance: FloatImage
    exposure: FloatImage
    wcs: WCS


def _window_sky(one: _Imaged) -> _Sky:
    maps = one.image.maps
    exposure = np.where(np.isfinite(maps.variance), maps.coding * one.seconds, 0.0)
    wcs = one.pointing.wcs(_GRID.step, _GRID.reference_pixel)
    return _Sky(maps.flux, maps.variance, exposure.astype(np.float32), wcs)


def _mosaic_sky(imaged: Sequence[_Imaged]) -> _Sky:
    grid = MosaicGrid.around([one.pointing for one in imaged], _GRID.step)
    mosaic = Mosaic(grid)
    for one in imaged:
        mosaic.add(one.image.maps, one.pointing, _GRID, one.seconds)
    wcs = grid.centre.wcs(grid.step, grid.reference_pixel)
    return _Sky(mosaic.flux, mosaic.variance, mosaic.exposure.astype(np.float32), wcs)


def _sources(one: _Imaged) -> list[CatalogSource]:
    """Return the sources of one window in celestial coordinates."""
    fluxes, errors = one.image.scene.fluxes, one.image.scene.flux_errors
    sources = []
    for found, flux, error in zip(one.image.sources, fluxes, errors, strict=True):
        ra, dec = (float(x) for x in one.pointing.sky(*found.tangents))
        searched = bool(np.isfinite(found.peak).all())
        peak = tuple(float(x) for x in one.pointing.sky(*found.peak)) if searched else (nan, nan)
        sources.append(
            CatalogSource(
                name=found.name or "NEW",
                ra=ra,
                dec=dec,
                significance=found.significance,
                flux=float(flux),
                flux_error=float(error) * found.noise,
                error_radius=error_radius(found.significance),
                ra_fit=peak[0],
                dec_fit=peak[1],
                new=found.name is None,
            )
        )
    return sources


def _listed(sources: Sequence[CatalogSource], query: ImageQuery) -> SourceCatalog:
    """Return the sources above the threshold, and those that were asked for, brightest first."""
    asked = {source.name for source in query.catalog} | {query.source.name if query.source else ""}
    listed = [
        source
        for source in sorted(sources, key=lambda source: -source.significance)
        if source.name in asked or source.significance >= query.detection_threshold
    ]
    return SourceCatalog.of(listed)
