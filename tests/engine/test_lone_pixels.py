"""Noisy pixels that no flag tells, in the fit of a band."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.engine.lone_pixels import stands_out
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram
from tests.engine.conftest import scene_of

PLACE, FLUX = (0.03, -0.02), 60.0


def _with_noise(scene: Scene, seed: int) -> tuple[Scene, np.ndarray]:
    """Return a scene with noise of two to a hundred times the background in one pixel of 100."""
    rng = np.random.default_rng([41, seed])
    noisy = scene.used & (rng.random(scene.used.shape) < 0.01)
    noise = noisy * np.exp(rng.uniform(np.log(60), np.log(2000), noisy.shape))
    counts = scene.shadowgram.counts + rng.poisson(noise)
    return replace(scene, shadowgram=Shadowgram(counts, scene.shadowgram.seconds)), noisy


def test_noisy_pixels_have_no_weight() -> None:
    scene = scene_of([PLACE], [FLUX], rng=np.random.default_rng(42))
    disturbed, noisy = _with_noise(scene, 0)
    measured = disturbed.with_measured_background()
    found = measured.on_detector(measured.noisy) > 0
    assert np.count_nonzero(found & noisy) > 0.97 * np.count_nonzero(noisy)
    assert np.count_nonzero(found & ~noisy) == 0
    assert measured.fit.weights[measured.noisy].max() < 1e-6 * measured.fit.weights.max()
    assert measured.background.excess < 0.002


def test_noisy_pixels_change_no_flux() -> None:
    scenes = [scene_of([PLACE], [FLUX], rng=np.random.default_rng(seed)) for seed in range(8)]
    disturbed = [_with_noise(scene, seed)[0] for seed, scene in enumerate(scenes)]
    measured = [scene.with_measured_background() for scene in disturbed]
    pulls = [(scene.fluxes[0] - FLUX) / scene.flux_errors[0] for scene in measured]
    assert np.abs(pulls).max() < 3.5
    quiet = scenes[0].with_measured_background().flux_errors[0]
    assert measured[0].flux_errors[0] < 1.03 * quiet


@pytest.mark.parametrize("place", [PLACE, (0.12, -0.1), (-0.2, 0.05), (0.02, 0.21)])
@pytest.mark.parametrize("flux", [60.0, 3000.0, 50_000.0])
def test_the_light_of_a_source_that_is_not_in_the_fit_is_no_noise(
    place: tuple[float, float], flux: float
) -> None:
    """At the rim, where thick elements let less than two pixels shine, few seem to be noisy.

    Once the source is in the fit none does.
    """
    scene = scene_of([place], [flux], rng=np.random.default_rng(43))
    lit = np.count_nonzero(scene.shine(scene.tangents) > scene.seen.max() / 2)
    without = scene.with_tangents(np.zeros((0, 2))).with_measured_background()
    assert np.count_nonzero(without.noisy) < 0.05 * lit
    assert np.count_nonzero(without.with_tangents(scene.tangents).with_measured_scatter().noisy) < 4


def test_two_noisy_pixels_beside_each_other_stand_out() -> None:
    counts = np.random.default_rng(44).poisson(30.0, (134, 130)).astype(float)
    counts[50, 50], counts[51, 51] = 500, 450
    found = stands_out(counts, np.sqrt(counts + 1))
    assert np.argwhere(found).tolist() == [[50, 50], [51, 51]]
