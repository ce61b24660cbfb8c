"""The real science window 255900280010: the burst storm of SGR 1935+2154."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.archive.event_file import read_raw_window
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from tests.real_data import CUT_EVENTS, whole_events
from tests.validation.asking import Floats
from tests.validation.results import Table

_WINDOW = "255900280010.001"
_SGR = CatalogSource("SGR 1935+2154", 293.73199, 21.89672)
_BLANK = CatalogSource("blank", 286.0, 18.0)
_ENERGY = (28.0, 150.0)
_START = 8320.63230042977
_CUT = ((278, 286), (420, 425), (666, 673), (1277, 1281), (1819, 1823), (1987, 1992), (2146, 2151))


def test_sample_is_the_whole_original(tmp_path: Path) -> None:
    sample, original = SampleArchive().raw(), read_raw_window(whole_events(tmp_path), _WINDOW)
    assert original.window == sample.window
    assert dict(original.keywords) == dict(sample.keywords)
    pulses = ("height", "rise_time")
    for column in ("time", "energy", "dety", "detz", "select_flag", "intervals", *pulses):
        assert getattr(original, column).tobytes() == getattr(sample, column).tobytes()


def test_bursts_of_the_whole_window(table: Callable[[str], Table]) -> None:
    site = oda.connect(archive="sample")
    image = site.image(_SGR.name, _WINDOW, energy=_ENERGY, intervals=_bursts(site))
    with table("SGR 1935+2154, 0.1 s with counts 5 σ above the mean, 28-150 keV") as row:
        _judge(row, image, 176.0)


def test_bump_of_the_background_at_every_rise_time(table: Callable[[str], Table]) -> None:
    recorded = SampleArchive().events(_WINDOW)
    events = CalibratedArchive(SampleArchive()).events(_WINDOW)
    assert recorded.pulses is not None
    # All events of these rise times are used but some hundred without height.
    rise_time = recorded.pulses.rise_time
    used = np.flatnonzero((rise_time >= 7) & (rise_time <= 80))
    rise_time = rise_time[used][np.searchsorted(recorded.time[used], events.time)]
    with table("Energies of the whole real window: bump of tungsten and lead, keV") as row:
        for first, last in pairwise((7, 16, 25, 35, 45, 60, 81)):
            chosen = (rise_time >= first) & (rise_time < last)
            top = _top(events.energy[chosen])
            row.between(f"rise times of {first} to {last - 1}", top, 58.5, 61.5)


def _top(energy: NDArray[np.float32]) -> float:
    """Return the highest place between 45 and 90 keV of a histogram smoothed over 7 keV."""
    counts = np.histogram(energy, np.arange(0, 150, 0.5))[0]
    smooth = np.convolve(counts, np.hanning(30), "same")
    return 45.25 + 0.5 * int(np.argmax(smooth[90:180]))


def test_spectrum_of_the_bursts(table: Callable[[str], Table]) -> None:
    site = oda.connect(archive="sample")
    six_seconds = [("2022-10-12T15:20:27", "2022-10-12T15:20:33")]
    for name, intervals in {"all bursts": _bursts(site), "one burst": six_seconds}.items():
        catalog = SourceCatalog.of([_SGR])
        spectrum = site.spectra(_WINDOW, catalog=catalog, intervals=intervals)[_SGR.name]
        fit = spectrum.fit("bbodyrad + bbodyrad", energy=(34, 150))
        hotter = max(p.value for name, p in fit.parameters.items() if name.endswith("kT"))
        with table(f"SGR 1935+2154, {name}, two black bodies, 34-150 keV") as row:
            row.below("χ² per degree of freedom", fit.statistic / fit.dof, 1.2)
            row.between("kT of the hotter one, keV", hotter, 11.0, 20.0)
            row.below(
                "χ² per degree of freedom of a smooth curve, 60-130 keV", _bends(spectrum), 1.5
            )


def _bends(spectrum: oda.Spectrum) -> float:
    """Return the χ² per degree of freedom of a parabola in the logarithms, counting errors only."""
    low, high = spectrum.channel_low, spectrum.channel_high
    edges = np.arange(60, 131, 5.0)
    number = np.digitize((low + high) / 2, edges)
    inside = (number > 0) & (number < len(edges))
    width = np.bincount(number[inside], (high - low)[inside])[1:]
    rate = np.bincount(number[inside], spectrum.rate[inside])[1:] / width
    error = np.sqrt(np.bincount(number[inside], spectrum.error[inside] ** 2)[1:]) / width
    energy = (edges[1:] + edges[:-1]) / 2
    seen = rate > 2 * error
    x, y, weight = np.log(energy[seen]), np.log(rate[seen]), (rate / error)[seen]
    curve = np.polyval(np.polyfit(x, y, 2, w=weight), x)
    return float(np.sum(((y - curve) * weight) ** 2) / (seen.sum() - 3))


def test_sources_of_the_whole_window(table: Callable[[str], Table]) -> None:
    """Cyg X-1 shines through a corner of the mask; its ghost is higher than its own peak."""
    image = oda.connect(archive="sample").image(
        _SGR.name, _WINDOW, energy=_ENERGY, detection_threshold=5.0
    )
    named = {source.name: source.significance for source in image.catalog}
    with table("The whole real window, 28-150 keV") as row:
        row.above("significance of Cyg X-1, 1 % coded", named.get("Cyg X-1", 0.0), 6.0)
        new = [source for source in image.catalog if source.new and source.significance > 6]
        row.below("new sources above 6 σ", len(new), 0)


@pytest.mark.filterwarnings("ignore:Rates of 28–150 keV are lower limits")  # as it says itself
@pytest.mark.filterwarnings("ignore:Energies in the event files")  # likewise
def test_cut_file(table: Callable[[str], Table], tmp_path: Path) -> None:
    """The 124 sigma to be reached are those of the energies in the file: they choose the events."""
    folder = tmp_path / "scw" / "2559" / _WINDOW
    folder.mkdir(parents=True)
    shutil.copy(CUT_EVENTS, folder / "isgri_events.fits.gz")
    intervals = [(_START + start / 86400, _START + stop / 86400) for start, stop in _CUT]
    image = oda.connect(archive=tmp_path, energies="archive").image(
        _SGR.name, _WINDOW, energy=_ENERGY, intervals=intervals
    )
    with table("SGR 1935+2154 in the cut file, its seven bursts, energies of the file") as row:
        _judge(row, image, 124.0)


def test_spectrum_and_light_curve_agree(table: Callable[[str], Table]) -> None:
    site = oda.connect(archive="sample")
    catalog = SourceCatalog.of([_SGR, _BLANK])
    spectra = site.spectra(_WINDOW, catalog=catalog)
    curves = site.light_curves(_WINDOW, catalog=catalog, energy=_ENERGY, time_bin=1.0)
    spectrum, curve = spectra[_SGR.name], curves[_SGR.name]
    band = (spectrum.channel_low >= _ENERGY[0]) & (spectrum.channel_high <= _ENERGY[1])
    exposure = curve.width * curve.exposed_fraction
    mean = np.sum(curve.rate * exposure) / exposure.sum()
    error = np.sqrt(np.sum(spectrum.error[band] ** 2))
    blank = curves[_BLANK.name]
    pulls = (blank.rate - blank.rate.mean()) / blank.error
    with table("SGR 1935+2154 and a blank position, whole window") as row:
        difference = float((mean - spectrum.rate[band].sum()) / error)
        row.near_zero("sum of 1 s bins - sum of channels, σ", difference, 0.1)
        row.between("1 s bins of the blank position: pulls, std", pulls.std(), 0.95, 1.05)


def _bursts(site: oda.Site) -> list[tuple[float, float]]:
    """Return the tenths of a second in which the detector counts far above its mean."""
    catalog = SourceCatalog.of([_SGR])
    curve = site.light_curves(_WINDOW, catalog=catalog, energy=_ENERGY, time_bin=0.1)[_SGR.name]
    full = curve.exposed_fraction > 0.99
    counts: Floats = np.where(full, curve.total_counts, 0.0)
    usual = float(np.median(counts[full]))
    bright = counts > usual + 5 * np.sqrt(usual)
    half = 0.05 / 86400
    return [(time - half, time + half) for time in curve.time[bright]]


def _judge(row: Table, image: oda.SkyImage, significance: float) -> None:
    found = image.catalog[_SGR.name]
    peak = CatalogSource("peak", found.ra_fit, found.dec_fit)
    column, line = image.wcs.world_to_pixel_values(_SGR.ra, _SGR.dec)
    rows, columns = np.indices(image.shape)
    far = np.maximum(np.abs(columns - column), np.abs(rows - line)) > 0.5 / image.pixel_size
    clear = image.significance[far & np.isfinite(image.significance)]
    row.above("significance", found.significance, significance)
    row.below(
        "distance of the peak from the catalogue, arcminutes", 60 * peak.separation(_SGR), 0.5
    )
    others = [s.significance for s in image.catalog if s.name != found.name]
    row.below("other sources above 6 σ", sum(other > 6 for other in others), 0)
    row.between("standard deviation of the map elsewhere", clear.std(), 0.95, 1.05)
