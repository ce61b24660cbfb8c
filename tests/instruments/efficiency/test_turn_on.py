"""Efficiencies measured from pixels' own spectra, against thresholds that were drawn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.efficiency.edge import BLURRED, OF_REAL_PIXELS, SHARP, Edge
from oda_widgets.instruments.isgri.efficiency.turn_on import BINS, energies, turn_on

Floats = NDArray[np.float64]


def drawn(
    thresholds: Floats, spectrum: Floats, brightness: Floats | float = 1.0
) -> NDArray[np.float32]:
    """Return counts of pixels that record nothing below their thresholds."""
    lowest = energies() - 0.5
    passed = np.clip(lowest + 1.0 - thresholds[:, None], 0.0, 1.0)
    expected = passed * spectrum * np.asarray(brightness).reshape(-1, 1)
    return np.random.default_rng(5).poisson(expected).astype(np.float32)


def drawn_with(shape: Edge, thresholds: Floats, level: float, seed: int = 7) -> NDArray[np.float32]:
    """Return counts of pixels that rise at their thresholds in one shape."""
    passed = np.maximum(shape.passed(energies() - thresholds[:, None]), shape.noise)
    return np.random.default_rng(seed).poisson(level * passed).astype(np.float32)


def seen(thresholds: Floats, low: float, high: float) -> float:
    """Return the true mean efficiency between energies."""
    at = np.arange(low, high, 0.1) + 0.05
    return float(np.mean(at > thresholds[:, None]))


def measured(
    counts: NDArray[np.float32],
    low: float,
    high: float,
    edge: Edge = SHARP,
    kinds: NDArray[np.intp] | None = None,
) -> float:
    """Return the mean efficiency between energies that counts show."""
    inside = (energies() > low) & (energies() < high)
    kinds = np.zeros(len(counts), np.intp) if kinds is None else kinds
    return float(turn_on(counts, (edge,), kinds)[0][:, inside].mean())


@pytest.mark.parametrize(("mean", "spread"), [(18.0, 2.0), (26.0, 4.0), (31.0, 4.5)])
@pytest.mark.parametrize("per_bin", [0.4, 3.0])
def test_mean_efficiency_of_drawn_thresholds(mean: float, spread: float, per_bin: float) -> None:
    thresholds = np.random.default_rng(2).normal(mean, spread, 16000)
    counts = drawn(thresholds, per_bin * np.linspace(1.5, 1.0, BINS))
    for band in ((mean - 3, mean + 3), (mean, mean + 8), (20, 40)):
        assert measured(counts, *band) == pytest.approx(seen(thresholds, *band), rel=0.03)


def test_a_spectrum_that_falls_to_low_energies_is_not_taken_for_thresholds() -> None:
    """All pixels alike see less there: nothing tells them apart, so they miss nothing."""
    spectrum = 2.0 * np.linspace(0.05, 1.0, BINS)
    counts = drawn(np.zeros(16000), spectrum, np.random.default_rng(3).normal(1, 0.1, 16000))
    assert measured(counts, 15, 64) == pytest.approx(1.0, abs=0.005)


def test_light_of_a_soft_source_on_half_of_the_pixels_is_not_taken_for_thresholds() -> None:
    thresholds = np.random.default_rng(4).normal(26.0, 4.0, 16000)
    lit = np.arange(16000) % 2
    soft = 6.0 * np.exp(-np.arange(BINS) / 15.0)
    counts = drawn(thresholds, 0.4 + soft * lit[:, None])
    found = measured(counts, 20, 40, kinds=lit.astype(np.intp))
    assert found == pytest.approx(seen(thresholds, 20, 40), rel=0.02)


@pytest.mark.parametrize("events", [4.0, 8.0, 25.0])
@pytest.mark.parametrize("light", [0.0, 1.0, 5.0])
def test_low_thresholds_hide_nothing_however_few_the_events(events: float, light: float) -> None:
    """In 300 to 1000 s up to 18 % of 20 to 40 keV seemed hidden by thresholds at 14 keV."""
    random = np.random.default_rng(8)
    lit = np.arange(16000) % 2
    flat, soft = np.full(BINS, 1.0 / BINS), np.exp(-np.arange(BINS) / 12.0)
    spectrum = events * (flat + light * lit[:, None] * soft / soft.sum())
    passed = BLURRED.passed(energies() - random.normal(14.0, 1.0, (16000, 1)))
    brightness = random.normal(1.0, 0.08, (16000, 1))
    counts = random.poisson(np.maximum(passed, 0.05) * spectrum * brightness).astype(np.float32)
    inside = (energies() > 20) & (energies() < 40)
    found = measured(counts, 20, 40, BLURRED, lit.astype(np.intp))
    one_window = 0.02 if events < 5 else 0.015
    assert found == pytest.approx(float(passed[:, inside].mean()), rel=one_window)


@pytest.mark.parametrize("shape", OF_REAL_PIXELS, ids=lambda shape: f"{shape.reach:g} keV")
def test_the_shape_of_thresholds_shows(shape: Edge) -> None:
    thresholds = np.random.default_rng(6).normal(24.0, 2.5, 16000)
    counts = drawn_with(shape, thresholds, 1.2)
    kinds = np.zeros(len(counts), np.intp)
    assert turn_on(counts, OF_REAL_PIXELS, kinds)[1] == shape


@pytest.mark.parametrize("width", [0.7, 1.0, 1.2])
@pytest.mark.parametrize(("mean", "spread"), [(17.0, 1.5), (28.0, 4.0)])
def test_rates_do_not_jump_from_window_to_window(mean: float, spread: float, width: float) -> None:
    """Windows of the same pixels chose another shape each, and rates differed by 5 to 16 %."""
    shape = Edge(width, 0.0005, smeared=True)
    thresholds = np.random.default_rng(6).normal(mean, spread, 16000)
    passed, inside = shape.passed(energies() - thresholds[:, None]), slice(8, 28)
    kinds = np.zeros(len(thresholds), np.intp)
    found = []
    for seed in range(4):
        counts = drawn_with(shape, thresholds, 0.5, seed)
        found.append(turn_on(counts, OF_REAL_PIXELS, kinds)[0][:, inside].mean())
    assert np.ptp(found) < 0.015 * np.mean(found)
    assert np.mean(found) == pytest.approx(float(passed[:, inside].mean()), rel=0.03)


def test_a_class_of_light_without_pixels_is_no_obstacle() -> None:
    thresholds = np.random.default_rng(2).normal(18.0, 2.0, 16000)
    counts = drawn(thresholds, np.full(BINS, 1.0))
    kinds = 3 * (np.arange(16000) % 2)
    found = measured(counts, 20, 40, kinds=kinds.astype(np.intp))
    assert found == pytest.approx(seen(thresholds, 20, 40), rel=0.02)
