"""Coordinates of chains: there and back, and their volume."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.fitting.chains.walk import Coordinates

LOW = np.array([0.0, -3.0, 0.1])  # a norm, an index, a temperature
COORDINATES = Coordinates(LOW)


@given(st.tuples(st.floats(1e-200, 1e200), st.floats(-1e3, 1e3), st.floats(0.1, 1e10)))
def test_parameters_come_back(values: tuple[float, float, float]) -> None:
    there = COORDINATES.of(np.array([values]))
    np.testing.assert_allclose(COORDINATES.values(there), [values], rtol=1e-12)


def test_a_volume_of_coordinates_is_that_of_the_parameters_in_it() -> None:
    place, step = COORDINATES.of(np.array([[2.0, -1.0, 30.0]])), 1e-6
    sides = np.diagonal(
        COORDINATES.values(place + 0.5 * step * np.eye(3))
        - COORDINATES.values(place - 0.5 * step * np.eye(3))
    )
    volume = np.log(np.prod(sides / step))
    assert COORDINATES.log_volume(place)[0] == pytest.approx(volume, rel=1e-6)


def test_a_parameter_at_zero_has_coordinates() -> None:
    assert np.isfinite(COORDINATES.of(np.array([[0.0, 0.0, 0.1]]))).all()
