"""Positions without a source: errors of light curves and spectra hold all the noise there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from tests.photons.background import isgri_background
from tests.photons.detector import worn_pixels
from tests.photons.fields import CENTRE, Field, dither, empty, source_of
from tests.photons.light_curves import bursts
from tests.photons.pointing import pointing_at
from tests.validation.asking import Asked, Floats, several
from tests.validation.parallel import over
from tests.validation.results import Table

_BANDS = ((20.0, 39.5), (30.5, 99.5), (99.5, 299.5))  # keV: edges of channels
_EPOCHS = {
    "2003-2005": (0.05, 660.0),
    "2015 and later": (0.11, 900.0),
}
"""Scatter of pixel efficiencies (that of real windows is 0.11), and counts/s of background."""
_WINDOWS, _SECONDS = 6, 2000.0
_AT_ONCE, _PARTS = 50, 4  # positions, and in how many questions they are asked for
_SEEDS = 3  # of 1,200 whole windows the deviation is known to 2 %, of three times as many to 1.2 %
_REACH = 8.0  # degrees
_APART = 1.0
_BURST = 1.0  # seconds


@dataclass(frozen=True)
class _Pulls:
    """Rates at blank positions over their errors, by band."""

    windows: list[Floats]
    bins: list[Floats]
    channels: list[Floats]
    sums: list[Floats]
    mean_channels: list[Floats]


@pytest.mark.parametrize("epoch", _EPOCHS)
def test_blank_positions(epoch: str, table: Callable[[str], Table]) -> None:
    cases = [(epoch, seed, part) for seed in range(_SEEDS) for part in range(_PARTS)]
    parts = over(_blank, cases)
    windows = f"{_WINDOWS} windows of {_SECONDS:g} s, {epoch}, {_SEEDS} seeds"
    with table(f"{_PARTS * _AT_ONCE} blank positions, {windows}") as row:
        for number, (low, high) in enumerate(_BANDS):
            for what, name in _KINDS:
                pulls = np.concatenate([getattr(part, what)[number] for part in parts])
                metric = f"{low:g}-{high:g} keV, {pulls.size} {name}: standard deviation"
                row.between(metric, float(pulls.std()), 0.97, 1.03)


_KINDS = (
    ("windows", "whole windows"),
    ("bins", "bins of 100 s"),
    ("channels", "channels"),
    ("sums", "sums of channels"),
    ("mean_channels", "channels of the sum of windows"),
)


def _blank(case: tuple[str, int, int]) -> _Pulls:
    """Return the pulls of a quarter of the positions in an epoch."""
    epoch, seed, part = case
    catalog = _positions(part)
    with several(_views(epoch, seed), _SECONDS, len(_EPOCHS) * seed + _number(epoch)) as one:
        curves = [[_curve_pulls(one, catalog, band, t) for t in (1e4, 100.0)] for band in _BANDS]
        spectra = [one.site.spectra([window], catalog=catalog) for window in one.windows]
        whole = one.site.spectra(one.windows, catalog=catalog)
    everything = [spectrum for answer in spectra for spectrum in answer.values()]
    return _Pulls(
        windows=[long for long, _ in curves],
        bins=[short for _, short in curves],
        channels=[_channel_pulls(everything, band) for band in _BANDS],
        sums=[_sum_pulls(everything, band) for band in _BANDS],
        mean_channels=[_channel_pulls(list(whole.values()), band) for band in _BANDS],
    )


def _number(epoch: str) -> int:
    return list(_EPOCHS).index(epoch)


def _views(epoch: str, seed: int) -> list[Field]:
    scatter, rate = _EPOCHS[epoch]
    rng = np.random.default_rng([11, _number(epoch), seed])
    field = replace(
        empty(rng),
        pixels=worn_pixels(rng, scatter=scatter),
        background=isgri_background(rng, rate=rate),
    )
    views = dither(CENTRE, number=_WINDOWS, duration=_SECONDS)
    return [field.seen_from(pointing) for pointing in views]


def _positions(part: int) -> SourceCatalog:
    """Return positions around the centre of the pattern, well apart from each other."""
    rng, middle = np.random.default_rng([12, part]), pointing_at(*CENTRE, roll=63.0)
    places: list[NDArray[np.float64]] = []
    while len(places) < _AT_ONCE:
        place = rng.uniform(-_REACH, _REACH, 2)
        if all(np.hypot(*(place - other)) > _APART for other in places):
            places.append(place)
    skies = (middle.sky_at(*place) for place in places)
    return SourceCatalog.of(CatalogSource(f"blank {n}", *sky) for n, sky in enumerate(skies))


def _curve_pulls(
    one: Asked, catalog: SourceCatalog, band: tuple[float, float], seconds: float
) -> Floats:
    """Return the pulls of the bins of single windows."""
    curves = [
        curve
        for window in one.windows
        for curve in one.site.light_curves(
            [window], catalog=catalog, energy=band, time_bin=seconds
        ).values()
    ]
    return np.concatenate([(curve.rate / curve.error)[np.isfinite(curve.rate)] for curve in curves])


def _channel_pulls(spectra: list[oda.Spectrum], band: tuple[float, float]) -> Floats:
    return np.concatenate([(s.rate / s.error)[_inside(s, band)] for s in spectra])


def _sum_pulls(spectra: list[oda.Spectrum], band: tuple[float, float]) -> Floats:
    """Return the pulls of the channels of a band joined into one."""
    pulls = []
    for spectrum in spectra:
        channels = np.flatnonzero(_inside(spectrum, band))
        joined = spectrum.joined(np.array([0, channels[0], channels[-1] + 1]))
        pulls.append(joined.rate[1] / joined.error[1])
    return np.array(pulls)


def _inside(spectrum: oda.Spectrum, band: tuple[float, float]) -> NDArray[np.bool_]:
    low, high = band
    return np.asarray((spectrum.channel_low >= low) & (spectrum.channel_high <= high))


def test_short_bursts(table: Callable[[str], Table]) -> None:
    """The rest of the window knows the background where a second has too few counts for it."""
    found = over(_short_burst, range(24))
    channels = np.concatenate([pulls for pulls, _ in found])
    sums = np.concatenate([pulls for _, pulls in found])
    with table(f"Spectra of {_BURST:g} s beside 400 s, 24 seeds, 99.5-299.5 keV") as row:
        error = 1 / np.sqrt(sums.size)
        row.near_zero(f"{channels.size} channel pulls: mean", float(channels.mean()), 0.05)
        row.between("channel pulls: standard deviation", float(channels.std()), 0.95, 1.05)
        row.near_zero(f"{sums.size} sums of channels: mean", float(sums.mean()), 3 * error)
        row.between("sums of channels: standard deviation", float(sums.std()), 0.9, 1.1)


def _short_burst(seed: int) -> tuple[Floats, Floats]:
    """Return the pulls of channels and of their sums, of a burst and of blank positions."""
    rng = np.random.default_rng([13, seed])
    field = empty(rng)
    start = field.pointing.start
    burst = source_of(
        "burst",
        field.pointing.sky_at(1.0, -2.0),
        0.5,
        light_curve=bursts(start, (200, _BURST, 10)),
    )
    places = [
        CatalogSource(f"blank {n}", *field.pointing.sky_at(*rng.uniform(-6, 6, 2)))
        for n in range(12)
    ]
    catalog = SourceCatalog.of([CatalogSource("burst", burst.ra, burst.dec), *places])
    interval = start + 200 / 86400, start + (200 + _BURST) / 86400
    with several([replace(field, sources=(burst,))], 400.0, seed) as one:
        spectra = one.site.spectra(one.windows, catalog=catalog, intervals=[interval])
    band = _BANDS[2]
    pulls = []
    for spectrum in spectra.values():
        edges = np.append(spectrum.channel_low, spectrum.channel_high[-1])
        shines = 10 * burst.rate * np.diff(burst.spectrum.below(edges))
        truth = shines if spectrum.name == "burst" else 0.0
        pulls.append(replace(spectrum, rate=spectrum.rate - truth))
    return _channel_pulls(pulls, band), _sum_pulls(pulls, band)
