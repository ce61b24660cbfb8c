"""Bright sources: their residuals, and the sources that they hide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.photons.fields import (
    Field,
    bright_and_faint,
    crab,
    default_pointing,
    field_of,
    ghost_pair,
    source_of,
)
from tests.validation.asking import asked, drawn, match, rate_of, sources_in_band, with_scatter
from tests.validation.maps import MapStatistics, pooled
from tests.validation.parallel import over
from tests.validation.results import Table


@dataclass(frozen=True)
class _Measured:
    """Measurements of a field: its map, its found and missed sources, and the errors of fluxes."""

    statistics: MapStatistics
    fakes: int
    found: dict[str, bool]
    pulls: dict[str, float]


def test_one_crab(table: Callable[[str], Table]) -> None:
    fields = over(_one_crab, range(10))
    with table("1 Crab cleaned, 1 ks, 10 seeds") as row:
        _judge_maps(row, fields, 0.95, 1.05)


def test_one_crab_on_a_rough_detector(table: Callable[[str], Table]) -> None:
    fields = over(_rough_crab, range(6))
    with table("1 Crab cleaned, pixel efficiencies scatter by 11 %, 6 seeds") as row:
        _judge_maps(row, fields, 0.95, 1.05)


def test_fifty_crab(table: Callable[[str], Table]) -> None:
    fields = over(_fifty_crab, range(8))
    with table("50 Crab and four sources of 50 to 200 mCrab, 1 ks, 8 seeds") as row:
        _judge_maps(row, fields, 0.9, 1.1)
        row.below("spurious detections above 6 σ", sum(field.fakes for field in fields), 0)
        found = [hit for field in fields for name, hit in field.found.items() if name != "bright"]
        row.above("faint sources found, of 32", sum(found), 32)
        pulls = [abs(pull) for field in fields for pull in field.pulls.values()]
        row.below(
            "largest difference of a flux from the truth, errors of the rates included, σ",
            max(pulls),
            3.5,
        )


def test_bright_source_at_the_edge(table: Callable[[str], Table]) -> None:
    fields = over(_at_the_edge, range(6))
    with table("20 Crab, 20 % coded, beside two of 100 mCrab, 500 s, 6 seeds") as row:
        _judge_maps(row, fields, 0.95, 1.05)
        row.below("spurious detections above 6 σ", sum(field.fakes for field in fields), 0)
        row.above("sources found, of 18", sum(sum(f.found.values()) for f in fields), 18)


def test_source_on_the_ghost_of_another(table: Callable[[str], Table]) -> None:
    fields = over(_ghost_pair, range(24))
    pulls = np.array([field.pulls["on ghost"] for field in fields if field.found["on ghost"]])
    with table("50 mCrab on the ghost of 1 Crab, 2 ks, 24 seeds") as row:
        row.above(
            "found, %", 100 * float(np.mean([field.found["on ghost"] for field in fields])), 95
        )
        row.below("spurious detections above 6 σ", sum(field.fakes for field in fields), 0)
        row.near_zero(
            "bias of the flux, σ of the mean", float(pulls.mean() * np.sqrt(len(pulls))), 3.0
        )


def _judge_maps(row: Table, fields: list[_Measured], low: float, high: float) -> None:
    statistics = [field.statistics for field in fields]
    for zone, name in ((0, "fully coded"), (1, "partially coded")):
        deviation = pooled(statistics, zone)[1]
        row.between(f"significance, {name}: standard deviation", deviation, low, high)
    row.below("highest significance", max(one.highest for one in statistics), 5.5)
    row.near_zero("lowest significance", min(one.lowest for one in statistics), 5.5)


def _one_crab(seed: int) -> _Measured:
    return _measured(drawn(crab, seed), 1000.0, seed)


def _rough_crab(seed: int) -> _Measured:
    return _measured(with_scatter(drawn(crab, seed), 0.11, seed), 1000.0, seed)


def _fifty_crab(seed: int) -> _Measured:
    """Measure a field in which the faintest source has 10 standard deviations.

    In 500 s it has 7, and the photons do not tell it from its ghosts: half of the detector is
    flooded, and over the other half the shadows of the two agree to 82 %.
    """
    field = bright_and_faint(np.random.default_rng([1, seed]))
    return _measured(sources_in_band(field), 1000.0, seed)


def _at_the_edge(seed: int) -> _Measured:
    pointing = default_pointing()
    table = (("bright", 9.0, -8.0, 20.0), ("one", 1.0, 1.0, 0.1), ("two", -3.0, 2.0, 0.1))
    sources = [source_of(name, pointing.sky_at(y, z), crabs) for name, y, z, crabs in table]
    field = field_of("edge", sources, np.random.default_rng([1, seed]), pointing)
    return _measured(sources_in_band(field), 500.0, seed)


def _ghost_pair(seed: int) -> _Measured:
    place = np.random.default_rng([3, seed]).uniform((-5.0, -3.5), (-2.0, 3.5))
    return _measured(
        drawn(lambda rng: ghost_pair(rng, (float(place[0]), float(place[1]))), seed), 2000.0, seed
    )


def _measured(field: Field, duration: float, seed: int) -> _Measured:
    with asked(field, duration, seed) as one:
        image = one.image()
    found, fakes = match(image.catalog, field)
    shared = image.observation.rates_error  # of the efficiencies: 0.1 %, which 50 Crab feel
    errors = {name: np.hypot(one.flux_error, one.flux * shared) for name, one in found.items()}
    return _Measured(
        MapStatistics.of(image, field),
        sum(fake.significance > 6 for fake in fakes),
        {source.name: source.name in found for source in field.sources},
        {
            source.name: (found[source.name].flux - rate_of(source)) / errors[source.name]
            for source in field.sources
            if source.name in found
        },
    )
