"""Turning an image for display: north up, east left, no larger than a page can show.

A coded-mask image comes in the orientation of the detector. Turning it about its own tangent
point is a linear map of pixels, so that the nearest pixel is found exactly and keeps its value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Singles
from oda_widgets.products.image import SkyImage

if TYPE_CHECKING:
    from astropy.wcs import WCS

MOST_PIXELS = 1024  # per side; more would take seconds to update, and show no more detail


@dataclass(frozen=True)
class NorthUp:
    """The pixels of an image that fill those of a display.

    Parameters
    ----------
    wcs
        Celestial coordinates of the display, north up.
    rows, columns
        Pixel of the image for each pixel of the display; -1 outside the image.
    """

    wcs: WCS
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns of the display."""
        rows, columns = self.rows.shape
        return rows, columns

    @cached_property
    def _outside(self) -> NDArray[np.bool_]:
        return np.asarray(self.rows < 0, dtype=np.bool_)

    def sample(self, values: NDArray[Any], block: int = 1) -> Singles:
        """Return the display of a map.

        A display pixel shows the highest value of the block around it, so that no point source
        is missed where the display is coarser than the image.
        """
        highest = _block_maximum(values.astype(np.float32, copy=False), block)
        drawn = highest[self.rows // block, self.columns // block]
        drawn[self._outside] = np.nan
        return drawn


def turned_upright(image: SkyImage) -> SkyImage:
    """Return an image with north up and east left; the image itself if it is so already."""
    turn = _turn(image)
    if np.allclose(turn, np.eye(2), atol=1e-3):
        return image
    display, block = north_up(image), block_size(image)
    return replace(
        image,
        intensity=display.sample(image.intensity, block),
        variance=display.sample(image.variance, block),
        significance=display.sample(image.significance, block),
        exposure=display.sample(image.exposure, block),
        wcs=display.wcs,
    )


def north_up(image: SkyImage) -> NorthUp:
    """Return the display of an image: just large enough for the pixels that hold something."""
    turn, step = _turn(image), block_size(image)
    first, last = _extent(image, turn)
    count = np.maximum(np.ceil((last - first) / step), 1).astype(int)
    x = first[0] + step * (np.arange(count[0]) + 0.5)
    y = first[1] + step * (np.arange(count[1]) + 0.5)
    columns, rows = _image_pixels(image, turn, *np.meshgrid(x, y))
    inside = (rows >= 0) & (columns >= 0)
    inside &= (rows < image.shape[0]) & (columns < image.shape[1])
    return NorthUp(
        wcs=_display_wcs(image, step, 0.5 - first / step),
        rows=np.where(inside, rows, -1),
        columns=np.where(inside, columns, -1),
    )


def block_size(image: SkyImage) -> int:
    """Return how many pixels of the image, per side, a pixel of the display stands for."""
    return max(1, -(-_turned_length(image) // MOST_PIXELS))


def _turned_length(image: SkyImage) -> int:
    """Return the longer side of the smallest upright frame around the turned image."""
    cosine, sine = np.abs(_turn(image)[0])
    rows, columns = image.shape
    return int(np.ceil(max(columns * cosine + rows * sine, columns * sine + rows * cosine)))


def _turn(image: SkyImage) -> NDArray[np.float64]:
    """Return the matrix from offsets in pixels of the image to upright offsets, same scale."""
    upright = np.diag([-1.0, 1.0]) / image.pixel_size
    matrix = upright @ np.asarray(image.wcs.pixel_scale_matrix)
    # Rounding: an image that is upright already is copied pixel by pixel.
    return np.where(np.abs(matrix) < 1e-9, 0.0, matrix)


def _extent(
    image: SkyImage, turn: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of the display, upright offsets from the tangent point in pixels."""
    rows, columns = (np.flatnonzero(np.isfinite(image.significance).any(axis)) for axis in (1, 0))
    if not rows.size:
        rows, columns = (np.arange(length) for length in image.shape)
    x, y = np.meshgrid([columns[0] - 0.5, columns[-1] + 0.5], [rows[0] - 0.5, rows[-1] + 0.5])
    corners = np.stack([x.ravel(), y.ravel()]) - _tangent_point(image)[:, None]
    turned = turn @ corners
    return turned.min(axis=1), turned.max(axis=1)


def _image_pixels(
    image: SkyImage, turn: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    back = np.linalg.inv(turn)
    centre = _tangent_point(image)
    column = back[0, 0] * x + back[0, 1] * y + centre[0]
    row = back[1, 0] * x + back[1, 1] * y + centre[1]
    return np.rint(column).astype(np.intp), np.rint(row).astype(np.intp)


def _tangent_point(image: SkyImage) -> NDArray[np.float64]:
    """Return the reference pixel, zero-based."""
    return np.asarray(image.wcs.wcs.crpix, dtype=np.float64) - 1


def _display_wcs(image: SkyImage, step: int, reference: NDArray[np.float64]) -> WCS:
    from astropy.wcs import WCS  # noqa: PLC0415 - heavy import

    wcs = WCS(naxis=2)
    wcs.wcs.ctype = list(image.wcs.wcs.ctype)
    wcs.wcs.crval = list(image.wcs.wcs.crval)
    wcs.wcs.crpix = list(reference)
    wcs.wcs.cdelt = [-image.pixel_size * step, image.pixel_size * step]
    wcs.wcs.set()
    return wcs


def _block_maximum(values: Singles, block: int) -> Singles:
    if block == 1:
        return values
    rows, columns = (-(-length // block) for length in values.shape)
    padded = np.full((rows * block, columns * block), -np.inf, dtype=np.float32)
    padded[: values.shape[0], : values.shape[1]] = np.where(np.isnan(values), -np.inf, values)
    highest = padded.reshape(rows, block, columns, block).max(axis=(1, 3))
    return np.where(np.isinf(highest), np.float32(np.nan), highest)
