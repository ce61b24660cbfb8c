"""The shadow of the thick mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.engine.illumination import illumination
from oda_widgets.engine.sky_grid import SkyGrid, correlate, correlate_squares
from oda_widgets.instruments import isgri
from oda_widgets.instruments.mask import ELEMENT_SIDE, mask_pattern
from oda_widgets.instruments.pointing import Pointing

OSA = Path(__file__).parents[1] / "data" / "255900280010_isgri_model.fits.gz"
REAL = Pointing(286.822875976562, 20.2762775421143, 199.37516784668, -6.87311124801636)


def open_along(y: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return True where the mask is open at positions in mm; closed beside it."""
    padded = np.pad(mask_pattern(), 1)
    row, column = (np.clip(np.floor(p / ELEMENT_SIDE + 48.5), 0, 96).astype(int) for p in (z, y))
    return padded[row, column]


@pytest.mark.parametrize("tangents", [(0.01, 0.02), (0.07, -0.07), (-0.14, 0.14), (0.19, 0.05)])
def test_a_shadow_is_that_of_paths_followed_through_the_tungsten(
    tangents: tuple[float, float],
) -> None:
    """In 97 steps through the 16 mm, at 20 x 20 points of each of some pixels."""
    rng = np.random.default_rng(3)
    exists = np.argwhere(isgri.existing_pixels())
    pixels = exists[rng.choice(len(exists), 300, replace=False)]
    across = (np.arange(20) + 0.5) / 20 * isgri.PIXEL_ACTIVE_SIDE - isgri.PIXEL_ACTIVE_SIDE / 2
    dy, dz = (grid.ravel() for grid in np.meshgrid(across, across))
    y = isgri.pixel_centres_y()[pixels[:, 1], None] + dy + isgri.MASK_SHIFT[0]
    z = isgri.pixel_centres_z()[pixels[:, 0], None] + dz + isgri.MASK_SHIFT[1]
    passes = np.ones(y.shape, dtype=bool)
    for height in isgri.MASK_DISTANCE + np.linspace(-8, 8, 97):
        passes &= open_along(y + height * tangents[0], z + height * tangents[1])
    shadow = illumination(np.array([tangents[0]]), np.array([tangents[1]]))[0]
    followed = passes.mean(axis=1)
    modelled = shadow[pixels[:, 0], pixels[:, 1]]
    # An edge of an element falls anywhere between two of the 20 points.
    assert np.abs(followed - modelled).max() < 0.11
    assert followed.sum() == pytest.approx(modelled.sum(), rel=0.01)


def test_the_shadow_is_the_one_that_osa_computes() -> None:
    with fits.open(OSA) as hdus:
        osa = hdus[-1].data.astype(float)
        source = REAL.tangents(hdus[-1].header["RA_OBJ"], hdus[-1].header["DEC_OBJ"])
    ours = illumination(source[0][None], source[1][None])[0]
    exists = isgri.existing_pixels()
    assert np.corrcoef(ours[exists], osa[exists])[0, 1] >= 0.994
    assert np.sqrt(np.mean((ours - osa)[exists] ** 2)) <= 0.046


def test_nothing_is_lit_beside_the_mask_or_between_the_modules() -> None:
    far = illumination(np.array([0.3, 0.0]), np.array([0.0, -0.3]))
    assert not far.any()
    centre = illumination(np.zeros(1), np.zeros(1))[0]
    assert not centre[~isgri.existing_pixels()].any()
    assert centre.min() >= 0
    assert centre.max() <= 1


def test_a_map_is_the_sum_over_pixels_in_every_direction() -> None:
    grid = SkyGrid(1)
    image = np.random.default_rng(0).normal(size=isgri.DETECTOR_SHAPE) * isgri.existing_pixels()
    for z, y in ((185, 185), (100, 250), (340, 60), (3, 200)):
        shadow = illumination(grid.tangent_y[[y]], grid.tangent_z[[z]])[0]
        assert correlate(grid, image)[z, y] == pytest.approx((shadow * image).sum(), abs=2e-4)
        squares = correlate_squares(grid, np.abs(image))[z, y]
        assert squares == pytest.approx((shadow**2 * np.abs(image)).sum(), abs=2e-3)


def test_a_direction_and_its_grid_point_find_each_other() -> None:
    grid = SkyGrid(2)
    for z, y in ((0, 0), (10, 700), (369, 370)):
        assert grid.nearest(np.array([grid.tangent_y[y], grid.tangent_z[z]])) == (z, y)
