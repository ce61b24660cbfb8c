"""OSA's reconstruction, against the same steps written out for one event at a time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.instruments.isgri.energies.energy_table import EnergyTable
from oda_widgets.instruments.isgri.energies.osa import OsaTables, reconstruct
from oda_widgets.instruments.isgri.energies.pulses import Pulses

POWERS = (-1.8, -2.0, -2.3, -2.7, -0.5, -2.4, -0.8, -0.5)
TEMPERATURE = np.array([-8.0, -5.5, 1.0, 4.2, -12.0, 0.0, -3.3, 6.0])


@pytest.fixture(scope="module")
def tables() -> OsaTables:
    random = np.random.default_rng(8)
    height, rise_time = np.arange(2048.0), np.arange(256.0)
    energy = 0.5 * height * (1 + 0.002 * (rise_time[:, None] - 30) + 1e-5 * height)
    energy[200:, :40] = -1.0  # tables have places without a value
    return OsaTables(
        pixels=random.normal([5.2, -1.0, 3.0, -0.5], [0.3, 0.4, 0.1, 0.1], (16384, 4)),
        modules=random.normal([1, 1, 0.5, 0.3, 1, 0.01], 0.02, (8, 6)),
        times=np.array([8317.0, 8320.64, 8322.0]),
        evolution=random.normal([2, 1.9, 1e-5, -1, 1.0], [0.1, 0.1, 1e-6, 0.1, 0.02], (3, 5)),
        table=EnergyTable(energy),
    )


def pulses_of(number: int) -> Pulses:
    random = np.random.default_rng(9)
    y, z = random.integers(0, 128, number), random.integers(0, 128, number)
    return Pulses(
        random.integers(0, 2048, number).astype(np.int16),
        random.integers(0, 128, number).astype(np.uint8),
        (y + 2 * (y // 64)).astype(np.uint8),
        (z + 2 * (z // 32)).astype(np.uint8),
        seed=10,
    )


def one_event(
    tables: OsaTables, pha: float, rise_time: float, y: int, z: int, ijd: float
) -> tuple[float, int]:
    """Reconstruct one event, step by step as energies of OSA 11 are."""
    mce = 7 - z // 32 - 4 * (y // 64)
    ratio, bias = (TEMPERATURE[mce] + 273.0) / 273.0, 1.2
    c1, c2, c3, c4 = tables.pixels[128 * y + z]
    rt = 2 * rise_time / 2.4 + 5
    rt = rt * (30 * c3 / 100) * ratio**0.518 * bias**0.583
    rt += 20 * (c4 + 2) * ratio**0.625 * bias**0.530
    pha = pha * (2 * c1 / 10) * ratio**-1.11 * bias**-0.0832
    pha += 2 * c2 * ratio ** POWERS[mce] * bias**0.0288
    offset, gain, gain2, rt_offset, rt_gain, rt_pha = tables.modules[mce]
    rt = rt * rt_gain + rt_offset
    pha = offset + pha * gain + (30 / pha) * gain2 + rt * rt_pha
    row = 0 if ijd < tables.times[1] else 1
    part = (ijd - tables.times[row]) / (tables.times[row + 1] - tables.times[row])
    offset, gain, gain2, rt_offset, rt_gain = (
        before + part * (after - before)
        for before, after in zip(tables.evolution[row], tables.evolution[row + 1], strict=True)
    )
    rt = rt_offset + rt_gain * rt
    pha = offset + gain * pha + gain2 * pha**2
    irt = min(max(math.floor(rt + 0.5), 0), 255)
    below = min(max(math.floor(pha), 0), 2046)
    lower, upper = tables.table.energy[irt][below], tables.table.energy[irt][below + 1]
    return max(float(lower + (upper - lower) * (pha - below)), 0.0), irt


def test_every_event_is_exact(tables: OsaTables) -> None:
    pulses = pulses_of(20_000)
    time = np.linspace(8320.62, 8320.66, len(pulses))
    energy, rise_time = reconstruct(pulses, time, tables, TEMPERATURE)
    first, second = pulses.random
    for row in range(len(pulses)):
        y, z = divmod(int(pulses.pixel[row]), 128)
        pha, rise = pulses.height[row] + first[row], pulses.rise_time[row] + second[row]
        truth, corrected = one_event(tables, pha, rise, y, z, time[row])
        assert rise_time[row] == corrected
        assert energy[row] == pytest.approx(truth, abs=1e-4, rel=1e-7)


def test_the_table_has_no_energy_below_zero(tables: OsaTables) -> None:
    negative = replace(tables, table=EnergyTable(np.full((256, 2048), -1.0)))
    pulses = pulses_of(1000)
    energy, _ = reconstruct(pulses, np.full(1000, 8320.65), negative, TEMPERATURE)
    assert np.all(energy == 0)


def test_it_is_the_same_to_the_bit_for_any_part_of_a_window(tables: OsaTables) -> None:
    pulses = pulses_of(5000)
    time = np.linspace(8320.62, 8320.66, len(pulses))
    chosen = np.arange(17, 4000, 7)
    whole, _ = reconstruct(pulses, time, tables, TEMPERATURE)
    part, _ = reconstruct(pulses[chosen], time[chosen], tables, TEMPERATURE)
    assert np.array_equal(whole[chosen], part)
