"""Efficiencies in channels of pixels with thresholds that were drawn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from oda_widgets.arrays import Floats
from oda_widgets.engine.background import Background
from oda_widgets.engine.channel_efficiencies import channel_efficiencies
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.sensitivity import Sensitivity

ENERGY = np.arange(12.5, 64.0)
FLAT = np.ones_like(ENERGY)  # the usual spectrum: what a threshold hides is then plain
GROUPS = {"28-34": np.arange(28.0, 35.0), "24-28": np.arange(24.0, 29.0)}
COUNTS = 60.0  # of a pixel in the neighbours that measure it


def above(thresholds: Floats, low: float, high: float) -> Floats:
    """Return the part of a band above thresholds."""
    return np.clip((high - thresholds) / (high - low), 0.0, 1.0)


def drawn_thresholds(rng: np.random.Generator) -> Floats:
    return 29.5 + 4.2 * rng.standard_normal(isgri.existing_pixels().shape)


def sensitivity_of(thresholds: Floats, reach: float | None) -> Sensitivity:
    """Return the mean efficiencies of modules, as a science window measures them."""
    module = isgri.module_numbers()
    seen = (thresholds[..., None] < ENERGY).astype(float)
    curves = np.stack([seen[module == one].mean(axis=0) for one in range(module.max() + 1)])
    return Sensitivity(ENERGY, curves.astype(np.float32), module, 1.0, FLAT, reach=reach)


def mean_bends(sensitivity: Sensitivity, edges: Floats) -> Floats:
    """Return what the pixels of a module see of channels on average, over that of all of them."""
    whole = np.maximum(sensitivity.in_band(edges[0], edges[-1]), 1e-3)
    return np.stack([sensitivity.in_band(*pair) for pair in pairwise(edges)]) / whole


def background_of(efficiency: Floats, counts: float) -> Background:
    scatter = np.where(isgri.existing_pixels(), 1 / counts, 0.0)
    return Background(efficiency[None], efficiency, scatter)


@pytest.mark.parametrize("group", GROUPS)
def test_channels_are_right_for_pixels_that_see_little_too(group: str) -> None:
    rng, edges = np.random.default_rng(7), GROUPS[group]
    thresholds, exists = drawn_thresholds(rng), isgri.existing_pixels()
    sensitivity = sensitivity_of(thresholds, reach=0.1)
    truth = above(thresholds, edges[0], edges[-1])
    mean = sensitivity.in_band(edges[0], edges[-1])
    counted = rng.poisson(COUNTS * truth / np.maximum(mean, 1e-3))
    measured = np.where(exists, mean * (counted + 1) / (COUNTS + 1), 0.0)
    found = channel_efficiencies(sensitivity, edges, background_of(measured, COUNTS + 1))
    assert found is not None
    right = np.stack([above(thresholds, *pair) for pair in pairwise(edges)])
    own = found.reshape(right.shape) * measured
    assert own[:, exists].mean(axis=1) == pytest.approx(right[:, exists].mean(axis=1), rel=0.02)
    dim = exists & (measured < mean)
    by_means = measured * mean_bends(sensitivity, edges)
    errors = [(seen - right)[:, dim].mean(axis=1) for seen in (own, by_means)]
    assert np.abs(errors[0]).max() < np.abs(errors[1]).max() / 1.5


def test_pixels_that_nobody_measured_share_the_mean_of_their_module() -> None:
    edges = GROUPS["28-34"]
    sensitivity = sensitivity_of(drawn_thresholds(np.random.default_rng(8)), reach=0.1)
    mean = sensitivity.in_band(edges[0], edges[-1])
    found = channel_efficiencies(sensitivity, edges, background_of(mean, COUNTS))
    assert found is not None
    first = isgri.existing_pixels() & (isgri.module_numbers() == 0)
    assert np.ptp(found[:, first.ravel()], axis=1).max() < 1e-12


def test_nothing_bends_above_all_thresholds() -> None:
    sensitivity = sensitivity_of(drawn_thresholds(np.random.default_rng(9)), reach=0.1)
    assert channel_efficiencies(sensitivity, np.array([52.0, 54.0]), background_of(
        isgri.existing_pixels().astype(float), COUNTS)) is None  # fmt: skip
