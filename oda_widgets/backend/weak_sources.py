"""Measure known sources below the threshold of the search at their positions in an image.

A peak of 3 sigma anywhere among a hundred thousand pixels means nothing. At the position of a known
source noise causes it once in 740 cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

import numpy as np

from oda_widgets.analysis.blends import separable_sources
from oda_widgets.lookup.reference_catalog import ReferenceSource
from oda_widgets.lookup.sphere import separations
from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import SEARCH_THRESHOLD

_RADIUS = 60.0  # degrees; no image is wider
_CONFUSED = 0.5  # degrees, some widths of a peak; nearer, the flux of a listed source leaks in


def known_weak_sources(image: SkyImage, threshold: float) -> list[CatalogSource]:
    """Return sources of the reference catalogue between a threshold and that of the search.

    Sources that the image lists already, and those within half a degree of one, are left out.

    Parameters
    ----------
    image
        Image with its catalogue.
    threshold
        Lowest significance.
    """
    candidates = _apart_from(image.catalog, _inside(image))
    measured = (_measured(image, source) for source in candidates)
    found = [source for source in measured if source is not None]
    return [source for source in found if threshold <= source.significance < SEARCH_THRESHOLD]


def _inside(image: SkyImage) -> list[ReferenceSource]:
    rows, columns = image.shape
    ra, dec = image.wcs.wcs_pix2world([[(columns - 1) / 2, (rows - 1) / 2]], 0)[0]
    return separable_sources(float(ra) % 360, float(dec), _RADIUS)


def _apart_from(
    catalog: SourceCatalog, candidates: Iterable[ReferenceSource]
) -> list[ReferenceSource]:
    listed = list(catalog)
    ra, dec = [source.ra for source in listed], [source.dec for source in listed]
    return [
        candidate
        for candidate in candidates
        if not listed or separations(ra, dec, candidate.ra, candidate.dec).min() > _CONFUSED
    ]


def _measured(image: SkyImage, source: ReferenceSource) -> CatalogSource | None:
    """Return a source with the values of the pixel that holds it; None outside the image."""
    column, row = np.rint(image.wcs.wcs_world2pix([[source.ra, source.dec]], 0)[0])
    rows, columns = image.shape
    if not (0 <= row < rows and 0 <= column < columns):
        return None
    pixel = int(row), int(column)
    significance, variance = float(image.significance[pixel]), float(image.variance[pixel])
    if not (np.isfinite(significance) and variance > 0):
        return None
    return CatalogSource(
        name=source.name,
        ra=source.ra,
        dec=source.dec,
        significance=significance,
        flux=float(image.intensity[pixel]),
        flux_error=sqrt(variance),
        error_radius=source.error_radius,
    )
