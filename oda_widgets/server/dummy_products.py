"""Made-up products for clients that try out the protocol (``query_type=Dummy``)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from astropy.wcs import WCS

from oda_widgets.products.answer import Product
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.protocol.product_names import kind_of
from oda_widgets.protocol.product_writer import json_pieces
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instrument import IMAGE, SPECTRUM
from oda_widgets.request.instruments import described
from oda_widgets.request.source import Source

_CRAB = Source("Crab", 83.633, 22.014, "made up")
_BAND = EnergyBand(20, 40)
_SIDE, _STEP = 64, 0.25  # pixels, degrees
_SIGMA = 150.0
_CHANNELS = 40
_OBSERVATION = Observation(
    instrument="isgri",
    science_windows=("066500220010.001",),
    start=3006.0,
    stop=3006.04,
    ontime=3456.0,
    live_time=2764.8,
    dead_time_note="Made up: not observed.",
    pixels_note="Made up: not observed.",
    simulated=True,
    revolution=665,
    pointing=(83.633, 22.014, 173.633, 0.0),
)


@lru_cache(maxsize=16)
def dummy_json(instrument: str, product: str, source: Source | None = None) -> bytes:
    """Return the JSON of a made-up product of a source, by default the Crab."""
    made = dummy_product(product, source or _CRAB, instrument)
    return "".join(json_pieces(made)).encode()


def dummy_product(product: str, source: Source = _CRAB, instrument: str = "isgri") -> Product:
    """Return a made-up product of a source, labelled as simulated.

    Parameters
    ----------
    product
        The dispatcher's name of the product.
    source
        Source that it shows.
    instrument
        Instrument that it names.
    """
    rng = np.random.default_rng(20261122)
    kind = kind_of(product)
    make = _image if kind == IMAGE else _spectrum if kind == SPECTRUM else _light_curve
    made: Any = make(rng, source)
    whole = replace(made, observation=replace(_OBSERVATION, instrument=instrument))
    if kind != SPECTRUM and instrument != "isgri":
        whole = replace(whole, energy=EnergyBand(*described(instrument).wire.band))
    if kind == SPECTRUM:
        whole = replace(whole, response=replace(whole.response, instrument=instrument))
    return whole if kind == IMAGE else BySource((whole,))


def _image(rng: np.random.Generator, source: Source) -> SkyImage:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---TAN", "DEC--TAN"], [source.ra, source.dec]
    wcs.wcs.cdelt, wcs.wcs.crpix = [-_STEP, _STEP], [(_SIDE + 1) / 2] * 2
    wcs.wcs.cunit = ["deg", "deg"]
    wcs.wcs.radesys, wcs.wcs.equinox = "FK5", 2000.0
    wcs.wcs.set()
    offsets = (np.arange(_SIDE) - (_SIDE - 1) / 2) / 1.5
    peak = np.exp(-0.5 * (offsets[:, None] ** 2 + offsets[None, :] ** 2))
    significance = (_SIGMA * peak + rng.normal(size=peak.shape)).astype(np.float32)
    listed = CatalogSource(source.name, source.ra, source.dec, significance=_SIGMA)
    catalog = SourceCatalog.of([listed])
    ones = np.ones_like(significance)
    return SkyImage(
        significance, ones, significance, 2764.8 * ones, wcs, _BAND, catalog, _OBSERVATION
    )


def _spectrum(rng: np.random.Generator, source: Source) -> Spectrum:
    response = _response()
    middle = np.sqrt(response.channel_low * response.channel_high)
    rate = 20.0 * (middle / 20.0) ** -2.1
    error = 0.02 * rate + 0.01
    return Spectrum(
        source=source,
        rate=rate + error * rng.normal(size=len(rate)),
        error=error,
        quality=np.zeros(len(rate), np.int16),
        systematic_error=np.zeros(len(rate)),
        response=response,
        observation=_OBSERVATION,
    )


def _response() -> Response:
    edges = np.geomspace(15.0, 500.0, _CHANNELS + 1)
    low, high = edges[:-1], edges[1:]
    number = np.arange(_CHANNELS)
    line = np.exp(-0.5 * (number[:, None] - number[None, :]) ** 2).round(6)
    redistribution = line / line.sum(axis=1, keepdims=True)
    area = np.full(_CHANNELS, 1000.0)
    return Response(low, high, low, high, redistribution, area, origin="made up")


def _light_curve(rng: np.random.Generator, source: Source) -> LightCurve:
    number = 20
    ones = np.ones(number)
    return LightCurve(
        source=source,
        energy=_BAND,
        time=np.linspace(_OBSERVATION.start, _OBSERVATION.stop, 2 * number + 1)[1::2],
        width=172.8 * ones,
        rate=200.0 + rng.normal(size=number),
        error=ones,
        exposed_fraction=ones,
        total_counts=100_000 * ones,
        background=400.0 * ones,
        background_error=ones,
        observation=_OBSERVATION,
    )
