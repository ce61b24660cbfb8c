"""A mosaic keeps fluxes and places, and one pointing more leaves the others as they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.mosaic import Footprint, Mosaic, MosaicGrid, common_centre, footprint
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing

GRID = SkyGrid(oversampling=2)
SOURCE = (83.633, 22.0145)
POINTINGS = (
    Pointing(83.6, 22.0, 353.6, 0.0),
    Pointing(86.1, 23.4, 356.1, 0.0),
    Pointing(79.9, 20.2, 349.9, 0.0),
)


def seen(
    pointing: Pointing, flux: float, error: float, place: tuple[float, float] = SOURCE
) -> SkyMaps:
    """Return the image of one source as a pointing would see it, without noise."""
    y, z = pointing.tangents(*place)
    lobe = 12 / 60 / 2.355 * np.pi / 180
    distance = np.hypot(GRID.tangent_y[None, :] - y, GRID.tangent_z[:, None] - z)
    image = flux * np.exp(-0.5 * (distance / lobe) ** 2)
    variance = np.full_like(image, error**2)
    ones = np.ones_like(image, np.float32)
    return SkyMaps(image.astype(np.float32), variance.astype(np.float32), ones, ones)


def resampled(
    pointing: Pointing,
    flux: float = 100,
    error: float = 1,
    place: tuple[float, float] = SOURCE,
) -> Footprint:
    centre = common_centre(POINTINGS)
    return footprint(seen(pointing, flux, error, place), pointing, GRID, 1000.0, centre)


def added(images: list[Footprint]) -> Mosaic:
    mosaic = Mosaic(MosaicGrid.around(POINTINGS, common_centre(POINTINGS), GRID))
    for image in images:
        mosaic.add(image)
    return mosaic


def flux_there(mosaic: Mosaic) -> float:
    """Return the flux at the source, between the points of the grid."""
    grid = mosaic.grid
    wcs = grid.centre.wcs(grid.step, grid.reference_pixel)
    column, row = wcs.world_to_pixel_values(*SOURCE)
    flux = np.nan_to_num(mosaic.flux)
    return float(map_coordinates(flux, [[row], [column]], order=3)[0])


def test_a_source_keeps_its_flux_and_its_place() -> None:
    mosaic = added([resampled(pointing) for pointing in POINTINGS])
    ra, dec = mosaic.grid.centre.sky(*mosaic.grid.tangents())
    top = np.nanargmax(mosaic.flux)
    assert (ra.flat[top], dec.flat[top]) == pytest.approx(SOURCE, abs=2 / 60)
    assert flux_there(mosaic) == pytest.approx(100, rel=0.01)


def test_fluxes_are_weighted_by_what_they_are_worth() -> None:
    values = ((100.0, 1.0), (50.0, 2.0))
    images = [resampled(p, f, e) for p, (f, e) in zip(POINTINGS, values, strict=False)]
    mosaic = added(images)
    assert flux_there(mosaic) == pytest.approx((100 / 1 + 50 / 4) / (1 + 1 / 4), rel=0.01)
    assert np.nanmin(mosaic.variance) == pytest.approx(1 / (1 + 1 / 4), rel=0.01)


def test_the_celestial_coordinates_of_a_product_are_those_of_the_grid() -> None:
    grid = MosaicGrid.around(POINTINGS, common_centre(POINTINGS), GRID)
    wcs = grid.centre.wcs(grid.step, grid.reference_pixel)
    ra, dec = grid.centre.sky(*grid.tangents())
    for row, column in ((0, 0), (100, 700), (grid.shape[0] - 1, grid.shape[1] - 1)):
        there = wcs.pixel_to_world_values(column, row)
        assert there == pytest.approx((ra[row, column], dec[row, column]), abs=1e-9)


def test_one_pointing_more_leaves_the_others_where_they_are() -> None:
    centre = common_centre(POINTINGS)
    assert common_centre([*POINTINGS, Pointing(82.5, 20.5, 352.5, 0.0)]) == centre
    one, other = (added([resampled(POINTINGS[0])]) for _ in range(2))
    other.add(resampled(POINTINGS[2]))
    alone = other.exposure == one.exposure
    assert alone.sum() > 1000
    assert np.array_equal(one.weighted[alone], other.weighted[alone])


@pytest.mark.parametrize("dec", [-90.0, -60.0, 0.0, 89.0, 90.0])
def test_every_image_lies_inside_the_grid_of_all(dec: float) -> None:
    z = (0.0, dec + 90) if dec <= 0 else (180.0, 90 - dec)
    pointings = [Pointing(0.0, dec, *z), Pointing(3.0, dec, (z[0] + 3) % 360, z[1])]
    centre, whole = (
        common_centre(pointings),
        MosaicGrid.around(pointings, common_centre(pointings), GRID),
    )
    for pointing in pointings:
        part = MosaicGrid.under(pointing, centre, GRID)
        assert np.all(np.array(part.first) >= whole.first)
        assert np.all(np.add(part.first, part.shape) <= np.add(whole.first, whole.shape))
        y, z_ = centre.tangents(pointing.ra, pointing.dec)
        assert np.hypot(y, z_) < np.tan(np.radians(5))  # a dither away
