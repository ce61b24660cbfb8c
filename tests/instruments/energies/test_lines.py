"""Energies calibrated on instrumental lines: events of a known detector get their energies back."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from oda_widgets.instruments.isgri.energies.health import health
from oda_widgets.instruments.isgri.energies.line_counts import LineCounts, line_counts
from oda_widgets.instruments.isgri.energies.lines import LineScale, calibrate
from oda_widgets.instruments.isgri.energies.pixel_gains import PixelGains, pixel_gains
from tests.instruments.energies.detector import Drawn, draw

LAWS = [(0.96, 12.0), (0.80, 6.0), (0.60, 1.0)]


def counts_of(drawn: Drawn) -> LineCounts:
    return line_counts(drawn.pulses, PixelGains.equal().level(drawn.pulses))


def scale_of(drawn: Drawn) -> LineScale:
    scale = calibrate(counts_of(drawn))
    assert scale is not None
    return scale


def energies_of(drawn: Drawn, gains: PixelGains | None = None) -> NDArray[np.float32]:
    height = (gains or PixelGains.equal()).level(drawn.pulses)
    scale = calibrate(line_counts(drawn.pulses, height))
    assert scale is not None
    return scale.apply(drawn.pulses, height)


@pytest.fixture(scope="module", params=LAWS)
def calibrated(request: pytest.FixtureRequest) -> tuple[Drawn, NDArray[np.float32]]:
    gain, offset = request.param
    drawn = draw(1_000_000, gain=gain, offset=offset)
    return drawn, energies_of(drawn)


@pytest.mark.parametrize(("low", "high"), [(50, 70), (90, 110), (145, 155), (250, 300), (500, 520)])
def test_events_get_their_energies_back(
    calibrated: tuple[Drawn, NDArray[np.float32]], low: float, high: float
) -> None:
    drawn, energy = calibrated
    for first, last in [(10, 20), (20, 34), (34, 50), (50, 80)]:
        rise_time = drawn.pulses.rise_time
        chosen = (drawn.truth > low) & (drawn.truth < high)
        chosen &= (rise_time >= first) & (rise_time < last)
        ratio = np.median(energy[chosen] / drawn.truth[chosen])
        assert ratio == pytest.approx(1.0, abs=0.025)


def test_the_bump_is_at_60_kev_at_every_rise_time(
    calibrated: tuple[Drawn, NDArray[np.float32]],
) -> None:
    drawn, energy = calibrated
    found = health(energy, drawn.pulses.rise_time)
    assert found.good
    assert [bump.energy for bump in found.bumps] == pytest.approx([60.0] * 6, abs=1.5)


def test_modules_are_brought_to_one_scale() -> None:
    modules = np.array([0.96, 1.0, 1.04, 0.98, 1.02, 1.03, 0.97, 1.0])
    drawn = draw(1_000_000, modules=modules)
    np.testing.assert_allclose(scale_of(drawn).module, modules / modules.mean(), atol=0.006)


def test_pixels_are_brought_to_one_scale_by_the_energies_of_the_archive() -> None:
    drawn = draw(2_000_000, pixel_spread=0.05)
    gains = pixel_gains(drawn.pulses, drawn.archive)
    line = (drawn.truth == 511.0) & (drawn.pulses.rise_time < 34)

    def spread(energy: NDArray[np.float32]) -> float:
        return float(np.std(energy[line]) / 511.0)

    assert spread(energies_of(drawn)) > 0.05
    assert spread(energies_of(drawn, gains)) < 0.035


def test_an_archive_without_energies_has_equal_pixels() -> None:
    drawn = draw(10_000)
    gains = pixel_gains(drawn.pulses, np.full(10_000, np.nan, np.float32))
    assert np.all(gains.gain == 1)
    assert np.all(gains.offset == 0)


def test_the_uncertainty_covers_what_is_wrong() -> None:
    energies = np.array([40.0, 60.0, 80.0, 100.0, 150.82, 250.0, 511.0])
    for gain, offset in LAWS:
        drawn = draw(1_000_000, gain=gain, offset=offset)
        scale = scale_of(drawn)
        got = scale.energies((energies - offset) / gain)[30]
        assert np.all(np.abs(got / energies - 1) < 2 * scale.uncertainty(energies))


def test_few_events_have_a_large_uncertainty_and_neighbours_help() -> None:
    few = counts_of(draw(3_000, seed=2))
    alone, helped = calibrate(few), calibrate(few + counts_of(draw(500_000, seed=3)))
    assert alone is not None
    assert helped is not None
    energy = np.array([60.0, 511.0])
    assert np.all(alone.uncertainty(energy) > helped.uncertainty(energy))
    assert alone.reference == pytest.approx(helped.reference, rel=0.06)


@pytest.mark.parametrize("number", [0, 10, 60])
def test_too_few_events_calibrate_nothing(number: int) -> None:
    assert calibrate(counts_of(draw(number))) is None


def test_a_spectrum_without_bump_calibrates_nothing() -> None:
    drawn = draw(1_000_000)
    flat = drawn.pulses[np.flatnonzero(drawn.truth > 90)]
    assert calibrate(line_counts(flat, PixelGains.equal().level(flat))) is None


def test_rise_times_that_osa_leaves_out_get_no_energy() -> None:
    drawn = draw(300_000)
    energy = energies_of(drawn)
    outside = drawn.pulses.rise_time > 80
    assert outside.any()
    assert np.all(energy[outside] == 0)
    assert np.all(energy[~outside & (drawn.pulses.height > 1)] > 0)
