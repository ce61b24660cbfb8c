"""Twenty-five sources at once: fluxes, map, spectra and light curves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import oda_widgets as oda
from tests.photons.fields import Field, burster, crowded
from tests.photons.pointing import SECONDS_PER_DAY
from tests.photons.sources import TracedSource
from tests.validation.asking import Asked, asked, catalog_of, rate_of, sources_in_band
from tests.validation.maps import MapStatistics, pooled
from tests.validation.parallel import over
from tests.validation.results import Table

Floats = NDArray[np.float64]

_SPECTRAL = (20.0, 200.0)  # keV: where the sources of the simulation shine
_CURVE_BAND = (28.0, 79.5)  # keV: edges of channels


@dataclass(frozen=True)
class _Measured:
    """Differences from the truth in units of their errors."""

    statistics: MapStatistics
    fluxes: Floats
    channels: Floats
    bands: Floats
    bins: Floats
    sums: Floats


def test_crowded_field(table: Callable[[str], Table]) -> None:
    fields = over(_crowded, range(6))
    with table("25 sources of 20 mCrab to 1 Crab, 1 ks, 6 seeds") as row:
        statistics = [field.statistics for field in fields]
        for zone, name in ((0, "fully coded"), (1, "partially coded")):
            deviation = pooled(statistics, zone)[1]
            row.between(f"residual map, {name}: standard deviation", deviation, 0.95, 1.05)
        fluxes = np.concatenate([field.fluxes for field in fields])
        row.near_zero(f"{fluxes.size} flux pulls: mean", fluxes.mean(), 0.2)
        row.between("flux pulls: standard deviation", fluxes.std(), 0.9, 1.1)
    with table("Spectra of the 25 sources, channels of 20 to 200 keV, 6 seeds") as row:
        channels = np.concatenate([field.channels.ravel() for field in fields])
        row.near_zero(f"{channels.size} channel pulls: mean", channels.mean(), 0.05)
        row.between("channel pulls: standard deviation", channels.std(), 0.95, 1.05)
        bands = np.concatenate([field.bands for field in fields])
        row.near_zero("bias of the sum over channels, σ", bands.mean(), 0.3)
    with table("Light curves of the 25 sources, 10 s bins, 6 seeds") as row:
        bins = np.concatenate([field.bins.ravel() for field in fields])
        row.near_zero(f"{bins.size} bin pulls: mean", bins.mean(), 0.05)
        row.between("bin pulls: standard deviation", bins.std(), 0.95, 1.05)
        sums = np.concatenate([field.sums for field in fields])
        row.below("largest |sum of bins - sum of channels|, σ", np.abs(sums).max(), 0.1)


def test_bursts(table: Callable[[str], Table]) -> None:
    ratios = np.array(over(_burst_ratio, range(8)))
    with table("Bursts of a 100 mCrab source, factors 20, 50 and 8, 8 seeds") as row:
        row.near_zero(
            "burst ratio, difference from the traced photons in %", 100 * ratios[:, 0].mean(), 5.0
        )
        row.near_zero(
            "leak into a steady source, σ of the mean",
            ratios[:, 1].mean() * np.sqrt(len(ratios)),
            3.0,
        )


def _crowded(seed: int) -> _Measured:
    field = crowded(np.random.default_rng([1, seed]))
    catalog = catalog_of(field)
    with asked(field, 1000.0, seed) as one:
        image = one.image(catalog=catalog)
        spectra = one.site.spectra(one.windows, catalog=catalog)
        curves = one.site.light_curves(
            one.windows, catalog=catalog, energy=_CURVE_BAND, time_bin=10
        )
    channels, bands, bins, sums = zip(
        *(_pulls(source, spectra[source.name], curves[source.name]) for source in field.sources),
        strict=True,
    )
    return _Measured(
        statistics=MapStatistics.of(image, field),
        fluxes=np.array([_flux_pull(image, source) for source in field.sources]),
        channels=np.array(channels),
        bands=np.array(bands),
        bins=np.array(bins),
        sums=np.array(sums),
    )


def _flux_pull(image: oda.SkyImage, source: TracedSource) -> float:
    found = image.catalog[source.name]
    return (found.flux - rate_of(source)) / found.flux_error


def _pulls(
    source: TracedSource, spectrum: oda.Spectrum, curve: oda.LightCurve
) -> tuple[Floats, float, Floats, float]:
    """Return the pulls of the channels, of their sum, of the bins, and bins against channels."""
    low, high = spectrum.channel_low, spectrum.channel_high
    used = (low >= _SPECTRAL[0]) & (high <= _SPECTRAL[1])
    truth = np.diff(source.rate * source.spectrum.below(np.append(low, high[-1])))
    off, error = (spectrum.rate - truth)[used], spectrum.error[used]
    in_band = (low >= _CURVE_BAND[0]) & (high <= _CURVE_BAND[1])
    exposure = curve.width * curve.exposed_fraction
    mean = float(np.sum(curve.rate * exposure) / exposure.sum())
    summed_error = float(np.sqrt(np.sum(spectrum.error[in_band] ** 2)))
    return (
        off / error,
        float(off.sum() / np.sqrt(np.sum(error**2))),
        (curve.rate - source.rate_between(*_CURVE_BAND)) / curve.error,
        (mean - float(spectrum.rate[in_band].sum())) / summed_error,
    )


def _burst_ratio(seed: int) -> tuple[float, float]:
    """Return the burst ratio over that of the photons - 1, and the leak in errors."""
    # Background of all energies: it tells dead pixels from those that are silent by chance.
    field = sources_in_band(burster(np.random.default_rng([1, seed])))
    with asked(field, 300.0, seed) as one:
        curves = one.site.light_curves(
            one.windows, catalog=catalog_of(field), energy=(28, 80), time_bin=1.0
        )
        true = _traced_ratio(one)
    burst = _in_burst(field, curves["burster"].time)
    rate = curves["burster"].rate
    steady = curves["steady"]
    leak = steady.rate[burst].mean() - steady.rate[~burst].mean()
    error = np.sqrt(np.sum(steady.error[burst] ** 2)) / burst.sum()
    return float(rate[burst].sum() / rate.sum() / true - 1), float(leak / error)


def _traced_ratio(one: Asked) -> float:
    """Return the fraction of the source's photons that came in bursts."""
    mine = one.traced.time[one.traced.is_from("burster") & one.traced.is_good()]
    return float(np.mean(_in_burst(one.field, mine)))


def _in_burst(field: Field, time: Floats) -> NDArray[np.bool_]:
    """Return True for the times at which the source bursts."""
    seconds = (time - field.pointing.start) * SECONDS_PER_DAY
    bursts = ((60, 70), (150, 153), (240, 270))
    inside: NDArray[np.bool_] = np.any(
        [(seconds >= start) & (seconds < stop) for start, stop in bursts], axis=0
    )
    return inside
