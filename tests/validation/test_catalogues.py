"""Catalogues of mosaics, handed on unedited: nothing twice, no ghosts, fluxes of the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.archive.simulated.sky import sky
from oda_widgets.lookup.sphere import separations
from oda_widgets.products.by_source import BySource
from tests.validation.mission import is_there, mean_rate, steady_rate
from tests.validation.parallel import over
from tests.validation.results import Table

Floats = NDArray[np.float64]
Band = tuple[float, float]

_AROUND = 0.6  # degrees around a source, in which the map is not judged
_TWICE = 0.1  # degrees: new sources are not listed so near to others
_SURE = 6.0  # significance above which chance makes no source; below, its spectrum is chance too
_SHOWS = 5.0  # expected significance of a source that shows itself
_WHOLE_WINDOW = 5000.0  # seconds: longer than any


@dataclass(frozen=True)
class _Field:
    """A field of the mission, and a band of whole channels above the low threshold of its year.

    Over several years the area changes, and no source has one rate that could be the truth.
    """

    name: str
    start: str
    stop: str
    radius: float
    windows: int
    band: Band = (20.0, 30.0)
    threshold: float = 5.0


_FIELDS = (
    _Field("GX 5-1", "2003-01-01", "2003-12-31", 3, 44, threshold=7.0),
    _Field("GX 17+2", "2003-01-01", "2003-12-31", 8, 10),
    _Field("Crab", "2003-01-01", "2003-12-31", 10, 10),
    _Field("NGC 2110", "2009-01-01", "2009-12-31", 12, 20),
    _Field("V404 Cyg", "2015-06-17", "2015-07-01", 8, 8, (39.5, 79.5)),
)


@dataclass(frozen=True)
class _Measured:
    """What the catalogue of a mosaic is worth.

    Parameters
    ----------
    deviation, highest
        Of the significance away from what is listed.
    strangers, twice
        Names of sources that are none, and of those listed beside another.
    fluxes, spectra, curves
        Differences from the truth in errors, of the sources that are there and do not change.
    """

    deviation: float
    highest: float
    strangers: list[str]
    twice: list[tuple[str, str]]
    fluxes: dict[str, float]
    spectra: dict[str, float]
    curves: dict[str, float]


@pytest.mark.parametrize("field", _FIELDS, ids=lambda field: field.name)
def test_catalogues_are_safe_to_hand_on(field: _Field, table: Callable[[str], Table]) -> None:
    (measured,) = over(_measured, [field])
    with table(f"Catalogue of {field.name}, {field.windows} windows") as row:
        row.between("map beyond 0.6 degrees: standard deviation", measured.deviation, 0.97, 1.05)
        row.below("highest significance there", measured.highest, 6.0)
        row.below("sources above 6 σ that are none", len(measured.strangers), 0)
        row.below("sources listed twice", len(measured.twice), 0)
        for name, pulls in (
            ("fluxes", measured.fluxes),
            ("spectra", measured.spectra),
            ("light curves", measured.curves),
        ):
            row.above(f"sources with {name} to judge", len(pulls), 1)
            largest = max((abs(pull) for pull in pulls.values()), default=np.nan)
            row.below(f"{name} of {len(pulls)} sources: largest |pull|", largest, 4.0)


def _measured(field: _Field) -> _Measured:
    site = oda.connect(archive="simulated", executor="none")
    windows = site.science_windows(
        field.name, field.start, field.stop, radius=field.radius, limit=field.windows
    )
    image = site.image(field.name, windows, energy=field.band, detection_threshold=field.threshold)
    catalog = image.catalog
    away = _away_from(image, field.band)
    return _Measured(
        deviation=float(away.std()),
        highest=float(away.max()),
        strangers=[s.name for s in catalog.brighter_than(_SURE) if not is_there(s)],
        twice=[
            (one.name, other.name)
            for one, other in combinations(catalog, 2)
            if one.separation(other) < _TWICE and (one.new or other.new)
        ],
        fluxes=_flux_pulls(image, field.band),
        spectra=_spectrum_pulls(site.spectra(windows, catalog=catalog), field.band),
        curves=_curve_pulls(
            site.light_curves(windows, catalog=catalog, energy=field.band, time_bin=_WHOLE_WINDOW),
            field.band,
        ),
    )


def _away_from(image: oda.SkyImage, band: Band) -> Floats:
    """Return the significance of all pixels away from what is listed, and from what shows itself.

    Below the threshold of the query a source is seen and not listed.
    """
    rows, columns = np.nonzero(np.isfinite(image.significance))
    ra, dec = image.wcs.pixel_to_world_values(columns, rows)
    clear = np.ones(len(rows), bool)
    for source in (*image.catalog, *_shown(image, band)):
        clear &= separations(ra, dec, source.ra, source.dec) > _AROUND
    return image.significance[rows[clear], columns[clear]].astype(float)


def _shown(image: oda.SkyImage, band: Band) -> list[oda.CatalogSource]:
    """Return what shines so bright that an image shows it."""
    windows, places = image.observation.science_windows, []
    for source in sky():
        column, row = image.wcs.world_to_pixel_values(source.ra, source.dec)
        if not (0 <= row < image.shape[0] - 1 and 0 <= column < image.shape[1] - 1):
            continue
        error = float(np.sqrt(image.variance[round(float(row)), round(float(column))]))
        place = oda.CatalogSource(source.name, source.ra, source.dec)
        if mean_rate(place, band, windows) > _SHOWS * error:
            places.append(place)
    return places


def _flux_pulls(image: oda.SkyImage, band: Band) -> dict[str, float]:
    windows = image.observation.science_windows
    pulls = {
        source.name: (source.flux - steady_rate(source, band, windows)) / source.flux_error
        for source in image.catalog.brighter_than(7)
    }
    return {name: pull for name, pull in pulls.items() if np.isfinite(pull)}


def _spectrum_pulls(spectra: BySource[oda.Spectrum], band: Band) -> dict[str, float]:
    pulls = {}
    for name, spectrum in spectra.items():
        place = oda.CatalogSource(name, spectrum.source.ra, spectrum.source.dec)
        truth = steady_rate(place, band, spectrum.observation.science_windows)
        if not is_there(place):
            continue
        inside = (spectrum.channel_low >= band[0]) & (spectrum.channel_high <= band[1])
        error = np.sqrt(np.sum(spectrum.error[inside] ** 2))
        pulls[name] = float((spectrum.rate[inside].sum() - truth) / error)
    return {name: pull for name, pull in pulls.items() if np.isfinite(pull)}


def _curve_pulls(curves: BySource[oda.LightCurve], band: Band) -> dict[str, float]:
    pulls = {}
    for name, curve in curves.items():
        place = oda.CatalogSource(name, curve.source.ra, curve.source.dec)
        if not is_there(place):
            continue
        truth = steady_rate(place, band, curve.observation.science_windows)
        weight = 1 / curve.error**2
        mean = float(curve.rate @ weight / weight.sum())
        pulls[name] = (mean - truth) * float(np.sqrt(weight.sum()))
    return {name: pull for name, pull in pulls.items() if np.isfinite(pull)}
