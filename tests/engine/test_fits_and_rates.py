"""One linear fit behind images, spectra and light curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.engine.background import (
    healthy_pixels,
    relative_scatter,
    smooth_background,
    smooth_shapes,
)
from oda_widgets.engine.extract import RateEstimator
from oda_widgets.engine.locate import locate
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.instruments import isgri

USED = isgri.existing_pixels()
SOURCES = np.array([[0.01, -0.02], [0.06, 0.03]])
FLUXES = np.array([60.0, 25.0])
SECONDS = 1000.0
LEVEL = 12.0  # background counts per pixel


def expected() -> Any:
    """Return the counts that two sources and a flat background give on average."""
    scene = Scene(
        Shadowgram(np.zeros(isgri.DETECTOR_SHAPE), SECONDS), smooth_background(USED), SOURCES
    )
    return LEVEL * USED + scene.on_detector(FLUXES @ scene.shine(SOURCES))


def scene_of(counts: Any, seconds: float = SECONDS) -> Scene:
    return Scene(Shadowgram(counts, seconds), smooth_background(USED), SOURCES)


def drawn(seed: int) -> Any:
    return np.random.default_rng(seed).poisson(expected()).astype(float)


def test_without_noise_the_fit_finds_what_was_put_in() -> None:
    scene = scene_of(expected())
    assert np.allclose(scene.fluxes, FLUXES, rtol=1e-6)
    assert np.allclose(scene.fitted_background()[USED], LEVEL, rtol=1e-6)


def test_errors_are_those_that_repeated_observations_show() -> None:
    scenes = [scene_of(drawn(seed)) for seed in range(60)]
    pulls = np.array([(scene.fluxes - FLUXES) / scene.flux_errors for scene in scenes]).ravel()
    assert abs(pulls.mean()) < 3 / np.sqrt(len(pulls))
    assert pulls.std() == pytest.approx(1, abs=3 / np.sqrt(2 * len(pulls)))


@settings(deadline=None, max_examples=10)
@given(st.floats(0.1, 20))
def test_a_flux_is_per_second(factor: float) -> None:
    counts = drawn(1)
    assert np.allclose(scene_of(counts, SECONDS * factor).fluxes, scene_of(counts).fluxes / factor)


def test_bins_add_up_to_the_whole() -> None:
    """Counts dealt out to bins in any way give rates whose weighted sum is that of all counts."""
    counts = drawn(2)
    scene = scene_of(counts)
    estimator = RateEstimator.of(scene)
    dealt = np.random.default_rng(0).multinomial(counts[USED].astype(int), [0.2, 0.5, 0.3])
    seconds = SECONDS * np.array([0.1, 0.6, 0.3])
    rates = estimator.rates(estimator.matrix @ dealt, seconds, np.ones(3))
    assert np.allclose(rates.rate @ seconds, scene.fluxes * SECONDS)


def test_a_burst_has_the_error_of_a_burst() -> None:
    estimator = RateEstimator.of(scene_of(drawn(3)))
    quiet, burst = np.array([[0.0], [0.0], [0.0]]), np.array([[0.0], [5000.0], [0.0]])
    level = np.ones(1)
    calm = estimator.rates(quiet, 1.0, level).error[0, 0]
    assert estimator.rates(burst, 1.0, level).error[0, 0] > 1.5 * calm


def test_a_source_is_found_where_it_is() -> None:
    alone = scene_of(expected()).with_tangents(SOURCES[1:])
    start = SOURCES[0] + np.radians(4 / 60)
    place, significance = locate(alone, start)
    assert np.degrees(np.hypot(*(place - SOURCES[0]))) * 60 < 0.05
    assert significance > 20


def test_columns_that_repeat_each_other_share_their_flux() -> None:
    twice = scene_of(expected()).with_tangents(SOURCES[[0, 0, 1]])
    assert twice.fluxes[0] + twice.fluxes[1] == pytest.approx(FLUXES[0], rel=1e-4)


def test_pixels_that_scatter_are_noticed_and_those_that_do_not_are_not() -> None:
    rng = np.random.default_rng(4)
    mean = np.full(16000, 100.0)
    even = rng.poisson(mean).astype(float)
    rough = rng.poisson(mean * rng.normal(1, 0.1, mean.size)).astype(float)
    assert relative_scatter(even, mean) < 1e-4
    assert relative_scatter(rough, mean) == pytest.approx(0.01, rel=0.1)


def test_silent_and_noisy_pixels_are_left_out_and_shadowed_ones_kept() -> None:
    rng = np.random.default_rng(5)
    counts = rng.poisson(60.0, isgri.DETECTOR_SHAPE).astype(float) * USED
    counts[40:90, 70:120] *= 15  # a very bright source shines on a part of the detector
    counts[5:25, 10:40] = 0
    flagged = np.zeros(isgri.DETECTOR_SHAPE, np.int32)
    flagged[110, 100] = 1000
    healthy = healthy_pixels(counts, flagged)
    assert not healthy[5:25, 10:40].any()
    assert not healthy[110, 100]
    assert healthy.sum() == isgri.WORKING_PIXELS - 20 * 30 - 1


def test_a_smooth_background_can_follow_modules_and_gradients() -> None:
    z, y = np.mgrid[-1:1:134j, -1:1:130j]
    shape = (1 + 0.1 * z - 0.05 * y * z + 0.03 * (isgri.module_numbers() == 3)) * USED
    basis = smooth_shapes()[:, USED]
    fitted = np.linalg.lstsq(basis.T, shape[USED], rcond=None)[0] @ basis
    assert np.abs(fitted - shape[USED]).max() < 1e-9
