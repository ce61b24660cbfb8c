"""Simulate the shield of SPI: counts in bins of 50 ms, the same in every query.

Bins lie on one grid from IJD 0 on, and are drawn in blocks of some minutes with a seed each, so
that two queries agree on common bins.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from oda_widgets.archive.shield.base import ShieldData
from oda_widgets.archive.simulated.shield_bursts import burst_counts
from oda_widgets.arrays import Floats
from oda_widgets.errors import EmptySelection
from oda_widgets.products.shield import NATIVE_BIN, NOISE_FACTOR, ShieldCounts
from oda_widgets.provenance.code_version import code_version
from oda_widgets.request.numbers import whole_number
from oda_widgets.request.revolutions import (
    FIRST_REVOLUTION,
    LAST_REVOLUTION,
    revolution_start,
)
from oda_widgets.request.timespan import SECONDS_PER_DAY, isot_utc

_ORIGIN = "Simulated: background, noise, and real bursts at their times."
_BLOCK = 4096  # bins that are drawn together: 205 s
_SALT = 50_116  # separates these draws from others of the same seed
_SATURATED = 2.0 * (2**16 - 1)  # counts in a bin; our reading of even numbers up to 87,000
_FANO = NOISE_FACTOR**2  # variance over mean

# Background over the solar cycle, which modulates cosmic rays: (year, counts/s). Those of
# 2008-03-19 (1.156e5) and 2023-03-07 (9.06e4) are real; the others are ours, within 6e4 to 1.2e5.
_CYCLE = (
    (2002.8, 72e3), (2003.9, 66e3), (2006.0, 95e3), (2008.21, 115.6e3), (2009.8, 120e3),
    (2011.5, 96e3), (2014.2, 72e3), (2017.0, 98e3), (2019.9, 118e3), (2021.5, 109e3),
    (2023.18, 90.6e3), (2024.7, 66e3), (2025.2, 62e3),
)  # fmt: skip
_DAYS_PER_YEAR = 365.25
# The belts: the shield is off near the Earth, and counts more for some hours before and after.
_OFF_AFTER, _OFF_BEFORE = 0.04, 0.97  # phases of the revolution
_BELT_RISE, _BELT_LENGTH = 0.3, 0.012  # relative, and fraction of a revolution
# Drifts and flicker: (period in seconds, relative amplitude). Those of minutes and less give the
# excess scatter of bins of 5 s over that of 0.1 s around GRB 230307A.
_DRIFTS = (
    (61_000.0, 0.012), (17_300.0, 0.006), (5_900.0, 0.003), (1_730.0, 0.0015), (610.0, 0.0008),
    (97.0, 0.0005), (41.0, 0.0005), (23.0, 0.0006), (13.7, 0.0006), (7.9, 0.0005),
)  # fmt: skip


class SimulatedShield:
    """Counts of the shield from 2002 to 2025, outside the radiation belts.

    Parameters
    ----------
    seed
        Seed of the counts; level and bursts are the same for all seeds.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = whole_number("seed", seed, least=0)

    def data(self, start: float, stop: float) -> ShieldData:
        """Return the counts between two instants, IJD days.

        Raises
        ------
        EmptySelection
            If the simulated shield was off all the time.
        """
        scale = SECONDS_PER_DAY / NATIVE_BIN
        slack = 1e-3  # of a bin, for instants on the grid with rounding errors
        first = int(np.ceil(start * scale - slack))
        last = int(np.floor(stop * scale + slack))  # the first bin after the query
        blocks = range(first // _BLOCK, (last - 1) // _BLOCK + 1) if first < last else ()
        starts, counts = [], []
        for block in blocks:
            number = np.arange(block * _BLOCK, (block + 1) * _BLOCK)
            time = number / scale
            inside = (number >= first) & (number < last) & is_on(time)
            if inside.any():
                starts.append(time[inside])
                counts.append(self._block(block, time)[inside])
        if not starts:
            raise _off(start)
        found = ShieldCounts.native(np.concatenate(starts), np.concatenate(counts))
        return ShieldData(found, _ORIGIN, simulated=True)

    def are_simulated(self, _start: float, _stop: float) -> bool:
        """Return True."""
        return True

    def content(self, start: float, stop: float) -> str:
        """Return the digest of all inputs of the counts: times, seed and code."""
        origin = f"{start!r} {stop!r} {self.seed} {code_version(__name__)}"
        return hashlib.sha256(origin.encode()).hexdigest()

    def _block(self, block: int, time: Floats) -> Floats:
        """Return the counts of a block; `time` are the starts of its bins, IJD days."""
        random = np.random.default_rng([self.seed, _SALT, max(block, 0)])
        mean = level(time) * NATIVE_BIN + burst_counts(time, NATIVE_BIN)
        # Particles come in showers: the variance is Poisson's times a factor. Sums of such numbers
        # have the same distribution, so this holds for bins of any length.
        counts = random.negative_binomial(mean / (_FANO - 1), 1 / _FANO)
        even: Floats = np.minimum(2 * np.rint(counts / 2), _SATURATED)  # telemetry drops a bit
        return even


def level(time: Floats) -> Floats:
    """Return the noiseless background at times in IJD, counts per second."""
    years, rates = np.array(_CYCLE).T
    cycle = np.interp(time, (years - 2000) * _DAYS_PER_YEAR, rates)
    seconds = np.asarray(time) * SECONDS_PER_DAY
    drift = np.ones(np.shape(time))
    for number, (period, amplitude) in enumerate(_DRIFTS):
        drift += amplitude * np.sin(2 * np.pi * seconds / period + number)
    phase = _phase(time)
    nearest = np.minimum(np.abs(phase - _OFF_AFTER), np.abs(_OFF_BEFORE - phase))
    belts = 1 + _BELT_RISE * np.exp(-nearest / _BELT_LENGTH)
    found: Floats = cycle * drift * belts
    return found


def is_on(time: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return whether the shield counts at times in IJD."""
    phase = _phase(time)
    return (phase > _OFF_AFTER) & (phase < _OFF_BEFORE)


def _off(time: float) -> EmptySelection:
    """Return the error for a time without a whole bin."""
    starts = _starts()
    place = int(np.searchsorted(starts, time, side="right")) - 1
    if not 0 <= place < len(starts) - 1:
        problem = "INTEGRAL did not observe in this time."
        return EmptySelection(problem, "Choose a time from 2002-10-17 to 2025-02-28.")
    begin, length = float(starts[place]), float(starts[place + 1] - starts[place])
    on = isot_utc(begin + _OFF_AFTER * length, 0), isot_utc(begin + _OFF_BEFORE * length, 0)
    problem = "The shield has no bin in this time: it is off in the radiation belts."
    return EmptySelection(problem, f"In this revolution it is on from {on[0]} to {on[1]} UTC.")


def _phase(time: Floats) -> Floats:
    """Return the phase in the revolution, 0 to 1 near the Earth; 0 outside the mission."""
    starts = _starts()
    place = np.searchsorted(starts, time, side="right") - 1
    inside = (place >= 0) & (place < len(starts) - 1)
    place = np.clip(place, 0, len(starts) - 2)
    phase = (time - starts[place]) / (starts[place + 1] - starts[place])
    return np.where(inside, phase, 0.0)


@cache
def _starts() -> Floats:
    found = [revolution_start(number) for number in range(FIRST_REVOLUTION, LAST_REVOLUTION + 1)]
    return np.array([*found, found[-1] + (found[-1] - found[-2])])
