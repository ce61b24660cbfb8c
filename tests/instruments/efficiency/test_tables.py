"""Thresholds and efficiencies of pixels by tables whose content is known."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.instruments.isgri.detector import DETECTOR_SHAPE, existing_pixels
from oda_widgets.instruments.isgri.efficiency.tables import (
    EfficiencyTable,
    channel_starts,
    thresholds_of,
    usual_threshold,
)
from oda_widgets.instruments.sensitivity import Sensitivity
from tests.archive.calibration_tree import made_efficiencies


def context(gain: int = 1, step: int = 10, status: int = 1) -> np.ndarray:
    return np.stack([np.full((128, 128), value) for value in (gain, step, status)])


def test_channels_are_those_of_osa_11() -> None:
    """Lower edge 12 keV, widths 0.5 (1 + round(0.054 k)): the first ten are half a keV wide."""
    starts = channel_starts()
    np.testing.assert_allclose(starts[:12], [12 + 0.5 * k for k in range(11)] + [18.0])
    assert len(starts) == 256
    assert np.all(np.diff(starts) > 0)


@pytest.mark.parametrize(
    ("gain", "of_most", "of_one"),
    [(0, 1.1834 * 10 + 1.6877, 1.0265 * 10 + 1.4435), (3, 1.2867 * 10 + 1.816, 12.858)],
)
def test_steps_of_a_threshold_are_energies(gain: int, of_most: float, of_one: float) -> None:
    """One module, with Z above 95 and Y below 64, has electronics of its own."""
    energy = thresholds_of(context(gain)).reshape(128, 128)
    assert energy[5, 100] == pytest.approx(of_one)
    for y, z in ((5, 90), (70, 100), (127, 127), (0, 0)):
        assert energy[y, z] == pytest.approx(of_most)


def test_pixels_that_are_off_or_noisy_have_no_threshold() -> None:
    assert not thresholds_of(context(status=0)).any()
    assert not thresholds_of(context(step=63)).any()
    planes = context()
    planes[2, 100, 7] = 0  # Z, Y
    assert np.flatnonzero(thresholds_of(planes) == 0).tolist() == [128 * 7 + 100]


def test_without_a_context_the_threshold_is_that_of_the_epoch() -> None:
    assert [usual_threshold(revolution) for revolution in (55, 56, 257)] == [18.2, 17.2, 15.3]


def test_the_efficiency_is_that_of_module_times_threshold_linear_in_energy() -> None:
    modules, by_threshold, known = made_efficiencies()
    table = EfficiencyTable(modules, by_threshold, known, "made")
    random = np.random.default_rng(1)
    thresholds = random.choice([15.0, 20.0, 30.0, 25.0, 0.0], 16384)
    curve = table.curve_of(thresholds)
    sensitivity = Sensitivity(
        energy=channel_starts(),
        curves=table.curves(),
        curve=curve,
        gain=1.0,
        usual=np.ones(256),
    )
    y, z = np.divmod(np.arange(16384), 128)
    detz, dety = z + 2 * (z // 32), y + 2 * (y // 64)
    starts = channel_starts()
    for channel, part in ((0, 0.0), (3, 0.25), (60, 0.5), (254, 0.9)):
        energy = starts[channel] + part * (starts[channel + 1] - starts[channel])
        measured = sensitivity.at(energy)
        for pixel in random.integers(0, 16384, 200):
            mce = 7 - z[pixel] // 32 - 4 * (y[pixel] // 64)
            index = {15.0: 0, 20.0: 1, 30.0: 2}.get(thresholds[pixel])
            expected = 0.0
            if index is not None:
                below, above = (
                    modules[mce, c] * by_threshold[index, c] for c in (channel, channel + 1)
                )
                expected = below + part * (above - below)
            assert measured[detz[pixel], dety[pixel]] == pytest.approx(expected, abs=1e-6)
    assert measured.shape == DETECTOR_SHAPE
    assert not measured[~existing_pixels()].any()
