"""HEALPix pixels are those of the published scheme."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.healpix import HealpixGrid, angles, equatorial, galactic
from oda_widgets.lookup.sphere import separations

# Pixel, longitude and latitude of its centre, for nside 4, by astropy-healpix 2.0.1 (RING).
CENTRES = [
    (0, 45.0, 78.28414760510763),
    (7, 157.5, 66.44353569089876),
    (39, 348.75, 41.810314895778596),
    (40, 0.0, 30.000000000000004),
    (87, 337.5, 9.594068226860461),
    (120, 11.25, -19.47122063449069),
    (187, 337.5, -66.44353569089878),
    (191, 315.0, -78.28414760510762),
]


@pytest.mark.parametrize(("pixel", "longitude", "latitude"), CENTRES)
def test_centres_are_those_of_astropy_healpix(
    pixel: int, longitude: float, latitude: float
) -> None:
    found = np.ravel(angles(HealpixGrid(4).directions([pixel])))
    assert found == pytest.approx([longitude, latitude], abs=1e-10)


@pytest.mark.parametrize("nside", [1, 2, 8, 64])
def test_each_pixel_holds_its_centre(nside: int) -> None:
    grid = HealpixGrid(nside)
    pixels = np.arange(grid.size)
    assert np.array_equal(grid.pixels(*angles(grid.directions(pixels))), pixels)


def test_pixels_have_equal_areas() -> None:
    rng = np.random.default_rng(1)
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, 400_000)))
    grid = HealpixGrid(4)
    hits = np.bincount(grid.pixels(rng.uniform(0, 360, len(latitude)), latitude))
    expected = len(latitude) / grid.size
    assert len(hits) == grid.size
    assert np.abs(hits - expected).max() < 5 * expected**0.5


@pytest.mark.parametrize("centre", [(0, 0, 1), (0, 0, -1), (-1, 0, 0), (0.6, 0, 0.8), (1, -1, 1)])
@pytest.mark.parametrize("radius", [0.01, 3.0, 20.6, 100.0])
def test_pixels_within_a_radius_are_those_whose_centres_are(
    centre: tuple[float, float, float], radius: float
) -> None:
    grid = HealpixGrid(16)
    direction = np.array(centre) / np.linalg.norm(centre)
    (longitude,), (latitude,) = angles(direction[None])
    away = separations(*angles(grid.directions(np.arange(grid.size))), longitude, latitude)
    assert np.array_equal(grid.within(direction, radius), np.flatnonzero(away <= radius))


def test_galactic_coordinates_are_those_of_astropy_and_back() -> None:
    assert np.allclose(galactic(266.41683, -29.00781), (359.944255, -0.046162), atol=1e-5)
    directions = HealpixGrid(8).directions(np.arange(768))
    longitude, latitude = np.radians(galactic(*equatorial(directions)))
    flat = np.cos(latitude)
    back = np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=-1)
    assert np.allclose(back, directions, atol=1e-8)


@pytest.mark.parametrize("nside", [0, 3, 500, 16384, 2.5])
def test_other_sizes_are_refused(nside: float) -> None:
    with pytest.raises(BadParameter, match="nside="):
        HealpixGrid(nside)  # type: ignore[arg-type]
