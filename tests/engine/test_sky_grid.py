"""Correlation with all directions at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from oda_widgets.engine.illumination import illumination
from oda_widgets.engine.sky_grid import SkyGrid, between, correlate, correlate_squares, every
from oda_widgets.instruments.isgri import detector as isgri

GRID = SkyGrid(1)


@pytest.fixture(scope="module")
def detector() -> np.ndarray:
    """Give a detector image of noise."""
    return np.random.default_rng(2).normal(size=isgri.DETECTOR_SHAPE) * isgri.existing_pixels()


@pytest.mark.parametrize(("correlation", "power"), [(correlate, 1), (correlate_squares, 2)])
def test_it_is_the_sum_over_pixels(
    detector: np.ndarray, correlation: Callable[..., np.ndarray], power: int
) -> None:
    rows, columns = np.random.default_rng(3).integers(0, GRID.size, (2, 20))
    shadows = illumination(GRID.tangent_y[columns], GRID.tangent_z[rows])
    expected = np.sum(shadows**power * detector, axis=(1, 2))
    found = correlation(GRID, detector)[rows, columns]
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_part_of_the_grid_is_part_of_the_map(detector: np.ndarray) -> None:
    window = GRID.around(np.array([0.03, -0.05]), 0.02)
    whole = correlate(GRID, detector)
    np.testing.assert_allclose(correlate(GRID, detector, window), whole[window], atol=1e-3)


def test_around_holds_the_points_that_are_near() -> None:
    direction, reach = np.array([0.031, -0.052]), 0.02
    rows, columns = GRID.around(direction, reach)
    near_y = np.abs(GRID.tangent_y - direction[0]) <= reach
    near_z = np.abs(GRID.tangent_z - direction[1]) <= reach
    np.testing.assert_array_equal(np.flatnonzero(near_y), np.arange(GRID.size)[columns])
    np.testing.assert_array_equal(np.flatnonzero(near_z), np.arange(GRID.size)[rows])


def test_nearest_point_is_nearest() -> None:
    for row, column in ((0, 0), (17, 301), (369, 369)):
        direction = np.array([GRID.tangent_y[column], GRID.tangent_z[row]]) + 0.3 * GRID.step
        assert GRID.nearest(direction) == (row, column)


def test_points_of_osa_and_their_halves() -> None:
    assert np.degrees(GRID.step) == pytest.approx(0.082286, abs=1e-6)
    fine = SkyGrid(2)
    assert (fine.size, fine.step) == (2 * GRID.size, GRID.step / 2)
    middle = (GRID.tangent_z[1:] + GRID.tangent_z[:-1]) / 2
    np.testing.assert_allclose((fine.tangent_z[1:-1:2] + fine.tangent_z[2::2]) / 2, middle)


def test_interpolation_between_some_points_is_exact_for_a_plane() -> None:
    plane = (1 + 3 * GRID.tangent_y[None] - 2 * GRID.tangent_z[:, None]).astype(np.float32)
    guessed = between(plane[every(4)], 4, GRID.size)
    inner = (slice(0, -4), slice(0, -4))  # beyond the last of them it is constant
    np.testing.assert_allclose(guessed[inner], plane[inner], atol=1e-5)


def test_rows_and_columns_may_be_chosen() -> None:
    detector = np.random.default_rng(3).random(isgri.DETECTOR_SHAPE) * isgri.existing_pixels()
    places = np.array([[0.02, -0.05], [0.1, 0.08]])
    rows, columns = GRID.crossing(places, 0.01)
    assert np.all(np.min(np.abs(GRID.tangent_z[rows, None] - places[:, 1]), axis=1) < 0.01)
    assert np.all(np.min(np.abs(GRID.tangent_y[columns, None] - places[:, 0]), axis=1) < 0.01)
    some = correlate(GRID, detector, (rows, columns))
    np.testing.assert_allclose(some, correlate(GRID, detector)[np.ix_(rows, columns)], rtol=1e-5)
