"""Several windows on one map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import map_coordinates

import oda_widgets as oda
from tests.photons.fields import CENTRE, crowded, dither
from tests.photons.sources import TracedSource
from tests.validation.asking import arcminutes, drawn, match, rate_of, several
from tests.validation.results import Table

_WINDOWS = 16


def test_mosaic(table: Callable[[str], Table]) -> None:
    field = drawn(lambda rng: crowded(rng, 14, separation=1.5), 5)
    views = [field.seen_from(pointing) for pointing in dither(CENTRE, number=_WINDOWS)]
    with several(views, 800.0, 5) as one:
        image = one.image()
    found, fakes = match(image.catalog, field)
    heights = np.array(
        [_height(image, s) / found[s.name].flux for s in field.sources if s.name in found]
    )
    sure = [source for source in field.sources if found[source.name].significance > 20]
    pulls = np.array([(found[s.name].flux - rate_of(s)) / found[s.name].flux_error for s in sure])
    clear = _clear(image, field.sources)
    significance = image.significance[clear].astype(float)
    with table(f"Mosaic of {_WINDOWS} windows of 800 s, 14 sources of 20 mCrab to 1 Crab") as row:
        row.above("sources found, of 14", len(found), 13)
        row.below("fakes above 6 σ", sum(fake.significance > 6 for fake in fakes), 0)
        row.below(
            "largest distance of a source above 20 σ, arcminutes",
            max(arcminutes(found[source.name], source) for source in sure),
            0.5,
        )
        row.between(
            "value at the catalogue position / joint fit, mean", float(heights.mean()), 0.99, 1.01
        )
        row.near_zero("largest flux pull of a source above 20 σ", np.abs(pulls).max(), 3.5)
        row.near_zero("significance away from sources: mean", significance.mean(), 0.05)
        row.between("standard deviation", significance.std(), 0.95, 1.05)
        row.below("highest", significance.max(), 5.5)


def _height(image: oda.SkyImage, source: TracedSource) -> float:
    """Return the map's value at a position, read by cubic interpolation."""
    column, row = image.wcs.world_to_pixel_values(source.ra, source.dec)
    values = np.nan_to_num(image.intensity)
    return float(map_coordinates(values, [[row], [column]], order=3)[0])


def _clear(image: oda.SkyImage, sources: tuple[TracedSource, ...]) -> np.ndarray:
    rows, columns = np.indices(image.shape)
    clear = np.isfinite(image.significance)
    for source in sources:
        column, row = image.wcs.world_to_pixel_values(source.ra, source.dec)
        far = 0.5 / image.pixel_size
        clear &= np.maximum(np.abs(columns - column), np.abs(rows - row)) > far
    return clear
