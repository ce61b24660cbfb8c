"""Noise of a map beyond counting statistics."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.noise import NoiseCurve, noise_curve

SHAPE = (600, 600)


def _smooth_noise(seed: int) -> np.ndarray:
    """Return standard normal noise with peaks as wide as those of a map."""
    noise = np.random.default_rng(seed).normal(size=SHAPE)
    for axis in (0, 1):
        noise = sum(np.roll(noise, shift, axis) for shift in range(5)) / np.sqrt(5)
    return noise.astype(np.float32)


@pytest.fixture
def information() -> np.ndarray:
    """Give information that falls from left to right."""
    return np.broadcast_to(np.linspace(1, 0.01, SHAPE[1], dtype=np.float32), SHAPE)


def test_counting_statistics_need_no_factor(information: np.ndarray) -> None:
    factors = [noise_curve(_smooth_noise(seed), information, 0.0, 2).factor for seed in range(8)]
    assert np.mean(factors) == pytest.approx(1, abs=0.012)
    assert np.min(factors) == 1.0


def test_factor_is_that_of_the_noise(information: np.ndarray) -> None:
    """Twice the noise where the information is small."""
    stretched = _smooth_noise(9) * np.where(information < 0.5, 2, 1).astype(np.float32)
    curve = noise_curve(stretched, information, 0.0, 2)
    ends = curve.at(np.array([0.2, 0.9], np.float32))
    np.testing.assert_allclose(ends, [2, 1], atol=0.15)


def test_few_directions_tell_nothing() -> None:
    assert (
        noise_curve(np.ones((9, 9), np.float32), np.ones((9, 9), np.float32), 0, 2) == NoiseCurve()
    )
