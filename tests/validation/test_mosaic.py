"""Several windows on one map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import map_coordinates

import oda_widgets as oda
from tests.photons.fields import CENTRE, crowded, dither
from tests.photons.sources import TracedSource
from tests.validation.asking import arcminutes, catalog_of, drawn, match, rate_of, several
from tests.validation.results import Table

_WINDOWS = 16
_VISIBLE = 7.0  # σ: the limit of detection is 5, and chance takes up to 2
_SURE = 20.0  # σ


def test_mosaic(table: Callable[[str], Table]) -> None:
    field = drawn(lambda rng: crowded(rng, 14, separation=1.5), 5)
    views = [field.seen_from(pointing) for pointing in dither(CENTRE, number=_WINDOWS)]
    with several(views, 800.0, 5) as one:
        image = one.image()
        fixed = one.image(catalog=catalog_of(field))
    found, fakes = match(image.catalog, field)
    visible = [s for s in field.sources if rate_of(s) > _VISIBLE * _error(image, s)]
    sure = [s for s in field.sources if rate_of(s) > _SURE * _error(image, s)]
    with table(f"Mosaic of {_WINDOWS} windows of 800 s, 14 sources of 20 mCrab to 1 Crab") as row:
        row.below(
            f"sources above {_VISIBLE:g} σ that were not found, of {len(visible)}",
            sum(source.name not in found for source in visible),
            0,
        )
        row.below("spurious detections above 6 σ", sum(fake.significance > 6 for fake in fakes), 0)
        row.below("sources listed twice", _twice(image.catalog), 0)
        distances = [arcminutes(found[s.name], s) for s in sure if s.name in found]
        row.below(
            f"largest distance of a source above {_SURE:g} σ, arcminutes", max(distances), 0.5
        )
        _judge_fluxes(row, fixed, field.sources)
        _judge_map(row, image, field.sources)


def _judge_fluxes(row: Table, fixed: oda.SkyImage, sources: tuple[TracedSource, ...]) -> None:
    """Compare the fluxes at catalogue positions with the map and with the truth."""
    fits = np.array([fixed.catalog[source.name].flux for source in sources])
    errors = np.array([fixed.catalog[source.name].flux_error for source in sources])
    heights = np.array([_height(fixed, source) for source in sources])
    truth = np.array([rate_of(source) for source in sources])
    row.between("value at the catalogue position / joint fit", np.mean(heights / fits), 0.99, 1.01)
    bright = fits > _SURE * errors
    row.between("lowest of a source above 20 σ", np.min((heights / fits)[bright]), 0.99, 1.01)
    row.between("highest", np.max((heights / fits)[bright]), 0.99, 1.01)
    whole = np.hypot(errors, (fixed.observation.rates_error or 0.0) * fits)
    pull = float(np.abs((fits - truth) / whole).max())
    row.near_zero("largest flux pull, with the systematic error of the rates", pull, 3.5)


def _judge_map(row: Table, image: oda.SkyImage, sources: tuple[TracedSource, ...]) -> None:
    clear = _clear(image, sources)
    significance = image.significance[clear].astype(float)
    row.near_zero("significance away from sources: mean", significance.mean(), 0.05)
    row.between("standard deviation", significance.std(), 0.95, 1.05)
    row.below("highest", significance.max(), 5.5)


def _twice(catalog: oda.SourceCatalog) -> int:
    """Return how many sources have another one within 0.1 deg."""
    return sum(
        any(one.separation(other) < 0.1 for other in catalog if other is not one) for one in catalog
    )


def _error(image: oda.SkyImage, source: TracedSource) -> float:
    """Return the error of a flux at a position; infinite where nothing is seen."""
    column, row = image.wcs.world_to_pixel_values(source.ra, source.dec)
    error = float(np.sqrt(image.variance[round(float(row)), round(float(column))]))
    return error if np.isfinite(error) else np.inf


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
