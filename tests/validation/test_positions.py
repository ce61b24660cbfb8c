"""The accuracy of positions of sources."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tests.photons.fields import Field, default_pointing, field_of, source_of
from tests.photons.sources import TracedSource
from tests.validation.asking import arcminutes, asked, drawn, match
from tests.validation.parallel import over
from tests.validation.results import Table

_NUMBER = 24  # sources of a field, half of them fully coded
_SPACING = 1.1  # degrees; the peaks of two sources do not touch


def test_positions(table: Callable[[str], Table]) -> None:
    offsets = np.concatenate(over(_offsets, range(22)))
    full, significance, distance = offsets.T
    chosen = (significance >= 10) & (significance <= 50)
    with table("Position of a source of 10 to 50 σ: 90 % of distances × SNR, arcminutes") as row:
        for zone, name, limit in ((1, "fully coded", 14.0), (0, "partially coded", 20.0)):
            inside = chosen & (full == zone)
            scaled = float(np.quantile((distance * significance)[inside], 0.9))
            row.below(f"{name}, {np.count_nonzero(inside)} trials", scaled, limit)


def _offsets(seed: int) -> NDArray[np.float64]:
    """Return rows of (fully coded, significance, distance in arcminutes) of one field."""
    field = drawn(_scattered, seed)
    with asked(field, 1000.0, seed) as one:
        found, _ = match(one.image().catalog, field)
    return np.array(
        [
            (
                source.name.startswith("full"),
                found[source.name].significance,
                arcminutes(found[source.name], source),
            )
            for source in field.sources
            if source.name in found
        ],
        float,
    ).reshape(-1, 3)


def _scattered(rng: np.random.Generator) -> Field:
    """Scatter faint sources over both parts of the field of view."""
    pointing = default_pointing()
    places: list[tuple[float, float]] = []
    sources: list[TracedSource] = []
    while len(sources) < _NUMBER:
        full = len(sources) < _NUMBER // 2
        y, z = (float(x) for x in rng.uniform(-1, 1, 2) * (3.8 if full else 9.0))
        outside = max(abs(y), abs(z)) > 5.0
        if full == outside or any(max(abs(y - a), abs(z - b)) < _SPACING for a, b in places):
            continue
        places.append((y, z))
        crabs = float(rng.uniform(0.03, 0.11) * (1 if full else 2))
        name = f"{'full' if full else 'part'} {len(sources)}"
        sources.append(source_of(name, pointing.sky_at(y, z), crabs))
    return field_of("scattered", sources, rng, pointing)
