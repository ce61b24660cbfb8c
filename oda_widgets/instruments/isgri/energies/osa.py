"""Reconstruct energies as OSA 11 does, with the calibration tables of the ISDC.

The recorded pulse height and rise time are corrected by a gain and an offset of each pixel, which
depend on the temperature of its module, by module, and for the evolution of the detector; a table
gives the energy by height and rise time (Terrier et al. 2003, A&A 411, L167,
doi:10.1051/0004-6361:20031331; the steps are those of OSA 11's library dal3ibis_calib).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.energies.energy_table import RISE_TIMES, EnergyTable
from oda_widgets.instruments.isgri.energies.pulses import Pulses, module_of_pixel

USED_RISE_TIMES = (16, 116)
"""Corrected rise times of the events that OSA uses, both included."""

USUAL_TEMPERATURE = -8.0
"""Of a module whose temperature is not recorded, degrees Celsius."""

_ZERO = 273.0  # kelvin, as OSA rounds it
_BIAS = 1.2
"""Bias of the detectors relative to 100 V; OSA takes it as constant."""

_OFFSET_POWERS = np.array([-1.8, -2.0, -2.3, -2.7, -0.5, -2.4, -0.8, -0.5])
"""Power of the temperature in the offsets of each module."""


@dataclass(frozen=True)
class OsaTables:
    """OSA's calibration tables valid at a time.

    Parameters
    ----------
    pixels
        First four columns of ISGR-OFFS-MOD, shape (16384, 4): gain and offset of the height, gain
        and offset of the rise time.
    modules
        Columns of ISGR-MCEC-MOD, shape (8, 6): offset, gain and inverse gain of the height, offset
        and gain of the rise time, gain of the height with the rise time.
    times
        IJD of the rows of ISGR-L2RE-MOD, increasing, shape (n,), n of 2 or more.
    evolution
        Its columns, shape (n, 5): offset, gain and square gain of the height, offset and gain of
        the rise time.
    table
        ISGR-RISE-MOD.
    names
        Names of the tables with their versions.
    """

    pixels: Floats
    modules: Floats
    times: Floats
    evolution: Floats
    table: EnergyTable
    names: tuple[str, ...] = ()


def reconstruct(
    pulses: Pulses, time: Floats, tables: OsaTables, temperature: Floats
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return the energies and corrected rise times of events.

    Parameters
    ----------
    pulses
        The events.
    time
        Of the events, IJD days, shape (n_events,).
    tables
        OSA's calibration tables, valid at these times.
    temperature
        Mean temperature of each module in the window, degrees Celsius, shape (8,).

    Returns
    -------
    energy
        keV, shape (n_events,); zero where the tables give none.
    rise_time
        Corrected, 0 to 255 (OSA calls it ISGRI_PI), shape (n_events,).
    """
    energy = np.empty(len(pulses), np.float32)
    corrected = np.empty(len(pulses), np.uint8)
    pixels = _Pixels.of(tables.pixels, temperature)
    for piece, some in pulses.pieces():
        height, rise_time = pixels.applied(some)
        height, rise_time = _in_module(height, rise_time, tables.modules[some.module].T)
        height, rise_time = _at_time(height, rise_time, _evolution(tables, time[piece]))
        whole = np.clip(np.round(rise_time), 0, RISE_TIMES - 1).astype(np.uint8)
        energy[piece] = tables.table.look_up(height, whole)
        corrected[piece] = whole
    return energy, corrected


@dataclass(frozen=True)
class _Pixels:
    """Gains and offsets of the pixels at the temperature of a window, each of shape (16384,)."""

    height_gain: Floats
    height_offset: Floats
    rise_gain: Floats
    rise_offset: Floats

    @classmethod
    def of(cls, columns: Floats, temperature: Floats) -> Self:
        """Return them from the columns of the table and the temperature of each module."""
        module = module_of_pixel()
        warmth = ((temperature + _ZERO) / _ZERO)[module]
        return cls(
            2.0 * columns[:, 0] / 10.0 * warmth**-1.11 * _BIAS**-0.0832,
            2.0 * columns[:, 1] * warmth ** _OFFSET_POWERS[module] * _BIAS**0.0288,
            30.0 * columns[:, 2] / 100.0 * warmth**0.518 * _BIAS**0.583,
            20.0 * (columns[:, 3] + 2.0) * warmth**0.625 * _BIAS**0.530,
        )

    def applied(self, pulses: Pulses) -> tuple[Floats, Floats]:
        """Return the heights and rise times of events on a common scale of all pixels."""
        pixel = pulses.pixel
        height = pulses.height + pulses.random[0]
        rise_time = 2.0 * (pulses.rise_time + pulses.random[1]) / 2.4 + 5.0
        return (
            height * self.height_gain.take(pixel) + self.height_offset.take(pixel),
            rise_time * self.rise_gain.take(pixel) + self.rise_offset.take(pixel),
        )


def _in_module(height: Floats, rise_time: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """Apply the correction of each event's module, given as six numbers for each."""
    offset, gain, inverse_gain, rise_offset, rise_gain, mixed_gain = columns
    rise_time = rise_time * rise_gain + rise_offset
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(inverse_gain == 0, 0.0, 30.0 / height * inverse_gain)
    return offset + height * gain + inverse + rise_time * mixed_gain, rise_time


def _at_time(height: Floats, rise_time: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """Apply the evolution at each event's time, given as five numbers for each."""
    offset, gain, square_gain, rise_offset, rise_gain = columns
    return offset + gain * height + square_gain * height**2, rise_offset + rise_gain * rise_time


def _evolution(tables: OsaTables, time: Floats) -> Floats:
    """Return the columns of the evolution at times, linear between rows, shape (5, n_times)."""
    row = np.clip(np.searchsorted(tables.times, time, side="right") - 1, 0, len(tables.times) - 2)
    part = (time - tables.times[row]) / (tables.times[row + 1] - tables.times[row])
    before, after = tables.evolution[row].T, tables.evolution[row + 1].T
    columns: Floats = before + (after - before) * np.clip(part, 0.0, 1.0)
    return columns
