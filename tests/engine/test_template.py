"""Efficiencies of pixels, told by other windows."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.background import smooth_background
from oda_widgets.engine.template import PixelSums, with_efficiencies
from oda_widgets.instruments.isgri import detector as isgri

EXISTS = isgri.existing_pixels()
SMOOTH = smooth_background(EXISTS)


def _sums(scatter: float, level: float) -> tuple[PixelSums, np.ndarray]:
    rng = np.random.default_rng(51)
    truth = np.where(EXISTS, rng.normal(1, scatter, EXISTS.shape).clip(0.1), 0.0)
    expected = np.where(EXISTS, level, 0.0)
    return PixelSums(rng.poisson(expected * truth).astype(float)[None], expected[None]), truth


def test_efficiencies_are_as_sure_as_is_said() -> None:
    sums, truth = _sums(0.25, 100.0)
    background = with_efficiencies(SMOOTH, sums)
    error = (background.efficiency - truth)[EXISTS]
    assert np.mean(error**2 / background.scatter_of_used) == pytest.approx(1.0, abs=0.05)
    assert abs(error.mean()) < 0.002


def test_a_pixel_that_was_not_in_use_is_an_average_one() -> None:
    sums, _ = _sums(0.25, 100.0)
    sums.counts[0, 10, 10] = sums.expected[0, 10, 10] = 0.0
    background = with_efficiencies(SMOOTH, sums)
    assert background.efficiency[10, 10] == pytest.approx(1.0)
    assert np.sqrt(background.scatter[10, 10]) == pytest.approx(0.25, abs=0.02)


def test_pixels_that_are_alike_stay_alike() -> None:
    sums, _ = _sums(0.0, 100.0)
    assert with_efficiencies(SMOOTH, sums) is SMOOTH


def test_no_sums_tell_nothing() -> None:
    nothing = np.zeros((1, *EXISTS.shape))
    assert with_efficiencies(SMOOTH, PixelSums(nothing, nothing)) is SMOOTH


def test_known_scatter_is_not_counted_twice() -> None:
    sums, truth = _sums(0.25, 100.0)
    background = with_efficiencies(SMOOTH, sums)
    rng = np.random.default_rng(52)
    counts = rng.poisson(30.0 * truth).astype(float)
    measured = background.with_excess_of(counts[EXISTS], 30.0 * background.efficiency[EXISTS])
    assert measured.excess < 0.003
