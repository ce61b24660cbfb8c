from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from astropy.wcs import WCS

from oda_widgets.products.image import SkyImage
from oda_widgets.views.sky.maps import DrawnImage
from oda_widgets.views.sky.north_up import MOST_PIXELS
from tests.views import handmade


def turned(angle: float, size: int = 120) -> SkyImage:
    """Return an image whose pixels are turned on the sky."""
    projection = handmade.wcs(size, 30 / size)
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    projection.wcs.cd = turn @ projection.pixel_scale_matrix
    wcs = WCS(projection.to_header())
    image = handmade.image(size)
    return replace(image, wcs=wcs)


@pytest.mark.parametrize("angle", [0, 30, 83, 180, -120])
def test_a_bright_pixel_is_drawn_at_its_position(angle: float) -> None:
    image = turned(angle)
    one = np.zeros_like(image.significance)
    one[70, 40] = 99
    image = replace(image, significance=one)
    ra, dec = image.wcs.wcs_pix2world(40, 70, 0)
    drawn = DrawnImage.of(image)
    rows, columns = np.nonzero(np.nan_to_num(drawn.map("significance")) == 99)
    x, y = drawn.display.wcs.wcs_world2pix(ra, dec, 0)
    assert np.abs(columns - x).max() <= 1
    assert np.abs(rows - y).max() <= 1


@pytest.mark.parametrize("angle", [0, 30, 83])
def test_north_is_up_and_east_is_left(angle: float) -> None:
    display = DrawnImage.of(turned(angle)).display
    matrix = display.wcs.pixel_scale_matrix
    assert matrix[0, 0] < 0 < matrix[1, 1]
    assert matrix[0, 1] == matrix[1, 0] == 0


def test_an_upright_image_is_copied_pixel_by_pixel() -> None:
    image = handmade.image(100)
    drawn = DrawnImage.of(image).map("significance")
    filled = image.significance[np.isfinite(image.significance).any(axis=1)]
    np.testing.assert_array_equal(drawn, filled)


def test_a_large_image_keeps_its_peaks() -> None:
    image = handmade.image(2100)
    peaked = image.significance.copy()
    peaked[1001, 1501] = 500
    drawn = DrawnImage.of(replace(image, significance=peaked))
    assert max(drawn.display.shape) <= MOST_PIXELS
    assert np.nanmax(drawn.map("significance")) == 500


def test_an_image_without_pixels_is_drawn_empty() -> None:
    image = handmade.image(60)
    empty = replace(image, significance=np.full_like(image.significance, np.nan))
    assert np.isnan(DrawnImage.of(empty).map("significance")).all()
