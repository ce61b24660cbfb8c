"""Small products with round values, and the strategies that vary them."""

from __future__ import annotations

import re
from dataclasses import astuple, replace

import numpy as np
from astropy.wcs import WCS
from hypothesis import strategies as st

from oda_widgets.errors import printable
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.products.orbit import FARTHEST, NEAREST, Place
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import BAD
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import SkippedWindow
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval

CRAB = Source("Crab", 83.63308, 22.01447, "reference catalogue")
OBSERVATION = Observation(
    instrument="isgri",
    science_windows=("255900280010.001", "255900290010.001"),
    start=8320.642736401234,
    stop=8320.725694401111,
    ontime=3548.512345678,
    live_time=2533.6377777,
    dead_time_note="Dead time from the housekeeping of each science window, 28.6 % on average.",
    pixels_note="14930 of 16384 pixels; the others are noisy or dead.",
    sources_note="Vela X-1 is left out: no science window has it in its field of view.",
    intervals=(TimeInterval(8320.65, 8320.66), TimeInterval(8320.7, 8320.71)),
    skipped=(SkippedWindow("255900300010.001", "no good time in the requested intervals"),),
    revolution=2559,
    pointing=(293.1, 21.3, 203.2, -0.1234567890123456),
    available=1240,
    energies="lines+osa",
    energies_note="Energies were calibrated on instrumental lines, to 1.2 % at 60 keV.",
    intervals_note="1,500.000 s of the 1,728.000 s in the intervals are good time",
    weights_note="weights of the mean: 1 / variance",
    rates_note="Thresholds of pixels were measured: half of them are above 28 keV.",
    correction=1.3125,
    rates_error=0.11,
    place=Place(198.394, 71.787, 143490.5),
)
CATALOG = SourceCatalog(
    (
        CatalogSource("Crab", 83.63308, 22.01447, 146.8, 168.9, 1.15, 0.01, 83.62, 22.05),
        CatalogSource("1A 0535+262", 84.72737, 26.31578, selected=False),
        CatalogSource("NEW_1", 80.1, 20.2, 6.4, 7.1, 1.1, 0.05, 80.1, 20.2, new=True),
    )
)


def all_of(catalog: SourceCatalog) -> str:
    """Return all that a catalogue holds, in a form in which NaN equals NaN."""
    return repr([astuple(source) for source in catalog])


def make_wcs(rotation: float = 0.3) -> WCS:
    """Return a gnomonic projection, rotated by some radians."""
    scale = 0.08228625391559134
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [83.63308123456789, 22.01447123456789]
    wcs.wcs.crpix = [4.5, 3.5]
    wcs.wcs.cunit = ["deg", "deg"]
    cosine, sine = scale * np.cos(rotation), scale * np.sin(rotation)
    wcs.wcs.cd = [[-cosine, sine], [sine, cosine]]
    wcs.wcs.radesys = "FK5"
    wcs.wcs.equinox = 2000.0
    return wcs


def make_image() -> SkyImage:
    """Return an image of 6 x 8 pixels with a blank corner."""
    rng = np.random.default_rng(1)
    intensity = rng.normal(0, 2, (6, 8)).astype(np.float32)
    variance = rng.uniform(1, 2, (6, 8)).astype(np.float32)
    for array in (intensity, variance):
        array[0, :3] = np.nan
    significance = (intensity / np.sqrt(variance)).astype(np.float32)
    exposure = np.full((6, 8), 2533.6, dtype=np.float32)
    return SkyImage(
        intensity,
        variance,
        significance,
        exposure,
        make_wcs(),
        EnergyBand(28, 80),
        CATALOG,
        OBSERVATION,
        CRAB,
    )


def make_all_sky(side: int = 16) -> AllSky:
    """Return a simulated map of the whole sky whose northern half was seen."""
    rng = np.random.default_rng(1)
    number = 12 * side**2
    intensity = rng.normal(0, 2, number).astype(np.float32)
    variance = rng.uniform(1, 2, number).astype(np.float32)
    exposure = np.full(number, 2533.6, dtype=np.float32)
    for array, blank in ((intensity, np.nan), (variance, np.nan), (exposure, 0)):
        array[number // 2 :] = blank
    seen = replace(OBSERVATION, simulated=True, intervals=(), intervals_note="")
    return AllSky(intensity, variance, exposure, EnergyBand(28, 80), CATALOG, seen)


def make_response(n_energies: int = 40, n_channels: int = 9, first_channel: int = 0) -> Response:
    """Return a response with Gaussian redistribution."""
    edges = np.geomspace(15, 600, n_energies + 1)
    bounds = np.geomspace(20, 500, n_channels + 1)
    middle, centre = np.sqrt(edges[1:] * edges[:-1]), np.sqrt(bounds[1:] * bounds[:-1])
    matrix = np.exp(-0.5 * np.square((middle[:, None] - centre) / (0.1 * middle[:, None])))
    matrix /= np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    area = 1000 * np.exp(-edges[:-1] / 300)
    return Response(
        edges[:-1], edges[1:], bounds[:-1], bounds[1:], matrix, area, first_channel, "made up"
    )


def make_spectrum(first_channel: int = 0) -> Spectrum:
    """Return a spectrum whose last channel holds no data."""
    response = make_response(first_channel=first_channel)
    rate = response.fold(9.7 * response.energy_low**-2.1)
    error = 0.05 * rate + 0.01
    quality = np.zeros(len(rate), dtype=np.int16)
    rate[-1], error[-1], quality[-1] = np.nan, np.inf, BAD
    systematic = np.full(len(rate), 0.01)
    return Spectrum(CRAB, rate, error, quality, systematic, response, OBSERVATION)


def make_light_curve(n_bins: int = 7, width: float = 100.0) -> LightCurve:
    """Return a light curve with bins of one width and a gap."""
    rng = np.random.default_rng(2)
    time = OBSERVATION.start + (np.arange(n_bins) + 0.5) * width / 86400
    time[n_bins // 2 :] += 3 * width / 86400
    rate = rng.normal(30, 4, n_bins)
    return LightCurve(
        source=CRAB,
        energy=EnergyBand(28, 80),
        time=time,
        width=np.full(n_bins, width),
        rate=rate,
        error=np.full(n_bins, 4.0),
        exposed_fraction=rng.uniform(0.5, 1, n_bins),
        total_counts=rng.poisson(20000, n_bins).astype(np.float64),
        background=np.full(n_bins, 180.1),
        background_error=np.full(n_bins, 1.1),
        observation=OBSERVATION,
    )


# A NUL at the end of a text is lost in any array of numpy.
words = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=200)


# Files of OSA call every unknown source "NEW SOURCE": readers number that name.
def is_name(text: str) -> bool:
    """Return whether a text names a source, and is not OSA's word for those without a name."""
    is_word = re.sub(r"[\W_]", "", text).lower() in {"new", "newsource"}
    return bool(printable(text).strip()) and not is_word


names = words.filter(is_name)
printable_names = st.text(
    st.characters(
        min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")
    ),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() == text and is_name(text))
instants = st.floats(1000, 9999)
numbers = st.floats(allow_nan=True, allow_infinity=False)
places = st.builds(Place, st.floats(0, 360), st.floats(-90, 90), st.floats(NEAREST, FARTHEST))


def catalogs(name: st.SearchStrategy[str]) -> st.SearchStrategy[SourceCatalog]:
    """Return catalogues of sources with names from a strategy."""
    source = st.builds(
        CatalogSource,
        name=name,
        ra=st.floats(0, 360, exclude_max=True),
        dec=st.floats(-90, 90),
        significance=numbers,
        flux=numbers,
        flux_error=numbers.map(abs),
        error_radius=st.floats(0, 1),
        ra_fit=numbers,
        dec_fit=numbers,
        new=st.booleans(),
        selected=st.booleans(),
    )
    return st.lists(source, max_size=5, unique_by=lambda item: item.name).map(SourceCatalog.of)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Return observations with any words in their notes."""
    start, stop = sorted(draw(st.lists(instants, min_size=2, max_size=2, unique=True)))
    seconds = st.floats(1e-3, 1e7)
    angles = st.floats(-90, 90)
    return Observation(
        instrument=draw(st.sampled_from(["isgri", "jemx1", "jemx2"])),
        science_windows=tuple(f"0665002{n}0010.001" for n in range(draw(st.integers(1, 4)))),
        start=start,
        stop=stop,
        ontime=draw(seconds),
        live_time=draw(seconds),
        dead_time_note=draw(words),
        pixels_note=draw(words),
        sources_note=draw(words),
        intervals=draw(st.sampled_from([(), (TimeInterval(start, stop),)])),
        skipped=tuple(
            SkippedWindow("066500300010", reason) for reason in draw(st.lists(words, max_size=2))
        ),
        simulated=draw(st.booleans()),
        revolution=draw(st.integers(0, 9999)),
        pointing=(draw(angles), draw(angles), draw(angles), draw(angles)),
        energies=draw(st.sampled_from(["archive", "lines", "osa", "simulated"])),
        energies_note=draw(words),
        rates_note=draw(words),
        correction=draw(st.floats(1.0, 50.0)),
        rates_error=draw(st.floats(0.0, 1.0)),
        place=draw(st.none() | places),
    )
