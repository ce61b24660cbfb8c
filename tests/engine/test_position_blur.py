"""Mixtures of resolutions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from oda_widgets.engine.position_blur import PositionBlur

SIGMAS = arrays(float, 12, elements=st.floats(0.2, 2.0))
WEIGHTS = arrays(float, 12, elements=st.floats(0.01, 5.0))


@given(SIGMAS, WEIGHTS, st.integers(1, 5))
def test_few_distributions_have_the_variance_of_many(
    sigma: np.ndarray, weight: np.ndarray, parts: int
) -> None:
    mixed = PositionBlur.mixed(sigma, weight, parts, step=1e-6)
    assert len(mixed.sigmas) <= parts
    assert sum(mixed.fractions) == pytest.approx(1)
    assert mixed.rms**2 == pytest.approx(np.average(sigma**2, weights=weight), rel=1e-4)


def test_resolutions_alike_become_one() -> None:
    assert PositionBlur.mixed(np.array([0.441, 0.443]), np.ones(2), 2, step=0.01).sigmas == (0.44,)


def test_its_transfer_is_the_transform_of_its_positions() -> None:
    random, blur = np.random.default_rng(5), PositionBlur((0.3, 1.0), (0.75, 0.25))
    places = np.where(random.random(400_000) < 0.75, 0.3, 1.0) * random.standard_normal(
        (2, 400_000)
    )
    frequency = np.array([0.1, 0.3])
    measured = np.cos(2 * np.pi * (0.1 * places[0] + frequency[:, None] * places[1])).mean(axis=1)
    np.testing.assert_allclose(blur.transfer(np.array([0.1]), frequency)[0], measured, atol=0.004)
