"""Pixels that are switched off within a window, and noisy ones that nobody has flagged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from tests.photons.detector import COLUMNS, ROWS, working_pixels
from tests.photons.fields import Field, default_pointing, field_of, source_of
from tests.photons.isdc_files import write_events
from tests.photons.observation import TracedEvents
from tests.validation.asking import BAND, Floats, catalog_of
from tests.validation.maps import MapStatistics, pooled
from tests.validation.parallel import over
from tests.validation.results import Table

_SECONDS, _SEEDS = 2000.0, 8
_OFF = 0.06  # of the pixels, half of them until the end of the window
_NOISY = 0.01  # of the pixels
_NOISE = (0.15, 3.0)  # counts/s, a few times those of a good pixel to 70 times
_NOISE_ENERGIES = (15.0, 80.0)  # keV
_BANDS = ((20.0, 40.0), BAND, (100.0, 200.0))


@dataclass(frozen=True)
class _Measured:
    """The map of a window, and rates of its bright source over those if all pixels were well.

    Parameters
    ----------
    statistics
        Of the map.
    ratios
        By the name of the product.
    pulls
        Of the rates at blank positions, by band.
    """

    statistics: MapStatistics
    ratios: dict[str, float]
    pulls: list[Floats]


def test_pixels_off_and_noisy(table: Callable[[str], Table]) -> None:
    fields = over(_measured, range(_SEEDS))
    statistics = [field.statistics for field in fields]
    heading = f"{_OFF:.0%} of the pixels off for a part of 2 ks, {_NOISY:.0%} noisy"
    with table(f"{heading}, {_SEEDS} seeds".replace("%", " %")) as row:
        for product in fields[0].ratios:
            off = [100 * (field.ratios[product] - 1) for field in fields]
            row.near_zero(f"rate of 5 Crab, {product}, change in %", float(np.mean(off)), 1.0)
        for zone, name in ((0, "fully coded"), (1, "partially coded")):
            deviation = pooled(statistics, zone)[1]
            row.between(f"significance, {name}: standard deviation", deviation, 0.95, 1.05)
        row.below("highest significance", max(one.highest for one in statistics), 5.5)
        for number, (low, high) in enumerate(_BANDS):
            pulls = np.concatenate([field.pulls[number] for field in fields])
            metric = f"{pulls.size} blank positions, {low:g}-{high:g} keV: standard deviation"
            row.between(metric, float(pulls.std()), 0.95, 1.05)


def _measured(seed: int) -> _Measured:
    rng = np.random.default_rng([31, seed])
    pointing = default_pointing()
    bright = source_of("bright", pointing.sky_at(1.1, -0.7), 5.0)
    field = field_of("bright", [bright], rng, pointing)
    blank = [
        CatalogSource(f"blank {number}", *pointing.sky_at(*rng.uniform(-8, 8, 2)))
        for number in range(25)
    ]
    catalog = SourceCatalog.of([*catalog_of(field), *blank])
    traced = field.trace(_SECONDS, rng)
    with _site(traced) as site:
        whole = _rates(site, field)
    with _site(_noisy(_switched_off(traced, rng), rng)) as site:
        broken = _rates(site, field)
        image = _image(site, field)
        curves = [
            site.light_curves([_window(field)], catalog=catalog, energy=band, time_bin=1e4)
            for band in _BANDS
        ]
    return _Measured(
        MapStatistics.of(image, field),
        {product: broken[product] / whole[product] for product in whole},
        [np.array([one[b.name].rate[0] / one[b.name].error[0] for b in blank]) for one in curves],
    )


@contextmanager
def _site(traced: TracedEvents) -> Iterator[oda.Site]:
    """Give a site over an archive of one window."""
    with tempfile.TemporaryDirectory() as folder:
        write_events(traced, Path(folder))
        yield oda.connect(archive=folder)


def _window(field: Field) -> str:
    return f"{field.pointing.swid}.001"


def _image(site: oda.Site, field: Field) -> oda.SkyImage:
    return site.image(
        windows=[_window(field)], energy=BAND, catalog=catalog_of(field), detection_threshold=5.0
    )


def _rates(site: oda.Site, field: Field) -> dict[str, float]:
    """Return the rate of the bright source in each product."""
    windows, catalog = [_window(field)], catalog_of(field)
    curves = site.light_curves(windows, catalog=catalog, energy=BAND, time_bin=100.0)
    spectrum = site.spectra(windows, catalog=catalog)["bright"]
    inside = (spectrum.channel_low >= BAND[0]) & (spectrum.channel_high <= BAND[1])
    rate = curves["bright"].rate
    quarter = len(rate) // 4
    return {
        "image": _image(site, field).catalog["bright"].flux,
        "spectrum": float(spectrum.rate[inside].sum()),
        "first quarter of the light curve": float(rate[:quarter].mean()),
        "last quarter of the light curve": float(rate[-quarter:].mean()),
    }


def _switched_off(traced: TracedEvents, rng: np.random.Generator) -> TracedEvents:
    """Return events without those of some pixels after, or between, random times."""
    off = rng.random((ROWS, COLUMNS)) < _OFF
    first = rng.uniform(0.0, 1.0, off.shape)
    last = np.where(rng.random(off.shape) < 0.5, 1.0, rng.uniform(first, 1.0))
    at = (traced.time - traced.pointing.start) * 86400 / traced.duration
    pixel = traced.detz, traced.dety
    lost = off[pixel] & (at > first[pixel]) & (at < last[pixel])
    return _with_rows(traced, np.flatnonzero(~lost))


def _noisy(traced: TracedEvents, rng: np.random.Generator) -> TracedEvents:
    """Return events with the noise of some pixels that no flag tells."""
    pixels = np.argwhere(working_pixels() & (rng.random((ROWS, COLUMNS)) < _NOISY))
    rates = np.exp(rng.uniform(*np.log(_NOISE), len(pixels)))
    numbers = rng.poisson(rates * traced.duration)
    detz, dety = np.repeat(pixels, numbers, axis=0).T
    time = traced.pointing.start + rng.random(len(detz)) * traced.duration / 86400
    energy = np.exp(rng.uniform(*np.log(_NOISE_ENERGIES), len(detz)))
    more = {
        "time": time,
        "energy": energy.astype(traced.energy.dtype),
        "dety": dety.astype(traced.dety.dtype),
        "detz": detz.astype(traced.detz.dtype),
        "select_flag": np.zeros(len(detz), traced.select_flag.dtype),
        "origin": np.full(len(detz), 1, traced.origin.dtype),
    }
    both = {name: np.concatenate([getattr(traced, name), more[name]]) for name in more}
    order = np.argsort(both["time"], kind="stable")
    return replace(traced, **{name: values[order] for name, values in both.items()})


def _with_rows(traced: TracedEvents, rows: NDArray[np.intp]) -> TracedEvents:
    names = "time", "energy", "dety", "detz", "select_flag", "origin"
    return replace(traced, **{name: getattr(traced, name)[rows] for name in names})
