"""Images of several pointings on one grid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from oda_widgets.engine.deconvolve import SkyMaps, sky_maps
from oda_widgets.engine.mosaic import Mosaic, MosaicGrid
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing
from tests.engine.conftest import MakeScene
from tests.photons.pointing import pointing_at

GRID = SkyGrid(2)
SOURCE = (83.0, 22.3)


def _pointing(ra: float, dec: float, roll: float) -> Pointing:
    other = pointing_at(ra, dec, roll=roll)
    return Pointing(other.ra_x, other.dec_x, other.ra_z, other.dec_z)


POINTINGS = [_pointing(83.6, 22.0, 63.0), _pointing(84.9, 23.4, 65.0)]


@pytest.fixture(scope="module")
def images(make_scene: MakeScene) -> list[SkyMaps]:
    """Give noise-free images of a source of 50 counts/s."""
    maps = []
    for pointing in POINTINGS:
        y, z = pointing.tangents(*SOURCE)
        maps.append(sky_maps(make_scene([(float(y), float(z))], [50.0]), GRID, [60.0]))
    return maps


def _value(mosaic: Mosaic, values: np.ndarray) -> float:
    y, z = mosaic.grid.centre.tangents(*SOURCE)
    rows, columns = mosaic.grid.shape
    place = [[z / mosaic.grid.step + (rows - 1) / 2], [-y / mosaic.grid.step + (columns - 1) / 2]]
    return float(map_coordinates(np.nan_to_num(values), place, order=3)[0])


def test_a_source_keeps_its_flux_and_place(images: list[SkyMaps]) -> None:
    mosaic = Mosaic(MosaicGrid.around(POINTINGS, GRID.step))
    for maps, pointing in zip(images, POINTINGS, strict=True):
        mosaic.add(maps, pointing, GRID, 1000.0)
    assert _value(mosaic, mosaic.flux) == pytest.approx(50, rel=0.01)


def test_the_same_image_twice_has_half_the_variance(images: list[SkyMaps]) -> None:
    grid = MosaicGrid.around(POINTINGS, GRID.step)
    once, twice = Mosaic(grid), Mosaic(grid)
    for mosaic, times in ((once, 1), (twice, 2)):
        for _ in range(times):
            mosaic.add(images[0], POINTINGS[0], GRID, 1000.0)
    np.testing.assert_allclose(twice.variance, once.variance / 2, rtol=1e-5)
    np.testing.assert_allclose(twice.flux, once.flux, rtol=1e-4, atol=1e-4)
    assert twice.exposure.max() == pytest.approx(2000, rel=0.01)


@pytest.mark.parametrize("dec", [40.0, 0.0, -40.0])
def test_north_is_up(dec: float) -> None:
    grid = MosaicGrid.around([_pointing(100.0, dec, 20.0)], 1e-3)
    ra, height = grid.directions()
    middle = height.shape[0] // 2, height.shape[1] // 2
    assert height[middle[0] + 50, middle[1]] > height[middle]
    assert ra[middle[0], middle[1] - 50] > ra[middle]
    assert height[middle] == pytest.approx(dec, abs=0.1)


def test_grid_holds_all_fields_of_view() -> None:
    grid = MosaicGrid.around(POINTINGS, GRID.step)
    half_rows, half_columns = (size / 2 * grid.step for size in grid.shape)
    corners = np.tan(np.radians(14.5)) * np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    for pointing in POINTINGS:
        y, z = grid.centre.tangents(*pointing.sky(*corners.T))
        assert np.abs(y).max() < half_columns
        assert np.abs(z).max() < half_rows
