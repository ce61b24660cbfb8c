"""The shadow of the thick mask."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oda_widgets.engine.illumination import illumination
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.mask import ELEMENT_SIDE, ELEMENTS, mask_pattern
from oda_widgets.instruments.pointing import Pointing
from tests.real_data import OSA_ILLUMINATION


@pytest.mark.parametrize(
    "degrees", [(0.0, 0.0), (0.3, -0.2), (4.0, 4.0), (-7.5, 3.0), (8.0, -8.0), (-11.0, 9.0)]
)
def test_pixel_is_lit_by_the_rays_that_pass(degrees: tuple[float, float]) -> None:
    """Rays are followed through the mask step by step, on 30 random pixels."""
    y, z = np.tan(np.radians(degrees))
    rng = np.random.default_rng(1)
    chosen = rng.choice(np.argwhere(isgri.existing_pixels()), 30, replace=False)
    shadow = illumination(np.array([y]), np.array([z]))[0]
    traced = [_lit_part(row, column, (y, z)) for row, column in chosen]
    np.testing.assert_allclose(shadow[tuple(chosen.T)], traced, atol=0.02)


def _lit_part(row: int, column: int, tangents: tuple[float, float]) -> float:
    """Return the part of 80 x 80 rays to a pixel that meet only open elements in 400 steps."""
    inside = ((np.arange(80) + 0.5) / 80 - 0.5) * isgri.PIXEL_ACTIVE_SIDE
    depth = isgri.MASK_DISTANCE + np.linspace(-0.5, 0.5, 400) * isgri.MASK_THICKNESS
    starts = isgri.pixel_centres_y()[column] + inside, isgri.pixel_centres_z()[row] + inside
    y, z = (
        _elements(start[:, None] + depth * tangent + shift)
        for start, tangent, shift in zip(starts, tangents, isgri.MASK_SHIFT, strict=True)
    )
    pattern = np.pad(mask_pattern(), 1)
    return float(np.mean(np.all(pattern[z[:, None], y[None]], axis=-1)))


def _elements(position: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the number of the element at positions in mm, 0 outside the mask."""
    number = np.floor(position / ELEMENT_SIDE + ELEMENTS / 2).astype(np.intp) + 1
    return np.where((number >= 1) & (number <= ELEMENTS), number, 0)


def test_shadow_is_that_of_osa() -> None:
    """OSA's own pixel illumination function of SGR 1935+2154 in window 255900280010."""
    with fits.open(OSA_ILLUMINATION) as file:
        unit = file["ISGR-PIF.-SHD"]
        osa, header = unit.data.astype(float), unit.header
    pointing = Pointing(*(header[f"{axis}_SC{x}"] for x in "XZ" for axis in ("RA", "DEC")))
    y, z = pointing.tangents(header["RA_OBJ"], header["DEC_OBJ"])
    ours = illumination(np.atleast_1d(y), np.atleast_1d(z))[0]
    pixels = isgri.existing_pixels()
    assert np.corrcoef(ours[pixels], osa[pixels])[0, 1] >= 0.994
    assert np.sqrt(np.mean((ours - osa)[pixels] ** 2)) <= 0.046


@given(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_it_is_a_fraction_of_each_pixel(y: float, z: float) -> None:
    shadow = illumination(np.array([y]), np.array([z]))
    assert shadow.min() >= -1e-12
    assert shadow.max() <= 1 + 1e-12
    assert not shadow[0][~isgri.existing_pixels()].any()


@pytest.mark.parametrize("tangents", [(0.27, 0.0), (-0.27, 0.0), (0.0, 0.27), (0.0, -0.27)])
def test_nothing_shines_beside_the_mask(tangents: tuple[float, float]) -> None:
    assert not illumination(*(np.array([tangent]) for tangent in tangents)).any()


def test_each_source_has_its_own_shadow() -> None:
    y, z = np.array([0.01, -0.1]), np.array([0.05, 0.02])
    together = illumination(y, z)
    for number in range(2):
        alone = illumination(y[number : number + 1], z[number : number + 1])[0]
        np.testing.assert_array_equal(together[number], alone)
