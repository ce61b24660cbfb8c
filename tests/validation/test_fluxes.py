"""Sensitivity, and fluxes of sources at known positions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from tests.photons.fields import Field, one_source
from tests.validation.asking import BAND, asked, catalog_of, drawn, in_band, rate_of
from tests.validation.parallel import over
from tests.validation.results import Table

_FULLY_CODED = ((0.0, 0.0), (3.5, -3.0), (-2.0, 3.6), (-3.9, -3.7), (1.3, 0.4))
_HALF_CODED = ((6.5, 1.0), (-2.0, -7.5), (5.0, 5.0))  # coding 0.3 and more
_EDGE = ((10.0, -4.0), (-8.5, 7.5))  # coding 0.1 and more


def test_sensitivity(table: Callable[[str], Table]) -> None:
    ratios = over(_sensitivity, range(24))
    with table("50 mCrab on axis, 2 ks, 24 seeds") as row:
        row.above("SNR / [S/√(S+B)]", float(np.mean(ratios)), 0.86)


def test_flux_is_the_true_one(table: Callable[[str], Table]) -> None:
    with table("Flux of 20 Crab at a fixed position, difference from the truth in %") as row:
        for places, limit in ((_FULLY_CODED, 0.5), (_HALF_CODED, 1.0), (_EDGE, 2.0)):
            for place, (bias, error) in zip(places, over(_flux_bias, places), strict=True):
                where = f"({place[0]:g}°, {place[1]:g}°)"
                row.near_zero(f"{where}, statistical error {100 * error:.2f}", 100 * bias, limit)


def test_short_windows(table: Callable[[str], Table]) -> None:
    """So few counts that chance silences living pixels, beside the 6 % that are dead."""
    with table("Flux of 3 Crab in short windows, 12 seeds, difference from the truth in %") as row:
        for seconds in (40.0, 150.0):
            for what, measure in (("one band", _one_band), ("all energies", _all_energies)):
                found = np.array(over(partial(measure, seconds), range(12)))
                error = 100 * float(found[:, 1].mean()) / np.sqrt(len(found))
                where = f"{seconds:g} s, {what}, statistical error {error:.2f}"
                row.near_zero(where, 100 * float(found[:, 0].mean()), 2.0)


def _one_band(seconds: float, seed: int) -> tuple[float, float]:
    return _flux_of(
        in_band(one_source(np.random.default_rng([5, seed]), (1.3, 0.4), 3.0)), seconds, seed
    )


def _all_energies(seconds: float, seed: int) -> tuple[float, float]:
    return _flux_of(one_source(np.random.default_rng([5, seed]), (1.3, 0.4), 3.0), seconds, seed)


def _sensitivity(seed: int) -> float:
    """Return the significance of a weak source relative to the limit that photons set."""
    field = drawn(lambda rng: one_source(rng, crabs=0.05), seed)
    with asked(field, 2000.0, seed) as one:
        significance = one.image(catalog=catalog_of(field)).catalog["source"].significance
        counted = one.traced.is_good() & one.traced.is_within(*BAND)
        signal = np.count_nonzero(counted & one.traced.is_from("source"))
        return float(significance * np.sqrt(np.count_nonzero(counted)) / signal)


def _flux_bias(place: tuple[float, float]) -> tuple[float, float]:
    """Return flux / truth - 1, and its statistical error."""
    return _flux_of(in_band(one_source(np.random.default_rng(4), place, 20.0)), 1000.0, 4)


def _flux_of(field: Field, seconds: float, seed: int) -> tuple[float, float]:
    """Return flux / truth - 1 of its source, and its statistical error."""
    with asked(field, seconds, seed) as one:
        found = one.image(catalog=catalog_of(field)).catalog["source"]
    truth = rate_of(field.sources[0])
    return found.flux / truth - 1, found.flux_error / truth
