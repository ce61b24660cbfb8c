"""The instrument ages as it did."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.analysis.energies import with_energies
from oda_widgets.archive.calibration import NO_CALIBRATION
from oda_widgets.archive.sample import SAMPLE_IDENTIFIER, SampleArchive
from oda_widgets.archive.simulated.background import (
    background_arrivals,
    background_density,
    background_of,
)
from oda_widgets.archive.simulated.detector import Detector, detector_of
from oda_widgets.archive.simulated.epoch import epoch_at
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.energies.quiet import quiet


@pytest.fixture(scope="module")
def real_window() -> WindowEvents:
    """Return the events of the real window, with energies calibrated on its lines."""
    events = SampleArchive().events(SAMPLE_IDENTIFIER)
    return with_energies(events, "lines", NO_CALIBRATION)


@pytest.mark.parametrize(
    ("ijd", "revolution", "live"), [(1170, 50, 0.776), (3006, 665, 0.691), (8320, 2559, 0.716)]
)
def test_the_live_fraction_is_that_of_real_windows(ijd: int, revolution: int, live: float) -> None:
    assert epoch_at(ijd, revolution).live_fraction == pytest.approx(live, abs=0.001)


def test_the_area_falls_until_revolution_1626_and_is_that_of_the_response_from_then_on() -> None:
    assert epoch_at(1356.0, 112).area == pytest.approx(1.0)
    assert epoch_at(5837.0, 1625).area == pytest.approx(0.894, abs=0.001)
    assert epoch_at(5839.0, 1626).area == 1.0


def test_more_pixels_are_dead_later_and_none_comes_back() -> None:
    early = detector_of(0, 100, epoch_at(1400.0, 100))
    late = detector_of(0, 2500, epoch_at(8200.0, 2500))
    exists = isgri.existing_pixels().ravel()
    assert np.mean(late.efficiency[exists] == 0) == pytest.approx(0.057, abs=0.006)
    assert np.all(late.efficiency[early.efficiency == 0] == 0)


def test_other_pixels_are_noisy_in_another_revolution() -> None:
    epoch = epoch_at(1400.0, 100)
    noisy = [detector_of(0, revolution, epoch).noisy for revolution in (100, 101)]
    assert noisy[0].mean() == pytest.approx(0.03, abs=0.006)
    assert not np.array_equal(*noisy)


def test_the_background_has_its_lines() -> None:
    bump = background_density(np.array([45.0, 59.0, 100.0, 115.0]))
    assert np.argmax(bump) == 1
    annihilation, beside = background_density(np.array([511.0, 650.0]))
    assert annihilation > 1.5 * beside


@pytest.mark.parametrize(
    "band", [(45, 60), (60, 80), (80, 100), (100, 150), (150, 300), (300, 1000)]
)
def test_the_background_is_that_of_the_real_window_with_right_energies(
    band: tuple[int, int], real_window: WindowEvents
) -> None:
    calm = real_window.energy[quiet(real_window.time)]
    place = real_window.detz.astype(int) * isgri.DETECTOR_SHAPE[1] + real_window.dety
    pixels = np.unique(place).size / isgri.WORKING_PIXELS
    seen = np.count_nonzero((calm >= band[0]) & (calm < band[1]))
    expected = background_density(np.arange(*band) + 0.5).sum() * real_window.ontime * pixels * 0.97
    assert seen == pytest.approx(expected, rel=0.02)


def test_the_shape_of_the_background_depends_on_energy() -> None:
    background = background_of(0)
    pixel = np.flatnonzero(isgri.existing_pixels()).astype(np.int32)
    soft, hard = (
        background.weight(pixel, np.full(len(pixel), energy, np.float32)) for energy in (20, 400)
    )
    assert soft.mean() == pytest.approx(1, abs=1e-3)
    assert 0.005 < np.std(soft / hard) < 0.2
    rims = isgri.module_rims().ravel()[pixel]
    assert soft[rims].mean() > 1.05 * soft[~rims].mean()


def test_background_events_follow_the_density_and_the_threshold() -> None:
    exists = isgri.existing_pixels().ravel().astype(np.float32)
    detector = Detector(exists, 30 * exists, 0 * exists)
    span = (8000.0, 8000.0 + 500 / 86400)
    events = background_arrivals(background_of(0), 1.0, span, detector, np.random.default_rng(1))
    energy = events.energy[events.energy > 0]
    assert energy.min() > 30
    for low, high in ((40, 60), (140, 160), (500, 520)):
        expected = background_density(np.arange(low, high) + 0.5).sum() * 500 * 0.97
        found = np.count_nonzero((energy >= low) & (energy < high))
        assert found == pytest.approx(expected, abs=5 * np.sqrt(expected))
