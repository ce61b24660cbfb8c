"""The health of energies: the bump of the background at 60 keV at every rise time."""

from __future__ import annotations

import re

import numpy as np
import pytest

from oda_widgets.instruments.isgri.energies.health import Health, health


def drawn(shift: float = 0.0, slope: float = 0.0, number: int = 300_000) -> Health:
    """Return the health of a bump at 60 keV + shift, which moves with rise time."""
    random = np.random.default_rng(4)
    rise_time = random.integers(7, 81, number).astype(np.uint8)
    bump = random.normal(60 + shift + slope * (rise_time - 40.0), 8.0)
    energy = np.where(random.random(number) < 0.4, bump, 30 + random.exponential(140, number))
    return health(energy.astype(np.float32), rise_time)


def test_right_energies_are_good() -> None:
    found = drawn()
    assert found.good
    assert [bump.energy for bump in found.bumps] == pytest.approx([60.0] * 6, abs=1.0)


@pytest.mark.parametrize(("shift", "slope"), [(8.0, 0.0), (-7.0, 0.0), (0.0, 0.3), (25.0, 0.6)])
def test_wrong_energies_are_not(shift: float, slope: float) -> None:
    found = drawn(shift, slope)
    assert found.known
    assert not found.good


def test_the_health_is_stated_in_words() -> None:
    assert re.fullmatch(
        r"background bump of tungsten and lead at (59|60)\.\d to (59|60)\.\d keV", str(drawn())
    )
    assert "too few events" in str(drawn(number=300))


def test_few_events_are_not_judged() -> None:
    assert not drawn(number=300).known
    assert not drawn(number=300).good


def test_energies_that_are_none_are_left_out() -> None:
    energy = np.array([0, np.nan, np.inf, -5, 1e30], np.float32)
    assert not health(energy, np.full(5, 20, np.uint8)).known


@pytest.mark.parametrize(("shift", "good"), [(0.0, True), (12.0, False)])
@pytest.mark.parametrize("rise_times", [(30,), (10, 30)])
def test_the_rise_times_that_there_are_suffice(
    rise_times: tuple[int, ...], shift: float, *, good: bool
) -> None:
    """Simulators may give all events one rise time, and some stray events another."""
    rng = np.random.default_rng(3)
    energy = rng.normal(60 + shift, 8, 100_000).astype(np.float32)
    rise_time = rng.choice(rise_times, 100_000).astype(np.uint8)
    rise_time[:20] = 50
    found = health(energy, rise_time)
    assert found.known
    assert found.good == good


@pytest.mark.parametrize(
    ("shift", "slope", "blend"),
    [(0.0, 0.0, 0.0), (8.0, 0.0, 8 / 60), (-7.0, 0.0, 7 / 60), (8.0, 0.3, 0.0)],
    ids=["right", "above", "below", "by rise time"],
)
def test_a_bump_that_is_off_at_all_rise_times_may_be_another_blend(
    shift: float, slope: float, blend: float
) -> None:
    assert drawn(shift, slope).blend == pytest.approx(blend, abs=0.02)


def with_line(bump: float, line: float, gain: float = 1.0, slope: float = 0.0) -> Health:
    """Return the health of a background with a bump and a line at some energies, keV."""
    random, number = np.random.default_rng(4), 300_000
    rise_time = random.integers(7, 81, number).astype(np.uint8)
    energy = 30 + random.exponential(140, number)
    kind = random.random(number)
    energy = np.where(kind < 0.4, random.normal(bump + slope * (rise_time - 40.0), 8.0), energy)
    energy = np.where(kind > 0.985, random.normal(line, 0.036 * line, number), energy)
    return health((gain * energy).astype(np.float32), rise_time)


@pytest.mark.parametrize("bump", [67.0, 70.0, 74.0])
def test_right_energies_with_another_blend_are_told_by_the_line_at_511_kev(bump: float) -> None:
    found = with_line(bump, 511.0)
    assert not found.good
    assert found.is_another_blend


@pytest.mark.parametrize("gain", [0.85, 0.9, 1.12, 1.2])
def test_a_wrong_gain_is_no_blend(gain: float) -> None:
    found = with_line(60.0, 511.0, gain)
    assert not found.good
    assert not found.is_another_blend


def test_energies_that_differ_by_rise_time_are_no_blend() -> None:
    assert not with_line(68.0, 511.0, slope=0.3).is_another_blend


def test_a_bump_where_no_blend_can_put_it_is_none() -> None:
    assert not with_line(85.0, 511.0).is_another_blend


def test_without_the_line_nothing_tells() -> None:
    assert drawn(8.0).blend > 0
    assert not drawn(8.0).is_another_blend
