"""Pulses: the pixels they were recorded in, and their random parts."""

from __future__ import annotations

import numpy as np

from oda_widgets.instruments.isgri.detector import existing_pixels
from oda_widgets.instruments.isgri.energies.pulses import Pulses, seed_of


def everywhere(seed: int = 5) -> Pulses:
    """Return one pulse in each pixel."""
    detz, dety = np.nonzero(existing_pixels())
    height = np.zeros(len(dety), np.int16)
    return Pulses(height, height.astype(np.uint8), dety.astype("u1"), detz.astype("u1"), seed)


def test_pixels_and_modules_are_numbered_as_osa_does() -> None:
    pulses = everywhere()
    y = pulses.dety.astype(int) - 2 * (pulses.dety >= 64)
    z = pulses.detz.astype(int) - 2 * (pulses.detz // 34)
    assert np.array_equal(pulses.pixel, 128 * y + z)
    assert np.array_equal(np.sort(pulses.pixel), np.arange(16384))
    assert np.array_equal(pulses.module, 7 - z // 32 - 4 * (y // 64))


def test_random_numbers_depend_on_window_and_row_alone() -> None:
    pulses = everywhere(seed_of("255900280010.001"))
    again = everywhere(seed_of("255900280010.001"))
    chosen = np.array([16000, 3, 77])
    for whole, some, repeated in zip(
        pulses.random, pulses[chosen].random, again.random, strict=True
    ):
        assert np.array_equal(whole[chosen], some)
        assert np.array_equal(whole, repeated)
    other = everywhere(seed_of("255900290010.001"))
    assert not np.any(pulses.random[0] == other.random[0])


def test_random_numbers_are_even_and_independent() -> None:
    number = 1_000_000
    column = np.zeros(number, np.uint8)
    first, second = Pulses(column.astype(np.int16), column, column, column, 9).random
    for values in (first, second):
        counts = np.histogram(values, 100, (-0.5, 0.5))[0]
        assert counts.sum() == number
        assert np.sum((counts - 1e4) ** 2 / 1e4) < 150  # chi2 of 99 degrees of freedom
        assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.005
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.005


def test_pieces_make_the_whole() -> None:
    pulses = everywhere()
    rows = np.concatenate([some.rows for _, some in pulses.pieces()])
    assert np.array_equal(rows, pulses.rows)
