"""Products made by hand: small, quick, and like the real ones in every field."""

from __future__ import annotations

import numpy as np
from astropy.wcs import WCS

from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import BAD, GOOD
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval

WINDOW = "255900280010.001"
START = 8320.642361
MAGNETAR = Source("SGR 1935+2154", 293.73199, 21.89673, "reference catalogue")
BAND = EnergyBand(28, 150)
BURSTS = ((600, 3), (1210, 1), (1900, 12), (2800, 5))  # start and length in seconds


def observation(seconds: float = 3600.0, intervals: tuple[TimeInterval, ...] = ()) -> Observation:
    """Return an observation."""
    return Observation(
        instrument="isgri",
        science_windows=(WINDOW,),
        start=START,
        stop=START + seconds / SECONDS_PER_DAY,
        ontime=seconds,
        live_time=seconds * 0.82,
        dead_time_note="live time from the archive",
        pixels_note="all pixels",
        intervals=intervals,
        revolution=2559,
        pointing=(293.0, 22.5, 20.0, 5.0),
    )


def catalog() -> SourceCatalog:
    """Return four sources, one of them new."""
    rows = (
        ("SGR 1935+2154", 293.73199, 21.89673, 48.2, 12.1, False),
        ("Cyg X-1", 299.5903, 35.2016, 21.4, 5.3, False),
        ("GRS 1915+105", 288.7983, 10.9456, 17.9, 4.4, False),
        ("NEW_1", 297.1, 18.2, 6.3, 1.6, True),
    )
    return SourceCatalog.of(
        CatalogSource(name, ra, dec, significance, flux, flux / significance, new=new)
        for name, ra, dec, significance, flux, new in rows
    )


def wcs(size: int = 240, pixel: float = 0.125) -> WCS:
    """Return coordinates of a square image around the magnetar's field."""
    projection = WCS(naxis=2)
    projection.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    projection.wcs.crval = [293.0, 22.5]
    projection.wcs.crpix = [(size + 1) / 2, (size + 1) / 2]
    projection.wcs.cdelt = [-pixel, pixel]
    projection.wcs.set()
    return projection


def image(
    size: int = 240, sources: SourceCatalog | None = None, target: Source | None = MAGNETAR
) -> SkyImage:
    """Return noise with a peak per source."""
    sources = catalog() if sources is None else sources
    projection = wcs(size, 30 / size)
    significance = _noise_and_peaks(size, projection, sources)
    variance = np.full((size, size), 0.06, dtype=np.float32)
    return SkyImage(
        intensity=significance * np.sqrt(variance),
        variance=variance,
        significance=significance,
        exposure=np.full((size, size), 3600, dtype=np.float32),
        wcs=projection,
        energy=BAND,
        catalog=sources,
        observation=observation(21.0),
        target=target,
    )


def _noise_and_peaks(size: int, projection: WCS, sources: SourceCatalog) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    significance = np.random.default_rng(7).normal(size=(size, size)).astype(np.float32)
    for source in sources:
        x0, y0 = projection.wcs_world2pix(source.ra, source.dec, 0)
        distance = (x - x0) ** 2 + (y - y0) ** 2
        significance += source.significance * np.exp(-distance / 2).astype(np.float32)
    significance[:12] = np.nan
    return significance


def light_curve(bins: int = 3600, width: float = 1.0, source: Source = MAGNETAR) -> LightCurve:
    """Return a steady curve with four bursts."""
    seconds = (np.arange(bins) + 0.5) * width
    rate = np.random.default_rng(3).normal(0, 2.0, bins)
    for start, length in BURSTS:
        rate[(seconds >= start) & (seconds < start + length)] += 60
    flat = np.ones(bins)
    return LightCurve(
        source=source,
        energy=BAND,
        time=START + seconds / SECONDS_PER_DAY,
        width=flat * width,
        rate=rate,
        error=flat * 2.0,
        exposed_fraction=flat,
        total_counts=flat * 500,
        background=flat * 480,
        background_error=flat * 2,
        observation=observation(bins * width),
    )


def spectrum(channels: int = 60, source: Source = MAGNETAR) -> Spectrum:
    """Return a power law that fades into the background, and two bad channels."""
    edges = np.geomspace(20, 500, channels + 1)
    low, high = edges[:-1], edges[1:]
    rate = 40 * (low / 20) ** -3.2 * (high - low) / 10
    error = 0.002 * (high - low) + 0.03
    quality = np.full(channels, GOOD, dtype=np.int16)
    quality[[0, channels - 1]] = BAD
    rate[quality == BAD] = np.nan
    error[quality == BAD] = np.inf
    noise = np.random.default_rng(11).normal(0, 0.03, channels)
    response = Response(
        energy_low=low,
        energy_high=high,
        channel_low=low,
        channel_high=high,
        redistribution=np.eye(channels),
        area=np.full(channels, 100.0),
    )
    return Spectrum(
        source=source,
        rate=rate + noise,
        error=error,
        quality=quality,
        systematic_error=np.zeros(channels),
        response=response,
        observation=observation(21.0),
    )
