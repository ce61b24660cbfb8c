"""Maps of empty fields, which hold background only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.engine.imaging import image_window
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.request.energy import EnergyBand
from tests.photons.fields import empty
from tests.photons.observation import Gap
from tests.validation.asking import BAND, Asked, asked, drawn, with_scatter
from tests.validation.maps import MapStatistics, pooled
from tests.validation.parallel import over
from tests.validation.results import Table

_DAY = 86400.0


@dataclass(frozen=True)
class _Measured:
    statistics: MapStatistics
    fakes: int


def test_empty_fields(table: Callable[[str], Table]) -> None:
    fields = over(_empty, range(24))
    with table("Empty fields, 2 ks, 24 seeds") as row:
        _judge(row, fields)
        row.near_zero("lowest significance", min(f.statistics.lowest for f in fields), 5.5)


def test_calibration_has_nothing_to_do(table: Callable[[str], Table]) -> None:
    factors = np.array(over(_noise, range(100, 106)))
    with table("Factor of noise beyond counting statistics, empty fields") as row:
        row.between("mean over the maps", float(factors.mean()), 0.995, 1.015)
        row.below("largest in any zone of six maps", float(factors.max()), 1.06)


def test_rough_detector(table: Callable[[str], Table]) -> None:
    fields = over(_rough, range(8))
    with table("Empty fields, pixel efficiencies scatter by 11 %, 8 seeds") as row:
        _judge(row, fields)


def test_short_windows_with_gaps(table: Callable[[str], Table]) -> None:
    fields = over(_short, range(8))
    with table("Empty fields, 500 s with two gaps and a surge in one, 8 seeds") as row:
        _judge(row, fields)


def test_intervals_of_a_window(table: Callable[[str], Table]) -> None:
    for part in (0.02, 0.45):
        fields = over(_of_part, [(part, seed) for seed in range(8)])
        with table(f"Empty fields, intervals of {100 * part:g} % of 2 ks, 8 seeds") as row:
            _judge(row, fields)


def _judge(row: Table, fields: list[_Measured]) -> None:
    statistics = [field.statistics for field in fields]
    for zone, name, low, high in (
        (0, "fully coded", 0.97, 1.03),
        (1, "partially coded", 0.95, 1.05),
    ):
        mean, deviation = pooled(statistics, zone)
        row.near_zero(f"significance, {name}: mean", mean, 0.05)
        row.between(f"significance, {name}: standard deviation", deviation, low, high)
    row.below("highest significance", max(one.highest for one in statistics), 5.5)
    row.below("spurious detections above 6 σ", sum(field.fakes for field in fields), 0)


def _empty(seed: int) -> _Measured:
    with asked(drawn(empty, seed), 2000.0, seed) as one:
        return _measured(one, None)


def _rough(seed: int) -> _Measured:
    with asked(with_scatter(drawn(empty, seed), 0.11, seed), 2000.0, seed) as one:
        return _measured(one, None)


def _short(seed: int) -> _Measured:
    gaps = [Gap(120.0, 160.0, surge=3.0), Gap(300.0, 310.0)]
    with asked(empty(np.random.default_rng([1, seed])), 500.0, seed, gaps) as one:
        return _measured(one, None)


def _of_part(case: tuple[float, int]) -> _Measured:
    part, seed = case
    with asked(drawn(empty, seed), 2000.0, seed) as one:
        start = one.field.pointing.start
        # Two pieces, so that the background comes from before, between and after them.
        pieces = [
            (start + first / _DAY, start + (first + 1000.0 * part) / _DAY)
            for first in (200.0, 1100.0)
        ]
        return _measured(one, pieces)


def _measured(one: Asked, intervals: list[tuple[float, float]] | None) -> _Measured:
    image = one.image(intervals=intervals)
    fakes = len(image.catalog.brighter_than(6.0))
    return _Measured(MapStatistics.of(image, one.field), fakes)


def _noise(seed: int) -> tuple[float, float, float]:
    """Return the lowest, mean and highest factor of a map."""
    with asked(drawn(empty, seed), 2000.0, seed) as one:
        events = IsdcArchive(one.root).events(one.windows[0])
        image = image_window(events, EnergyBand(*BAND), events.good_time, (), SkyGrid(2), 6.0)
    factor = image.maps.noise[np.isfinite(image.maps.flux)]
    return float(factor.min()), float(factor.mean()), float(factor.max())
