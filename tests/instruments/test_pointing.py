"""Between the sky and the tangent plane."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.instruments.pointing import Pointing, unit_vector
from tests.photons.pointing import pointing_at

REAL = Pointing(286.822875976562, 20.2762775421143, 199.37516784668, -6.87311124801636)

tangents = st.floats(-0.27, 0.27)


def rolled(ra: float, dec: float, roll: float) -> Pointing:
    """Return a pointing with a given position angle of the Z axis, made by the photon tracer."""
    other = pointing_at(ra, dec, roll=roll)
    return Pointing(other.ra_x, other.dec_x, other.ra_z, other.dec_z)


@given(st.floats(0, 359.99), st.floats(-89, 89), st.floats(0, 360), tangents, tangents)
def test_there_and_back(ra: float, dec: float, roll: float, y: float, z: float) -> None:
    pointing = rolled(ra, dec, roll)
    back = pointing.tangents(*pointing.sky(y, z))
    np.testing.assert_allclose(back, (y, z), atol=1e-9)


@given(st.floats(0, 359.99), st.floats(-89, 89), st.floats(0, 360), tangents, tangents)
def test_tangents_are_angles_from_the_axes(
    ra: float, dec: float, roll: float, y: float, z: float
) -> None:
    """The angle to the line of sight is that of the vectors."""
    pointing = rolled(ra, dec, roll)
    direction = unit_vector(*pointing.sky(y, z))
    cosine = direction @ unit_vector(ra, dec)
    assert cosine == pytest.approx(1 / np.sqrt(1 + y * y + z * z), abs=1e-12)


def test_y_is_z_cross_x() -> None:
    """With Z towards north, Y points to larger right ascension."""
    north_up = Pointing(80.0, 0.0, 80.0, 90.0)
    np.testing.assert_allclose(north_up.sky(np.tan(np.radians(1.0)), 0.0), (81, 0), atol=1e-9)


def test_axes_are_orthonormal_though_those_of_the_file_are_not_quite() -> None:
    x, _, z = (unit_vector(REAL.ra, REAL.dec), None, unit_vector(REAL.ra_z, REAL.dec_z))
    assert abs(x @ z) > 1e-9
    np.testing.assert_allclose(REAL.axes() @ REAL.axes().T, np.eye(3), atol=1e-14)
    np.testing.assert_allclose(REAL.axes()[0], x)


def test_directions_behind_the_telescope_have_no_tangents() -> None:
    y, z = REAL.tangents([REAL.ra, (REAL.ra + 180) % 360], [REAL.dec, -REAL.dec])
    np.testing.assert_array_equal(np.isnan(y), [False, True])
    np.testing.assert_array_equal(np.isnan(z), [False, True])


def test_image_coordinates_are_those_of_astropy() -> None:
    """Axis 1 runs along -Y and axis 2 along Z."""
    step, reference = 1.4e-3, (185.5, 200.5)
    wcs = REAL.wcs(step, reference)
    column, row = np.meshgrid([0.0, 101.0, 369.0], [0.0, 77.0, 399.0])
    expected = REAL.sky(-(column + 1 - reference[0]) * step, (row + 1 - reference[1]) * step)
    found = wcs.pixel_to_world_values(column, row)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert wcs.wcs.ctype[0] == "RA---TAN"
