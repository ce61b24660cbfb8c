"""Between the sky and the tangents of the instrument."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.pointing import Pointing

REAL = Pointing(286.822875976562, 20.2762775421143, 199.37516784668, -6.87311124801636)
tangents = st.floats(-0.28, 0.28)


@given(tangents, tangents)
def test_a_direction_comes_back(y: float, z: float) -> None:
    back = REAL.tangents(*REAL.sky(y, z))
    assert np.allclose(back, (y, z), atol=1e-12)


def test_the_line_of_sight_is_the_origin() -> None:
    assert np.allclose(REAL.tangents(REAL.ra, REAL.dec), 0, atol=1e-9)


def test_z_is_up_and_y_is_its_product_with_x() -> None:
    x, y, z = REAL.axes()
    assert np.allclose(np.cross(z, x), y)
    toward_z = REAL.tangents(*REAL.sky(0.0, 0.01))
    assert toward_z[1] > 0
    assert np.allclose(z @ x, 0, atol=1e-12)


def test_what_is_behind_the_telescope_has_no_tangents() -> None:
    assert np.isnan(REAL.tangents((REAL.ra + 180) % 360, -REAL.dec)).all()


@given(tangents, tangents)
def test_the_coordinates_of_an_image_are_those_of_its_grid(y: float, z: float) -> None:
    grid = SkyGrid(2)
    wcs = REAL.wcs(grid.step, grid.reference_pixel)
    pixel = wcs.world_to_pixel_values(*REAL.sky(y, z))
    middle = (grid.size - 1) / 2
    assert pixel[0] == pytest.approx(middle - y / grid.step, abs=1e-6)
    assert pixel[1] == pytest.approx(middle + z / grid.step, abs=1e-6)


def test_an_image_is_seen_from_inside() -> None:
    """East is to the left when north is up: the determinant of the matrix is negative."""
    matrix = REAL.wcs(0.001, (1.0, 1.0)).pixel_scale_matrix
    assert np.linalg.det(matrix) < 0
    assert np.linalg.det(matrix) == pytest.approx(-(np.degrees(0.001) ** 2), rel=1e-6)
