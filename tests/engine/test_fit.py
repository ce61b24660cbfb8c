"""The linear fit behind images, spectra and light curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.engine.fit import fit
from tests.engine.conftest import MakeScene

PIXELS = 400


@pytest.fixture
def columns() -> np.ndarray:
    """Give a flat background, a slope and a source."""
    rng = np.random.default_rng(7)
    return np.stack([np.ones(PIXELS), np.linspace(-1, 1, PIXELS), rng.random(PIXELS) < 0.5]).astype(
        float
    )


def test_exact_data_give_exact_coefficients(columns: np.ndarray) -> None:
    truth = np.array([20.0, 3.0, 7.0])
    done = fit(truth @ columns, columns, 2)
    np.testing.assert_allclose(done.coefficients, truth, rtol=1e-9)
    np.testing.assert_allclose(done.weights, 1 / (truth @ columns), rtol=1e-6)


def test_it_is_the_poisson_maximum_likelihood(columns: np.ndarray) -> None:
    """There the score X (D - M) / M vanishes; with weights from the data it would not."""
    counts = np.random.default_rng(8).poisson(np.array([5.0, 1.0, 2.0]) @ columns).astype(float)
    done = fit(counts, columns, 2)
    np.testing.assert_allclose(columns @ ((counts - done.model) / done.model), 0, atol=1e-2)


@pytest.mark.parametrize("scatter", [0.0, 0.04])
def test_errors_are_those_of_many_trials(columns: np.ndarray, scatter: float) -> None:
    rng = np.random.default_rng(9)
    expected = np.array([20.0, 3.0, 7.0]) @ columns
    pulls = []
    for _ in range(400):
        efficiency = rng.normal(1, np.sqrt(scatter), PIXELS)
        done = fit(rng.poisson(expected * efficiency).astype(float), columns, 2, scatter)
        pulls.append((done.coefficients - [20.0, 3.0, 7.0]) / done.errors)
    np.testing.assert_allclose(np.std(pulls, axis=0), 1, atol=0.11)
    np.testing.assert_allclose(np.mean(pulls, axis=0), 0, atol=0.2)


def test_columns_that_repeat_share_their_coefficient(columns: np.ndarray) -> None:
    done = fit(12.0 * columns[0], np.stack([columns[0], columns[0]]), 2)
    np.testing.assert_allclose(done.coefficients, [6.0, 6.0])


@settings(max_examples=25)
@given(st.floats(0.01, 100.0))
def test_a_flux_does_not_depend_on_its_unit(scale: float) -> None:
    columns = np.stack([np.ones(PIXELS), np.arange(PIXELS, dtype=float) % 2])
    counts = np.random.default_rng(10).poisson(9 + 4 * columns[1]).astype(float)
    plain = fit(counts, columns, 1)
    scaled = fit(counts, columns * np.array([[1.0], [scale]]), 1)
    assert scaled.coefficients[1] * scale == pytest.approx(plain.coefficients[1], rel=1e-6)
    assert scaled.errors[1] * scale == pytest.approx(plain.errors[1], rel=1e-6)


def test_stiffness_holds_the_shape(columns: np.ndarray) -> None:
    """A reference that knows that the slope is zero, and nothing of the level."""
    counts = np.random.default_rng(11).poisson(20 + 3 * columns[1]).astype(float)
    free = fit(counts, columns, 2)
    held = fit(counts, columns, 2, stiffness=np.diag([0.0, 1e9]))
    assert abs(free.coefficients[1]) > 5 * free.errors[1]
    assert held.coefficients[1] == pytest.approx(0, abs=1e-5)
    assert held.coefficients[0] == pytest.approx(free.coefficients[0], rel=0.05)
    assert held.errors[1] < 1e-4 * free.errors[1]


@pytest.mark.parametrize("level", [0.0, 0.0003])
def test_sources_without_background_have_errors_of_their_own(
    make_scene: MakeScene, level: float
) -> None:
    """Half of the fits of a background that is not there are below zero."""
    places, fluxes = [(0.01, -0.02), (0.05, 0.03)], np.array([3.0, 1.0])
    for seed in range(20):
        rng = np.random.default_rng(seed)
        scene = make_scene(places, list(fluxes), rng=rng, level=level, seconds=100.0)
        assert np.abs((scene.fluxes - fluxes) / scene.flux_errors).max() < 4.5
        assert scene.fit.model.sum() == pytest.approx(scene.shadowgram.counts.sum(), rel=0.05)
