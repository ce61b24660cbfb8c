"""The shape of the background, and the efficiencies of the pixels."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.background import (
    background_of,
    reference_background,
    relative_scatter,
    smooth_background,
)
from oda_widgets.engine.background_shapes import smooth_shapes
from oda_widgets.engine.fit import fit
from oda_widgets.engine.pixel_health import PixelHealth
from oda_widgets.instruments.isgri import detector as isgri
from tests.photons.background import isgri_background

EXISTS = isgri.existing_pixels()
FIFTY = np.where(EXISTS, 50.0, 0.0)
SMOOTH = smooth_background(EXISTS)


@pytest.mark.parametrize("energy", [35.0, 300.0])
def test_smooth_shapes_describe_the_background(energy: float) -> None:
    """Module levels, gradients and rims of the photon tracer, to 1 % of a pixel."""
    truth = isgri_background(np.random.default_rng(1)).shape(energy)[EXISTS]
    done = fit(1000 * truth, smooth_shapes()[:, EXISTS], len(smooth_shapes()))
    assert np.std(done.model / (1000 * truth)) < 0.01


def _alive(level: float, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).poisson(level * EXISTS).astype(float)


@pytest.mark.parametrize("scatter", [0.0, 0.05, 0.11])
def test_scatter_is_that_of_the_efficiencies(scatter: float) -> None:
    rng = np.random.default_rng(4)
    expected = np.full(15000, 40.0)
    counts = rng.poisson(expected * rng.normal(1, scatter, expected.shape)).astype(float)
    assert np.sqrt(relative_scatter(counts, expected)) == pytest.approx(scatter, abs=0.015)


def test_reference_measures_each_pixel_when_it_is_long() -> None:
    """Without scatter all pixels are alike; with much of it each has its own count."""
    counts = _alive(10000.0)
    expected = np.where(EXISTS, 10000.0, 0.0)
    smooth = reference_background(SMOOTH, counts, expected, *_known_shape(), 0.0)
    rough = reference_background(SMOOTH, counts, expected, *_known_shape(), 0.1)
    np.testing.assert_array_equal(smooth.efficiency, EXISTS)
    np.testing.assert_allclose(rough.efficiency[EXISTS], counts[EXISTS] / 10000, rtol=1e-3)
    assert rough.scatter_of_used == pytest.approx(1e-4, rel=0.01)


def test_reference_leaves_the_level_free() -> None:
    coefficients, covariance = _known_shape()
    reference = reference_background(SMOOTH, _alive(50.0), FIFTY, coefficients, covariance, 0.01)
    assert reference.stiffness is not None
    np.testing.assert_allclose(reference.stiffness @ coefficients, 0, atol=1e-6)
    bent = coefficients + np.eye(len(coefficients))[8]
    assert bent @ reference.stiffness @ bent > 1


def test_a_reference_keeps_its_own_scatter() -> None:
    counts, model = np.array([10.0, 30.0] * 8192), np.full(16384, 20.0)
    free = smooth_background(EXISTS).with_excess_of(counts, model)
    assert free.scatter_of_used == pytest.approx(0.2, rel=0.01)
    known = reference_background(SMOOTH, _alive(50.0), FIFTY, *_known_shape(), 0.01)
    assert known.with_excess_of(counts, model) is known


def test_silent_pixels_tell_nothing_of_the_scatter() -> None:
    """Pixels that may be silent by chance stay in use, dead or not."""
    counting = EXISTS.copy()
    counting[40:60] = False
    image = np.where(counting, 30.0, 0.0)
    health = PixelHealth(EXISTS, EXISTS & ~counting, dead=0.0, totals=image)
    counts = image[EXISTS]
    model = np.full(counts.shape, counts.mean())
    assert smooth_background(EXISTS).with_excess_of(counts, model).excess > 0.1
    assert background_of(health).with_excess_of(counts, model).excess == 0.0


def _known_shape() -> tuple[np.ndarray, np.ndarray]:
    number = len(smooth_shapes())
    return np.append(np.ones(8), np.zeros(number - 8)), 1e-3 * np.eye(number)
