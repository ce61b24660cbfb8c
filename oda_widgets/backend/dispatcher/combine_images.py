"""Combine overlapping images: the weighted mean on one grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.analysis.merge_catalogs import merged, numbered
from oda_widgets.arrays import Floats
from oda_widgets.errors import DataError
from oda_widgets.products.image import SkyImage
from oda_widgets.products.observation import Observation
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource

if TYPE_CHECKING:
    from astropy.wcs import WCS


_MOST_PIXELS = 64_000_000


def combined_image(images: Sequence[SkyImage], observation: Observation) -> SkyImage:
    """Return the weighted mean of images, on the grid of the first, enlarged as needed.

    Raises
    ------
    DataError
        If they are so far apart that no map holds them.
    """
    grid = _Grid.around(images)
    weighted, weight, exposure = np.zeros((3, *grid.shape))
    for image in images:
        flux, inverse, seconds = _resampled(image, grid)
        weighted += inverse * flux
        weight += inverse
        exposure += seconds
    with np.errstate(invalid="ignore", divide="ignore"):
        intensity = weighted / weight
        variance = np.where(weight > 0, 1.0 / weight, np.nan)
        significance = intensity / np.sqrt(variance)
    return replace(
        images[0],
        intensity=intensity.astype(np.float32),
        variance=variance.astype(np.float32),
        significance=significance.astype(np.float32),
        exposure=exposure.astype(np.float32),
        wcs=grid.wcs,
        catalog=_joined(image.catalog for image in images),
        observation=observation,
    )


@dataclass(frozen=True)
class _Grid:
    wcs: WCS
    shape: tuple[int, int]

    @classmethod
    def around(cls, images: Sequence[SkyImage]) -> _Grid:
        """Return the grid of the first image, enlarged to hold all."""
        wcs = images[0].wcs
        corners = np.concatenate([wcs.wcs_world2pix(_corners(image), 0) for image in images])
        if not np.isfinite(corners).all():
            raise _too_far()
        low = np.floor(corners.min(axis=0)).astype(int)
        columns, rows = (int(n) for n in np.ceil(corners.max(axis=0)).astype(int) - low + 1)
        if rows * columns > _MOST_PIXELS:
            raise _too_far()
        moved = wcs.deepcopy()
        moved.wcs.crpix = np.asarray(wcs.wcs.crpix) - low
        return cls(moved, (rows, columns))


def _too_far() -> DataError:
    problem = "The science windows point so far apart that no one image holds them."
    return DataError(problem, "Ask for those around one source.")


def _corners(image: SkyImage) -> Floats:
    """Return positions along the edge of an image, shape (n, 2), degrees."""
    rows, columns = image.shape
    x, y = np.linspace(0, columns - 1, 9), np.linspace(0, rows - 1, 9)
    top, side = np.full(9, rows - 1.0), np.full(9, columns - 1.0)
    edges = [(x, 0 * x), (x, top), (0 * y, y), (side, y)]
    places = np.concatenate([np.stack(edge, axis=1) for edge in edges])
    positions: Floats = image.wcs.wcs_pix2world(places, 0)
    return positions


def _resampled(image: SkyImage, grid: _Grid) -> tuple[Floats, Floats, Floats]:
    """Return flux, 1 / variance and exposure of an image at the pixels of a grid."""
    from scipy.ndimage import map_coordinates  # noqa: PLC0415 - heavy

    rows, columns = np.indices(grid.shape)
    positions = grid.wcs.wcs_pix2world(np.stack([columns.ravel(), rows.ravel()], axis=1), 0)
    place: Any = image.wcs.wcs_world2pix(positions, 0).T[::-1]
    good = np.isfinite(image.intensity) & (image.variance > 0)
    inverse = np.where(good, 1.0 / np.where(good, image.variance, 1.0), 0.0)

    def sampled(values: NDArray[Any], order: int) -> Floats:
        found: Floats = map_coordinates(values, place, order=order, cval=0.0).reshape(grid.shape)
        return found

    weight = sampled(inverse.astype(float), 1)
    flux = sampled(np.where(good, image.intensity, 0.0).astype(float), 3)
    weight[weight <= 0] = 0.0
    return flux, weight, sampled(np.nan_to_num(image.exposure).astype(float), 1)


def _joined(catalogs: Iterable[SourceCatalog]) -> SourceCatalog:
    """Return each source once, with its independent significances added in quadrature."""
    return SourceCatalog.of(numbered([_one(source.measured) for source in merged(catalogs)]))


def _one(group: Sequence[CatalogSource]) -> CatalogSource:
    best = max(group, key=lambda s: (not s.new, float(np.nan_to_num(s.significance))))
    return replace(best, significance=hypot(*(source.significance for source in group)))
