"""Pixels of very different efficiency, which the other windows of an archive tell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.photons.fields import CENTRE, Field, dither, one_source
from tests.validation.asking import BAND, Asked, catalog_of, drawn, rate_of, several, with_scatter
from tests.validation.maps import MapStatistics, pooled
from tests.validation.results import Table

_WINDOWS = 8
_SECONDS = 1000.0
_SCATTER = 0.25  # as the real detector has between 28 and 80 keV


def test_rough_detector_in_many_windows(table: Callable[[str], Table]) -> None:
    field = with_scatter(drawn(lambda rng: one_source(rng, crabs=0.2), 7), _SCATTER, 7)
    views = [field.seen_from(pointing) for pointing in dither(CENTRE, number=_WINDOWS)]
    with several(views[:1], _SECONDS, 7) as one:
        alone = _flux_and_error(one, one.windows[0])
    with several(views, _SECONDS, 7) as many:
        fluxes = np.array([_flux_and_error(many, window) for window in many.windows])
        statistics = [_statistics(many, *pair) for pair in zip(many.windows, views, strict=True)]
        mosaic = many.image(catalog_of(field))
    pulls = (fluxes[:, 0] - rate_of(field.sources[0])) / fluxes[:, 1]
    empty = mosaic.significance[np.abs(mosaic.significance) < 5.5].astype(float)
    heading = f"{_WINDOWS} windows of 1 ks, pixel efficiencies scatter by 25 %, 200 mCrab"
    with table(heading) as row:
        row.above("flux error of a window alone / with the others", alone[1] / fluxes[0, 1], 1.08)
        row.near_zero("flux pulls of the windows, mean", float(pulls.mean()), 1.0)
        for zone, name in ((0, "fully coded"), (1, "partially coded")):
            mean, deviation = pooled(statistics, zone)
            row.near_zero(f"significance, {name}: mean", mean, 0.05)
            row.between(f"significance, {name}: standard deviation", deviation, 0.95, 1.05)
        row.near_zero("significance of the mosaic: mean", float(empty.mean()), 0.05)
        row.between("standard deviation", float(empty.std()), 0.95, 1.05)


def _flux_and_error(one: Asked, window: str) -> tuple[float, float]:
    image = one.site.image(None, window, energy=BAND, catalog=catalog_of(one.field))
    found = image.catalog["source"]
    return found.flux, found.flux_error


def _statistics(one: Asked, window: str, view: Field) -> MapStatistics:
    image = one.site.image(None, window, energy=BAND, catalog=catalog_of(one.field))
    return MapStatistics.of(image, view)
