"""Maps keep what was measured when they are rounded."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.engine.rounding import rounded_to_noise, shortened

SOME = st.floats(-1e6, 1e6, width=32)


def single(value: float) -> np.ndarray:
    return np.array([value], np.float32)


@given(SOME, st.floats(2**-10, 1e6, width=32))
def test_a_flux_moves_by_a_64th_of_its_error_at_most(flux: float, error: float) -> None:
    moved = abs(float(rounded_to_noise(single(flux), single(error))[0]) - flux)
    assert moved <= max(error / 64, abs(flux) * 2**-23)


@given(SOME)
def test_a_smooth_value_moves_by_a_2000th_at_most(value: float) -> None:
    assert abs(float(shortened(single(value))[0]) - value) <= abs(value) / 2048


def test_what_is_not_known_stays_so() -> None:
    odd = np.array([np.nan, np.inf, -np.inf, 0.0, 1.1], np.float32)
    assert np.array_equal(rounded_to_noise(odd, np.zeros(5, np.float32)), odd, equal_nan=True)
    assert np.array_equal(
        rounded_to_noise(odd, np.full(5, np.nan, np.float32)), odd, equal_nan=True
    )
    assert np.array_equal(shortened(odd)[:4], odd[:4], equal_nan=True)


def test_rounding_once_more_changes_nothing() -> None:
    values = np.random.default_rng(2).normal(0, 3, 1000).astype(np.float32)
    errors = np.full(1000, 0.7, np.float32)
    for round_ in (lambda v: rounded_to_noise(v, errors), shortened):
        once = round_(values)
        assert np.array_equal(round_(once), once)
