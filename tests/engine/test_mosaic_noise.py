"""Errors of a mosaic hold what the images of its windows have in common."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from oda_widgets.engine.mosaic import Footprint, Mosaic, MosaicGrid, common_centre
from oda_widgets.engine.mosaic_noise import MosaicNoise
from oda_widgets.engine.mura_aperture import PEAK_WIDTH
from tests.engine.test_mosaic import GRID, POINTINGS, SOURCE

WINDOWS = 8
IN_COMMON = 0.3  # of the error of a window


def staring(in_common: float, source: float = 0.0) -> Mosaic:
    """Return the sum of windows of one attitude whose errors of 1 have a part in common."""
    centre = common_centre(POINTINGS)
    grid = MosaicGrid.under(POINTINGS[0], centre, GRID)
    random = np.random.default_rng(5)
    shared = in_common * smooth(grid.shape, random)
    row, column = (round(x) for x in grid.place(*SOURCE))
    mosaic = Mosaic(grid)
    for _ in range(WINDOWS):
        flux = shared + np.sqrt(1 - in_common**2) * smooth(grid.shape, random)
        flux[row - 2 : row + 3, column - 2 : column + 3] += source
        ones = np.ones(grid.shape, np.float32)
        mosaic.add(Footprint(grid, flux.astype(np.float32), ones, 1000 * ones))
    return mosaic


def smooth(shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Return noise of deviation 1 that is as wide as a peak."""
    noise = gaussian_filter(random.standard_normal(shape), 2.0, mode="wrap")
    return np.asarray(noise / noise.std())


def noise_of(mosaic: Mosaic, *sources: tuple[float, float]) -> MosaicNoise:
    return MosaicNoise.of(mosaic, sources, PEAK_WIDTH, GRID.noise_step)


def test_independent_images_have_no_more_noise_than_they_say() -> None:
    assert noise_of(staring(0.0)).factor.max() < 1.03


def test_what_images_have_in_common_is_in_the_errors() -> None:
    mosaic = staring(IN_COMMON)
    expected = np.sqrt(1 + (WINDOWS - 1) * IN_COMMON**2)
    factor = noise_of(mosaic).factor
    deviation = np.std(mosaic.flux / np.sqrt(mosaic.variance) / factor)
    assert factor.mean() == pytest.approx(expected, rel=0.05)
    assert deviation == pytest.approx(1.0, abs=0.05)


def test_sources_are_no_noise() -> None:
    mosaic = staring(0.0, source=1000.0)
    assert noise_of(mosaic, SOURCE).at(*SOURCE) < 1.03


def test_the_other_half_of_the_sky_has_no_noise() -> None:
    assert noise_of(staring(IN_COMMON)).at(SOURCE[0] + 180, -SOURCE[1]) == 1.0
