"""The site answers questions about the real science window."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import (
    ArchiveError,
    BadParameter,
    DamagedFile,
    DataError,
    EmptySelection,
    IncompleteProduct,
    UnknownSource,
)
from oda_widgets.lookup.sphere import separations
from tests.photons.fields import weak_source
from tests.photons.isdc_files import write_events

MAGNETAR = "SGR 1935+2154"
BURSTS = ("2022-10-12T15:20:27", "2022-10-12T15:20:40")
BAND = (28, 150)


def test_windows_are_named_with_or_without_version_and_unknown_ones_left_out(
    sample_site: oda.Site,
) -> None:
    every = sample_site.science_windows()
    found = sample_site.named_windows([every.ids[0][:12], "010000000010.001"])
    assert found.windows == every.windows[:1]
    assert found.answered_by == every.answered_by
    with pytest.raises(BadParameter):
        sample_site.named_windows("crab")


def test_the_magnetar_is_in_the_image_of_its_bursts(sample_site: oda.Site) -> None:
    image = sample_site.image(MAGNETAR, energy=BAND, intervals=[BURSTS])
    source = image.catalog[MAGNETAR]
    assert source.significance > 50
    assert source.separation(oda.CatalogSource("OSA", 293.73199, 21.89672)) < 0.5 / 60
    assert image.catalog.names == (MAGNETAR,)
    x, y = image.wcs.world_to_pixel_values(source.ra, source.dec)
    assert image.significance[round(float(y)), round(float(x))] == pytest.approx(
        source.significance, rel=0.05
    )


def test_an_image_waits_for_no_astropy() -> None:
    """It takes longer to import than all else that a stored image needs."""
    program = (
        "import sys; import oda_widgets as oda;"
        f"image = oda.connect(archive='sample').image(energy={BAND});"
        "print('astropy' in sys.modules); image.wcs; print('astropy' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_product_says_what_was_observed(sample_site: oda.Site) -> None:
    observation = sample_site.image(energy=BAND, intervals=[BURSTS]).observation
    assert observation.science_windows == ("255900280010.001",)
    assert observation.ontime == pytest.approx(9.25, abs=0.1)  # a gap of telemetry inside
    assert observation.live_time == pytest.approx(0.716 * observation.ontime, rel=1e-3)
    assert observation.intervals_note == "9.249 s of the 13.000 s in the intervals are good time"
    assert "Dead time is not in the archive" in observation.dead_time_note
    assert "thresholds of pixels were measured" in observation.rates_note.lower()
    assert 0.05 < observation.rates_error < 0.25  # for photon indices from 1.5 to 5
    assert "14929 of 16384 pixels" in observation.pixels_note
    assert observation.energies == "lines"
    assert "calibrated on instrumental lines" in observation.energies_note
    assert not observation.simulated


def test_whole_windows_and_whole_good_time_need_no_note(sample_site: oda.Site) -> None:
    day, seconds = ("2022-10-12", "2022-10-13"), ("2022-10-12T15:21:01", "2022-10-12T15:21:04.5")
    for interval in (day, seconds):
        observation = sample_site.image(energy=BAND, intervals=[interval]).observation
        assert observation.intervals_note == ""
    assert observation.span == "2022-10-12T15:21:01.000 to 2022-10-12T15:21:04.500 UTC"


def test_a_light_curve_and_a_spectrum_agree_on_the_flux(sample_site: oda.Site) -> None:
    """Sources may be named, resolved, or taken from a catalogue."""
    curve = sample_site.light_curves(catalog=[MAGNETAR], energy=BAND)[MAGNETAR]
    spectrum = sample_site.spectra(catalog=[sample_site.resolve(MAGNETAR)])[MAGNETAR]
    seconds = curve.width * curve.exposed_fraction
    mean = curve.rate @ seconds / seconds.sum()
    band = (spectrum.channel_low >= BAND[0]) & (spectrum.channel_high <= BAND[1])
    error = np.sqrt(np.sum(spectrum.error[band] ** 2))
    assert mean == pytest.approx(spectrum.rate[band].sum(), abs=0.1 * error)


def test_the_spectrum_of_a_burst_has_no_holes(sample_site: oda.Site) -> None:
    """The rest of the window knows the background where half a second has too few counts."""
    burst = ("2022-10-12T15:14:06.5", "2022-10-12T15:14:07")
    spectrum = sample_site.spectra(catalog=[MAGNETAR], intervals=[burst])[MAGNETAR]
    inside = (spectrum.channel_low >= 34) & (spectrum.channel_high <= 999.5)
    assert spectrum.good[inside].all()
    assert (spectrum.error[inside] > 0).all()


def test_energies_without_data_are_said(tmp_path: Path) -> None:
    """Of a few seconds alone nothing else shows the background."""
    field = weak_source(np.random.default_rng(3))
    write_events(field.trace(4.0, np.random.default_rng(4)), tmp_path)
    catalog = [oda.CatalogSource("source", field.sources[0].ra, field.sources[0].dec)]
    site = oda.connect(archive=tmp_path)
    with pytest.warns(IncompleteProduct, match=r"no data at .*201–299.5 keV.* \(QUALITY 3\)"):
        spectrum = site.spectra(catalog=oda.SourceCatalog.of(catalog))["source"]
    named = (spectrum.channel_low >= 201) & (spectrum.channel_low < 299.5)
    assert (spectrum.quality[named] == 3).all()
    assert np.isnan(spectrum.rate[named]).all()


def test_a_window_too_short_for_any_spectrum_is_refused(tmp_path: Path) -> None:
    field = weak_source(np.random.default_rng(3))
    write_events(field.trace(1.0, np.random.default_rng(4)), tmp_path)
    catalog = [oda.CatalogSource("source", field.sources[0].ra, field.sources[0].dec)]
    with pytest.raises(DataError, match=r"too few counts .* Take longer intervals"):
        oda.connect(archive=tmp_path).spectra(catalog=oda.SourceCatalog.of(catalog))


def test_sources_outside_the_field_are_left_out_and_said(sample_site: oda.Site) -> None:
    catalog = oda.SourceCatalog.of(
        [oda.CatalogSource("Crab", 83.63, 22.01), oda.CatalogSource(MAGNETAR, 293.73, 21.9)]
    )
    with pytest.warns(IncompleteProduct, match="Crab is left out"):
        curves = sample_site.light_curves(catalog=catalog, time_bin=100)
    assert list(curves) == [MAGNETAR]


def test_an_unknown_name_is_refused_with_who_was_asked(sample_site: oda.Site) -> None:
    with pytest.raises(UnknownSource, match="Crabb"):
        sample_site.image("Crabb")


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"source": "Crab"}, EmptySelection, "132.0 deg away"),
        ({"source": "Crab", "windows": "255900280010.001"}, BadParameter, "outside the field"),
        ({"source": (400, 0)}, BadParameter, "outside 0 to 360 deg"),
        ({"energy": (40, 20)}, BadParameter, r"Write energy=\(20, 40\)"),
        ({"energy": (1, 40)}, BadParameter, "outside 15 to 1000 keV"),
        ({"intervals": [(3000, 3001)]}, BadParameter, "They cover 2022-10-12T15:0"),
        ({"intervals": "now"}, BadParameter, r"Write intervals=\[\(start, stop\)"),
        ({"windows": "066500220010.001"}, ArchiveError, "066500220010.001"),
        ({"windows": ["255900280010", "255900280010.001"]}, BadParameter, "more than once"),
    ],
)
def test_a_bad_question_is_refused_with_the_way_out(
    sample_site: oda.Site, arguments: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        sample_site.image(**arguments)  # type: ignore[arg-type]


def test_windows_are_chosen_by_place_and_time(sample_site: oda.Site) -> None:
    assert len(sample_site.science_windows(MAGNETAR)) == 1
    with pytest.raises(EmptySelection, match="2022-10-12"):
        sample_site.science_windows(start="2003-01-01", stop="2004-01-01")


def test_several_windows_make_one_image(three_windows: Path) -> None:
    image = oda.connect(archive=three_windows).image(energy=(28, 80))
    assert len(image.observation.science_windows) == 3
    assert image.observation.simulated
    assert image.observation.weights_note == (
        "mean of 3 science windows, each weighted by the inverse of the variance"
    )
    (found,) = image.catalog
    assert found.new
    assert found.flux == pytest.approx(180, abs=4 * found.flux_error)
    x, y = image.wcs.world_to_pixel_values(found.ra, found.dec)
    assert image.intensity[round(float(y)), round(float(x))] == pytest.approx(found.flux, rel=0.05)


def test_a_choice_at_random_says_from_how_many(three_windows: Path, tmp_path: Path) -> None:
    site = oda.connect(archive=three_windows)
    image = site.image(windows=site.science_windows(limit=2))
    assert "2 of 3 science windows" in image.observation.label
    image.save(tmp_path / "image.fits")
    assert oda.SkyImage.read(tmp_path / "image.fits").observation.available == 3
    assert "3 science windows" in site.image().observation.label


def test_more_bins_than_memory_holds_are_refused(sample_site: oda.Site) -> None:
    catalog = oda.SourceCatalog.of(
        [oda.CatalogSource(f"S{number}", 293.0, 19.0 + number / 10) for number in range(50)]
    )
    with pytest.raises(BadParameter, match=r"time_bin=0\.01: 17,[0-9,]+ bins over 50 sources"):
        sample_site.light_curves(catalog=catalog, time_bin=0.01)


def test_a_damaged_window_is_skipped_and_said(three_windows: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(three_windows, root)
    broken = sorted(root.rglob("isgri_events.fits.gz"))[1]
    broken.write_bytes(broken.read_bytes()[:20000])
    identifiers = [path.parent.name for path in sorted(root.rglob("isgri_events.fits.gz"))]
    site = oda.connect(archive=root)
    with pytest.warns(IncompleteProduct, match=identifiers[1]):
        image = site.image(windows=identifiers)
    assert [window.id for window in image.observation.skipped] == [identifiers[1]]
    assert image.observation.science_windows == (identifiers[0], identifiers[2])
    with pytest.raises(DamagedFile, match=identifiers[1]):
        site.image(windows=identifiers[1])


def test_a_folder_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="scw/RRRR"):
        oda.connect(archive=tmp_path / "nothing")
    with pytest.raises(ArchiveError, match="is empty"):
        oda.connect(archive=tmp_path)
    (tmp_path / "scw").mkdir()
    with pytest.raises(ArchiveError, match="no science window"):
        oda.connect(archive=tmp_path).science_windows()


def test_by_default_the_windows_are_those_that_point_near_the_sources() -> None:
    site = oda.connect(archive="simulated")
    mission = {window.id: window for window in site.science_windows(limit=None)}

    def near(name: str, identifiers: tuple[str, ...]) -> int:
        source = site.resolve(name)
        ra, dec = zip(*((mission[i].ra, mission[i].dec) for i in identifiers), strict=True)
        return int((separations(ra, dec, source.ra, source.dec) <= 15).sum())

    def chosen(*names: str) -> tuple[str, ...]:
        return site._identifiers(None, oda.SourceCatalog.of(map(site.resolve, names)))

    assert near("Crab", chosen("Crab")) == len(chosen("Crab")) == 50
    assert chosen("Crab", "1A 0535+262") == chosen("Crab")  # 5 degrees apart: one part of the sky
    apart = chosen("Crab", "Cyg X-1")
    assert (near("Crab", apart), near("Cyg X-1", apart), len(apart)) == (50, 50, 100)


def test_a_query_is_what_can_be_submitted(sample_site: oda.Site) -> None:
    with pytest.raises(BadParameter, match="not a query"):
        sample_site.submit("image of the Crab, please")
