"""JEM-X on our own engine: photons traced through the stand-in mask, and the simulated mission."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import oda_widgets as oda
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import WindowImage, image_again
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.engine.light_curves import scene_light_curves
from oda_widgets.engine.sampled_scene import sampled_scene
from oda_widgets.engine.sampled_spectra import sampled_spectra
from oda_widgets.engine.shadowgram import shadowgram
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval
from tests.photons.jemx import CHANNELS, USED, Events, Source, observe
from tests.validation.parallel import over
from tests.validation.results import Table

_BAND = EnergyBand(3.04, 18.94)
_EDGES = np.array([_BAND.low, _BAND.high])
_DEAD = (17, 33, 44, 45, 66, 88, 120, 151, 152, 170, 190, 201)
_DAY = 86400.0
_ARCMIN = 60.0


def test_empty_fields(table: Callable[[str], Table]) -> None:
    maps = over(_empty, range(20))
    with table("JEM-X, empty fields, 2 ks, 20 seeds") as row:
        deviation = float(np.sqrt(np.mean([one.deviation**2 for one in maps])))
        row.between("significance: standard deviation", deviation, 0.97, 1.05)
        row.near_zero("significance: mean", float(np.mean([one.mean for one in maps])), 0.05)
        row.below("highest significance", max(one.highest for one in maps), 5.5)
        row.near_zero("lowest significance", min(one.lowest for one in maps), 5.5)


def test_fluxes(table: Callable[[str], Table]) -> None:
    inner = ((0.0, 0.0), (1.5, -1.0), (0.3, 2.9), (-2.0, 2.0), (-2.9, -0.5))
    outer = ((3.0, -2.0), (0.5, 4.2), (-3.5, 3.5), (4.9, 0.0))
    with table("JEM-X, flux of 15 Crab, difference from the truth in %") as row:
        for places, limit in ((inner, 1.0), (outer, 3.0)):
            for place, (bias, error) in zip(places, over(_flux_bias, places), strict=True):
                where = f"({place[0]:g}°, {place[1]:g}°), statistical error {100 * error:.2f}"
                row.near_zero(where, 100 * bias, limit)


def test_positions(table: Callable[[str], Table]) -> None:
    fields = over(_positions, range(20))
    offsets, significances = (np.concatenate(x) for x in zip(*(f[:2] for f in fields), strict=True))
    bright = significances > 10
    with table("JEM-X, positions of 120 sources that nobody asked for") as row:
        row.below("90 % within, above 10 σ (arcmin)", float(np.quantile(offsets[bright], 0.9)), 1.0)
        row.below("sources above 6 σ that do not exist", sum(field[2] for field in fields), 0)


def test_spectra_and_light_curves(table: Callable[[str], Table]) -> None:
    fields = over(_pulls, range(80))
    spectra, curves = (np.concatenate(x).ravel() for x in zip(*fields, strict=True))
    with table("JEM-X, pulls of 16 channels and of bins of 50 s, 80 fields of four sources") as row:
        row.near_zero("spectra: mean", float(spectra.mean()), 0.05)
        row.between("spectra: standard deviation", float(spectra.std()), 0.95, 1.05)
        row.near_zero("light curves: mean", float(curves.mean()), 0.05)
        row.between("light curves: standard deviation", float(curves.std()), 0.95, 1.05)


def test_the_crab_in_fifty_windows(table: Callable[[str], Table]) -> None:
    site = oda.connect(archive="simulated", executor="none")
    windows = site.science_windows("Crab", radius=4, limit=50, instrument="jemx1")
    began = time.process_time()
    image = site.image("Crab", windows, instrument="jemx1", energy=(3, 20))
    seconds = time.process_time() - began
    crab = image.catalog["Crab"]
    fakes = [source for source in image.catalog if source.new]
    with table("JEM-X1, the Crab in 50 windows of the simulated mission, 3 to 20 keV") as row:
        row.above("significance", crab.significance, 1000)
        row.above("significance of 1A 0535+262", image.catalog["1A 0535+262"].significance, 6)
        row.below("sources that do not exist", len(fakes), 0)
        row.below("seconds of one processor", seconds, 60)


def test_a_joint_fit_finds_the_one_spectrum_of_both(table: Callable[[str], Table]) -> None:
    """The Crab is simulated with photon indices of 2.0709 below 20 keV and 2.1978 above."""
    site = oda.connect(archive="simulated", executor="none")
    windows, names = ["083500090010.001", "083500100010.001"], ["Crab", "1A 0535+262"]
    spectra = [
        site.spectra(windows, catalog=names, instrument=instrument)["Crab"]
        for instrument in ("isgri", "jemx1")
    ]
    fit = oda.fit(
        spectra,
        "constant*wabs*bknpower",
        energy=[(20, 70), (3.5, 20)],
        systematic=[0.01, 0.03],
        start={"nH": 0.26, "BreakE": 20},
        freeze=("nH", "BreakE"),
    )
    with table("ISGRI and JEM-X1 fitted together, the Crab in two windows, pulls") as row:
        for name, truth in (("PhoIndx1", 2.0709), ("PhoIndx2", 2.1978)):
            found = fit.parameters[name]
            row.near_zero(name, (found.value - truth) / found.sigma, 3.0)


@dataclass(frozen=True)
class _Map:
    mean: float
    deviation: float
    lowest: float
    highest: float


def _empty(seed: int) -> _Map:
    image = _image(_events(observe([], 2000.0, seed, dead=_DEAD), 2000.0))
    significance = image.maps.significance
    seen = significance[np.isfinite(significance)].astype(float)
    return _Map(*map(float, (seen.mean(), seen.std(), seen.min(), seen.max())))


def _flux_bias(place: tuple[float, float]) -> tuple[float, float]:
    """Return flux / truth - 1, and its statistical error."""
    source = Source(_tangents(*place), 2000.0)
    events = _events(observe([source], 1000.0, 7, dead=_DEAD), 1000.0)
    scene = _image(events, [source]).scene
    (truth,) = source.in_channels(_EDGES)
    return float(scene.fluxes[0] / truth - 1), float(scene.flux_errors[0] / truth)


def _positions(seed: int) -> tuple[list[float], list[float], int]:
    """Return offsets in arcmin and significances of what was found, and how many do not exist."""
    random = np.random.default_rng([1, seed])
    sources = [_anywhere(random, 4.0, random.uniform(1.5, 12.0)) for _ in range(6)]
    found = _image(_events(observe(sources, 2000.0, seed, dead=_DEAD), 2000.0)).sources
    places = np.array([source.place for source in sources])
    offsets, significances, fakes = [], [], 0
    for one in found:
        offset = float(np.degrees(np.hypot(*(places - one.tangents).T).min()) * _ARCMIN)
        if offset < 5:
            offsets.append(offset)
            significances.append(one.significance)
        else:
            fakes += one.significance > 6
    return offsets, significances, fakes


def _pulls(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pulls of all channels and of all bins of four sources."""
    random = np.random.default_rng([2, seed])
    kinds = ((120.0, 2.1), (30.0, 1.5), (10.0, 3.0), (5.0, 2.1))
    sources = [_anywhere(random, 3.0, rate, index) for rate, index in kinds]
    events = _events(observe(sources, 1500.0, seed, dead=_DEAD), 1500.0)
    good, known = events.good_time, _known(sources)
    spectra = sampled_spectra(events, CHANNELS, good, known, jemx_aperture)
    truth = np.array([source.in_channels(CHANNELS) for source in sources])
    empty = sampled_scene(events, shadowgram(events, _BAND, good), jemx_aperture(_BAND))
    scene = empty.with_tangents(np.array([source.place for source in sources]))
    rates = scene_light_curves(scene, events, _BAND, 50.0, good).rates
    steady = np.array([source.in_channels(_EDGES) for source in sources])
    return (spectra.rate - truth) / spectra.error, (rates.rate - steady) / rates.error


def _image(events: WindowEvents, asked: list[Source] | None = None) -> WindowImage:
    aperture = jemx_aperture(_BAND)
    scene = sampled_scene(events, shadowgram(events, _BAND, events.good_time), aperture)
    return image_again(scene, _known(asked or []), aperture.map_grid, 5.0)


def _known(sources: list[Source]) -> list[Known]:
    return [Known(str(n), np.array(s.place), always=True) for n, s in enumerate(sources)]


def _events(traced: Events, seconds: float) -> WindowEvents:
    """Return traced photons as an archive would give them."""
    start, stop = 1000.0, 1000.0 + seconds / _DAY
    window = ScienceWindow("005000010010.001", start, stop, 0.0, 0.0, 0.0, 90.0, seconds)
    place = np.arange(-USED, USED) + 0.5
    inside = np.hypot(place[:, None], place) < USED
    column, row = (np.floor(x + USED).astype(int) for x in (traced.y, traced.z))
    here = (np.abs(traced.y) < USED) & (np.abs(traced.z) < USED)
    here[here] = inside[row[here], column[here]]
    living = inside.copy()
    living[:, list(_DEAD)] = False
    return WindowEvents(
        window=window,
        time=start + traced.time[here] / _DAY,
        energy=traced.energy[here].astype(np.float32),
        dety=column[here].astype(np.uint8),
        detz=row[here].astype(np.uint8),
        good_time=(TimeInterval(start, stop),),
        flagged_counts=np.zeros(inside.shape, np.int32),
        live_fraction=1.0,
        living=living,
    )


def _anywhere(random: np.random.Generator, most: float, rate: float, index: float = 2.1) -> Source:
    """Return a source in a random direction, up to so many degrees off axis."""
    angle, turn = random.uniform(0.3, most), random.uniform(0, 2 * np.pi)
    return Source(_tangents(angle * np.cos(turn), angle * np.sin(turn)), rate, index)


def _tangents(*degrees: float) -> tuple[float, float]:
    y, z = np.tan(np.radians(degrees))
    return float(y), float(z)
