"""Usable pixels, and the probability that silent ones are alive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.engine.background import background_of
from oda_widgets.engine.pixel_health import health_of
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.instruments.isgri import detector as isgri

EXISTS = isgri.existing_pixels()
NONE_FLAGGED = np.zeros(isgri.DETECTOR_SHAPE, np.int32)
DEAD = (slice(40, 60), slice(20, 60))


def _counts(level: float | np.ndarray, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).poisson(level * EXISTS).astype(float)


def test_silent_pixels_are_left_out_if_every_living_one_would_count() -> None:
    counts = _counts(20.0)
    counts[DEAD] = 0
    np.testing.assert_array_equal(health_of(counts, NONE_FLAGGED).used, EXISTS & (counts > 0))


@pytest.mark.parametrize("level", [1.0, 3.0, 6.0])
def test_dead_pixels_are_told_from_silent_ones_by_their_number(level: float) -> None:
    """One in three, in twenty, in 400 living pixels is silent by chance."""
    counts = _counts(level)
    silent_by_chance = np.count_nonzero(EXISTS & (counts == 0))
    counts[DEAD] = 0
    health = health_of(counts, NONE_FLAGGED)
    expected = np.full(np.count_nonzero(health.used), level)
    alive = health.alive(expected, counts[health.used], health.used).sum()
    assert alive == pytest.approx(silent_by_chance, rel=0.2, abs=15)


def test_a_silent_pixel_is_dead_where_a_source_shines() -> None:
    level = np.where(np.indices(isgri.DETECTOR_SHAPE)[1] % 2, 8.0, 0.5)
    counts = _counts(level)
    counts[DEAD] = 0
    health = health_of(counts, NONE_FLAGGED)
    expected = level[health.silent]
    alive = health.alive(level[health.used], counts[health.used], health.used)
    assert alive[expected > 1].max() < 0.05
    assert alive[expected < 1].min() > 0.8


@pytest.mark.parametrize("outside", [(5.4, 0.0), (1.0, 4.0)], ids=["alike", "of the source"])
def test_counts_outside_the_image_are_used_as_pixels_show_them(
    outside: tuple[float, float],
) -> None:
    lit = np.where(np.indices(isgri.DETECTOR_SHAPE)[1] % 2, 1.5, 0.3)
    whole = lit + outside[0] + outside[1] * lit
    image = _counts(lit)
    totals = image + _counts(outside[0] + outside[1] * lit, 5)
    image[DEAD] = totals[DEAD] = 0
    health = health_of(totals, NONE_FLAGGED)
    used = health.used
    alive = health.alive(lit[used], image[used], used)
    known = replace(health, totals=image).alive(whole[used], image[used], used)
    np.testing.assert_allclose(alive, known, rtol=0.1, atol=0.01)


def test_pixels_that_an_image_leaves_out_do_not_count() -> None:
    counts = _counts(2.0)
    counts[DEAD] = 0
    health = health_of(counts, NONE_FLAGGED)
    some = health.used.copy()
    some[100:] = False
    expected = np.full(EXISTS.shape, 2.0)
    alive = health.alive(expected[some], counts[some], some)
    of_all = health.alive(expected[health.used], counts[health.used], health.used)
    assert len(alive) == np.count_nonzero(health.silent & some)
    assert alive.mean() == pytest.approx(of_all.mean(), abs=0.15)


@pytest.mark.parametrize("elsewhere", [0.0, 1.5], ids=["all its light", "part of it"])
@pytest.mark.parametrize("level", [0.7, 2.0, 6.0])
def test_dead_pixels_take_nothing_from_a_source(level: float, elsewhere: float) -> None:
    """One in seventeen is dead; left in, they would take 6 % of its flux."""
    rng = np.random.default_rng(8)
    dead = EXISTS & (rng.random(EXISTS.shape) < 0.06)
    direction = np.array([[0.02, 0.03]])
    empty = Scene(
        Shadowgram(np.zeros(EXISTS.shape), 100.0),
        background_of(health_of(EXISTS * 100.0, NONE_FLAGGED)),
        direction,
    )
    shadow = empty.on_detector(400.0 * empty.shine(direction)[0])
    ratios = []
    for seed in range(8):
        counts = _counts((level + shadow) * ~dead, seed)
        totals = counts + _counts(elsewhere * shadow * ~dead, seed + 50)
        background = background_of(health_of(totals, NONE_FLAGGED))
        scene = replace(empty, shadowgram=Shadowgram(counts, 100.0), background=background)
        ratios.append((scene.fluxes[0] - 400.0) / scene.flux_errors[0])
    assert abs(np.mean(ratios)) < 3 / np.sqrt(len(ratios))


def test_noisy_pixels_are_left_out() -> None:
    counts, flagged = _counts(30.0), NONE_FLAGGED.copy()
    flagged[10, 10], flagged[12, 12] = 100, 5
    used = health_of(counts, flagged).used
    assert not used[10, 10]
    assert used[12, 12]


def test_noise_that_nobody_flagged_is_seen_beside_the_pixels_around() -> None:
    counts = _counts(30.0)
    counts[10, 10], counts[12, 12] = 200, 45
    used = health_of(counts, NONE_FLAGGED).used
    assert not used[10, 10]
    assert used[12, 12]
    assert np.count_nonzero(used) == np.count_nonzero(EXISTS) - 1


def test_pixels_behind_one_open_element_are_not_noisy() -> None:
    """It is more than two pixels wide: none of them is alone."""
    level = np.full(EXISTS.shape, 20.0)
    level[20:23, 20:23] = np.outer([0.7, 1.0, 0.7], [0.5, 1.0, 0.9]) * 2000 + 20
    assert health_of(_counts(level), NONE_FLAGGED).used[20:23, 20:23].all()


def test_shadow_of_a_bright_source_is_no_defect() -> None:
    """Pixels in the shadow of 50 Crab count a fiftieth of the others."""
    level = np.where(np.indices(isgri.DETECTOR_SHAPE).sum(axis=0) % 2, 1000.0, 20.0)
    np.testing.assert_array_equal(health_of(_counts(level, 3), NONE_FLAGGED).used, EXISTS)
