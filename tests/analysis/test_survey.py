"""A survey adds windows up on the whole sky, and goes on where it was stopped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.analysis import survey, survey_sources, window_image
from oda_widgets.analysis.survey_sums import SurveySums
from oda_widgets.engine.deconvolve import SkyMaps
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.errors import BadParameter, IncompleteProduct, JobCancelled, JobError
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.healpix import equatorial
from oda_widgets.lookup.sphere import separations
from oda_widgets.products.all_sky import AllSky

BAND = (28, 80)
RATE = 180.0  # counts/s, of the Crab in `three_windows`
NSIDE = 256


@pytest.fixture
def site(three_windows: Path) -> oda.Site:
    """Give a site over three short windows of the Crab."""
    return oda.connect(archive=three_windows)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the list of windows that are added, and write a file after each of them."""
    names: list[str] = []
    add = SurveySums.add

    def spy(sums: SurveySums, identifier: str, *others: Any) -> None:
        names.append(identifier)
        add(sums, identifier, *others)

    monkeypatch.setattr(SurveySums, "add", spy)
    monkeypatch.setattr(survey, "_BETWEEN", 1)
    monkeypatch.setattr(survey, "_PART", np.inf)
    return names


def made(site: oda.Site, folder: Path, **words: Any) -> AllSky:
    return site.survey(**{"energy": BAND, "nside": NSIDE, "folder": folder, **words})


def bits(sky: AllSky) -> Iterator[bytes]:
    yield from (getattr(sky, name).tobytes() for name in ("intensity", "variance", "exposure"))
    yield repr([(s.name, s.flux, s.flux_error, s.significance) for s in sky.catalog]).encode()


def records(cache: Path) -> Iterator[Path]:
    """Yield the records of results in a store."""
    return (cache / "store" / "objects").rglob("*.json")


def placed(site: oda.Site) -> oda.CatalogSource:
    """Return the only source of the windows, as an image of them finds it."""
    (source,) = site.image(windows=site.science_windows(), energy=BAND).catalog
    return source


def test_a_source_that_no_catalogue_knows_is_a_candidate(site: oda.Site, tmp_path: Path) -> None:
    sky = made(site, tmp_path, nside=512)
    (candidate,) = sky.candidates
    assert candidate.separation(placed(site)) < sky.grid.pixel_size
    assert candidate.error_radius > sky.grid.pixel_size
    assert 0.6 * RATE < candidate.flux < RATE
    assert "1 candidate that no known source explains" in repr(sky)


def test_a_known_source_is_measured_at_its_place_whatever_the_pixels(
    site: oda.Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = placed(site)
    known = replace(survey_sources.survey_sources()[0], name="It", ra=found.ra, dec=found.dec)
    for function in (survey_sources.survey_sources, survey_sources._positions):
        function.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(survey_sources, "separable_sources", lambda *_: [known])
        sky = made(site, tmp_path, nside=16)
    for function in (survey_sources.survey_sources, survey_sources._positions):
        function.cache_clear()
    (it,) = sky.catalog
    assert (it.name, it.new) == ("It", False)
    assert abs(it.flux - RATE) < 3 * it.flux_error
    assert it.flux_error < 0.05 * RATE


def test_what_windows_fitted_is_averaged_by_the_inverse_variance() -> None:
    sums, grid = survey_sources.SourceSums.empty(), IBIS.map_grid
    shape = (grid.size, grid.size)
    flat = SkyMaps(*(np.full(shape, value, np.float32) for value in (0.0, 4.0, 1.0, 1.0)))
    towards = Pointing(83.63, 22.01, 83.63, 112.01)
    for flux, error in ((100.0, 1.0), (106.0, 2.0)):
        height = 1.5 * flux / error  # without the counting noise of the source itself
        fitted = [oda.CatalogSource("Crab", 83.63, 22.01, height, flux, error)]
        sums.add(flat, towards, grid, fitted)
    (crab,) = sums.listed()
    assert crab.flux == pytest.approx((100 + 106 / 4) / (1 + 1 / 4))
    assert crab.flux_error == pytest.approx((1 + 1 / 4) ** -0.5)
    assert crab.significance == pytest.approx(1.5 * crab.flux / crab.flux_error)
    sums.add(flat, towards, grid, [])  # one that sees it and does not show it counts as well
    assert sums.listed()[0].flux == pytest.approx((100 + 106 / 4) / (1 + 1 / 4 + 1 / 4))


def test_windows_whose_rates_are_uncertain_do_not_outvote_others() -> None:
    """Such a window may have small errors, and yet be wrong by a third."""
    sums, grid = survey_sources.SourceSums.empty(), IBIS.map_grid
    shape = (grid.size, grid.size)
    flat = SkyMaps(*(np.full(shape, value, np.float32) for value in (0.0, 4.0, 1.0, 1.0)))
    towards = Pointing(83.63, 22.01, 83.63, 112.01)
    for flux, error in ((100.0, 0.0), (70.0, 0.36), (70.0, 0.38)):
        crab = oda.CatalogSource("Crab", 83.63, 22.01, 50.0, flux, 1.0)
        sums.add(flat, towards, grid, [crab], error)
    (crab,) = sums.listed()
    assert crab.flux == pytest.approx(100, abs=0.2)
    assert crab.flux_error == pytest.approx(1, abs=0.01)
    assert crab.significance == pytest.approx(50 * 3**0.5)


def test_the_map_away_from_sources_is_noise_of_unit_width(site: oda.Site, tmp_path: Path) -> None:
    sky = made(site, tmp_path)
    ra, dec = equatorial(sky.grid.directions(np.arange(sky.grid.size)))
    seen = np.isfinite(sky.intensity)
    for source in sky.catalog:
        seen &= separations(ra, dec, source.ra, source.dec) > 1
    assert seen.sum() > 3000
    assert 0.95 < sky.significance[seen].std() < 1.07
    assert abs(sky.significance[seen].mean()) < 0.1


@pytest.mark.parametrize("stopped_by", [RuntimeError, JobCancelled])
def test_a_stopped_survey_goes_on_to_the_same_bits(
    site: oda.Site, tmp_path: Path, added: list[str], stopped_by: type[Exception]
) -> None:
    whole = list(bits(made(site, tmp_path / "whole")))

    def stop(sky: AllSky) -> None:
        if len(sky.observation.science_windows) == 2:
            raise stopped_by("The power failed.", "") if stopped_by is JobCancelled else stopped_by

    with pytest.raises(JobError):
        made(site, tmp_path / "stopped", grown=stop)
    added.clear()
    resumed = made(site, tmp_path / "stopped")
    assert len(added) == 1
    assert len(set(resumed.observation.science_windows)) == 3
    assert list(bits(resumed)) == whole


def test_a_finished_survey_adds_nothing_twice(
    site: oda.Site, tmp_path: Path, added: list[str]
) -> None:
    first = made(site, tmp_path)
    added.clear()
    assert list(bits(made(site, tmp_path))) == list(bits(first))
    assert added == []
    made(site, tmp_path, resume=False)
    assert len(added) == 3


@pytest.mark.parametrize("other", [{"energy": (30, 60)}, {"nside": 64}])
def test_another_question_begins_anew_and_leaves_the_first_as_it_is(
    site: oda.Site, tmp_path: Path, added: list[str], other: dict[str, Any]
) -> None:
    made(site, tmp_path)
    made(site, tmp_path, **other)
    assert len(added) == 6
    made(site, tmp_path)
    assert len(added) == 6


def test_another_version_of_the_code_begins_anew(
    site: oda.Site, tmp_path: Path, added: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(site, tmp_path)
    monkeypatch.setattr(survey, "code_version", lambda _: "another")
    made(site, tmp_path)
    assert len(added) == 6


def test_more_windows_go_on_and_fewer_are_refused(
    site: oda.Site, tmp_path: Path, added: list[str]
) -> None:
    names = site.science_windows().ids
    made(site, tmp_path, windows=names[:2])
    sky = made(site, tmp_path)
    assert added == list(names)
    assert len(sky.observation.science_windows) == 3
    with pytest.raises(
        BadParameter, match=r"folder=.*more windows.*1 other window, such as .*resume=False"
    ):
        made(site, tmp_path, windows=names[:2])


@pytest.fixture
def own(three_windows: Path, tmp_path: Path) -> Path:
    """Give an archive of three windows whose files a test may change."""
    archive = tmp_path / "archive"
    shutil.copytree(three_windows, archive)
    return archive


def folder_of(archive: Path, number: int) -> Path:
    """Return the folder of one of the windows of an archive."""
    return sorted({path.parent for path in archive.rglob("isgri_events*")})[number]


def thin(folder: Path) -> None:
    """Leave every other event in the file of a window."""
    (path,) = folder.glob("isgri_events*")
    with fits.open(path) as file:
        file[1].data = file[1].data[::2]
        for unit in file[1:]:
            for name in ("CHECKSUM", "DATASUM"):
                unit.header.remove(name, ignore_missing=True)
        units = fits.HDUList([unit.copy() for unit in file])
    units.writeto(path, overwrite=True)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("version", ["001", "002"])
def test_a_window_that_changed_is_taken_out_and_added_anew(
    own: Path, tmp_path: Path, version: str
) -> None:
    before = made(oda.connect(archive=own), tmp_path / "survey")
    folder = folder_of(own, 1)
    thin(folder)
    folder.rename(folder.with_name(f"{folder.name[:12]}.{version}"))
    with pytest.warns(IncompleteProduct, match=f"Added anew.*files have changed: {folder.name}"):
        resumed = made(oda.connect(archive=own), tmp_path / "survey")
    fresh = made(oda.connect(archive=own), tmp_path / "other")
    assert sorted(resumed.observation.science_windows) == sorted(fresh.observation.science_windows)
    (one,), (other,), (old,) = resumed.catalog, fresh.catalog, before.catalog
    assert one.flux == pytest.approx(other.flux, rel=1e-5)
    assert one.flux < 0.95 * old.flux
    assert resumed.observation.live_time == pytest.approx(fresh.observation.live_time)
    np.testing.assert_allclose(resumed.variance, fresh.variance, rtol=1e-5)
    np.testing.assert_allclose(resumed.exposure, fresh.exposure, rtol=1e-5)
    np.testing.assert_allclose(resumed.significance, fresh.significance, atol=1e-3)


@pytest.mark.usefixtures("cache")
def test_a_window_that_changed_stays_where_the_store_has_lost_what_it_was(
    own: Path, tmp_path: Path, cache: Path
) -> None:
    first = made(oda.connect(archive=own), tmp_path / "survey")
    thin(folder_of(own, 1))
    shutil.rmtree(cache / "store")
    with pytest.warns(IncompleteProduct, match=r"Kept as they were.*have changed.*--afresh"):
        resumed = made(oda.connect(archive=own), tmp_path / "survey")
    assert list(bits(resumed)) == list(bits(first))


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("loss", ["truncated", "removed"])
def test_a_survey_grows_although_a_window_of_it_is_lost(
    own: Path, tmp_path: Path, loss: str
) -> None:
    third = folder_of(own, 2)
    later = tmp_path / third.name
    third.rename(later)
    first = made(oda.connect(archive=own), tmp_path / "survey")
    later.rename(third)
    lost = folder_of(own, 0)
    (path,) = lost.glob("isgri_events*")
    if loss == "removed":
        shutil.rmtree(lost)
    else:
        path.write_bytes(path.read_bytes()[:5000])
    with pytest.warns(IncompleteProduct, match=f"no more or cannot read them: {lost.name}"):
        resumed = made(oda.connect(archive=own), tmp_path / "survey")
    assert resumed.observation.science_windows == (*first.observation.science_windows, third.name)
    assert lost.name in resumed.observation.science_windows
    assert not resumed.observation.skipped


def test_a_damaged_file_is_not_believed(site: oda.Site, tmp_path: Path, added: list[str]) -> None:
    first = made(site, tmp_path)
    (file,) = tmp_path.glob("survey-*.npz")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)
    with pytest.warns(IncompleteProduct, match="damaged: the survey begins anew"):
        again = made(site, tmp_path)
    assert len(added) == 6
    assert list(bits(again)) == list(bits(first))


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("index", ["has seen it whole", "sees it damaged"])
def test_a_window_that_cannot_be_read_is_skipped_with_its_reason(
    three_windows: Path, tmp_path: Path, index: str
) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(three_windows, archive)
    names = oda.connect(archive=three_windows).science_windows().ids
    site = oda.connect(archive=archive)
    if index == "has seen it whole":
        assert len(site.science_windows()) == 3
    (file,) = (path for path in archive.rglob("*") if path.is_file() and names[1] in str(path))
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.warns(IncompleteProduct, match=f"{names[1]} was skipped: "):
        sky = made(site, tmp_path / "survey")
    assert sky.observation.science_windows == (names[0], names[2])
    assert [window.id for window in sky.observation.skipped] == [names[1]]
    assert "1 window skipped" in repr(sky)


def test_the_size_of_the_file_follows_from_the_sky_that_was_seen(
    site: oda.Site, tmp_path: Path, added: list[str]
) -> None:
    sizes: list[int] = []
    made(
        site,
        tmp_path,
        grown=lambda _: sizes.append(next(tmp_path.glob("*.npz")).stat().st_size),
    )
    assert max(sizes) < 1.2 * min(sizes)
    assert len(sizes) == len(added) + 1
    assert max(sizes) < 2_000_000


@pytest.mark.usefixtures("cache")
def test_the_store_keeps_the_counts_of_windows_and_no_image(
    three_windows: Path, tmp_path: Path, cache: Path
) -> None:
    """Images of a mission would push everything else out of the store."""
    sky = made(oda.connect(archive=three_windows), tmp_path)
    kept = list(cache.rglob("*.npz"))
    steps = {json.loads(path.read_text())["steps"][-1]["name"] for path in records(cache)}
    assert steps == {"ISGRICounts"}
    assert sum(path.stat().st_size for path in kept) < 2.5e6 * len(sky.observation.science_windows)


@pytest.mark.usefixtures("cache")
def test_an_image_that_the_store_has_is_not_computed_again(
    three_windows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = oda.connect(archive=three_windows)
    for window in site.science_windows():
        site.image(windows=window.id, energy=BAND)
    monkeypatch.setattr(window_image, "image_window", None)  # cannot be called
    assert len(made(site, tmp_path).observation.science_windows) == 3


def test_it_is_saved_as_healpix_programs_read_it(site: oda.Site, tmp_path: Path) -> None:
    sky = made(site, tmp_path)
    sky.save(tmp_path / "sky.fits")
    with fits.open(tmp_path / "sky.fits") as file:
        header, table = file["ALLSKY"].header, file["ALLSKY"].data
        keywords = {name: header[name] for name in ("PIXTYPE", "ORDERING", "NSIDE", "COORDSYS")}
        assert keywords == {
            "PIXTYPE": "HEALPIX",
            "ORDERING": "RING",
            "NSIDE": NSIDE,
            "COORDSYS": "G",
        }
        assert header["INDXSCHM"] == "IMPLICIT"
        assert (header["FIRSTPIX"], header["LASTPIX"]) == (0, 12 * NSIDE**2 - 1)
        assert header["SIMULATE"] is sky.observation.simulated
        assert len(table) == 12 * NSIDE**2
        seen = np.isfinite(sky.intensity)
        assert np.array_equal(table["INTENSITY"][seen], sky.intensity[seen])
        assert np.all(table["INTENSITY"][~seen] == np.float32(header["BAD_DATA"]))
        assert list(file["CATALOGUE"].data["src_names"]) == list(sky.catalog.names)
    back = oda.open(tmp_path / "sky.fits")
    assert isinstance(back, AllSky)
    assert list(bits(back)) == list(bits(sky))
    assert back.observation == sky.observation


def test_its_file_is_without_fault(
    site: oda.Site, tmp_path: Path, fitsverify: Callable[[Path], None]
) -> None:
    made(site, tmp_path).save(tmp_path / "sky.fits")
    fitsverify(tmp_path / "sky.fits")


def test_queries_are_answered_while_a_survey_is_made(
    site: oda.Site, tmp_path: Path, added: list[str]
) -> None:
    query = oda.ImageQuery(science_windows=site.science_windows().ids[:1], energy=BAND)
    answered: list[int] = []

    def ask(_: AllSky) -> None:
        site.submit(query).result(60.0)
        answered.append(len(added))

    made(site, tmp_path, grown=ask)
    assert answered[0] == 1


def test_only_the_embedded_engine_makes_surveys(site: oda.Site, tmp_path: Path) -> None:
    site.record(tmp_path / "answers.zip")
    site.image(windows=site.science_windows(), energy=BAND)
    with pytest.raises(BadParameter, match="makes no surveys"):
        made(oda.connect(f"recorded:{tmp_path / 'answers.zip'}"), tmp_path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"nside": 500}, "nside=500: no power of 2"),
        ({"nside": 8}, "nside=8: not a whole number, 16 or more. Write for example nside=512"),
        ({"nside": 2048}, "nside=2048: more than 1,024. Give 1,024 at most"),
        ({"nside": [64]}, r"nside=\[64\]: not a whole number"),
        ({"energy": (5, 20)}, "energy=5"),
        ({"resume": "no"}, "resume='no': neither"),
        ({"grown": 7}, "grown=7: not a function"),
        ({"limit": 0}, "limit=0"),
        ({"windows": ["255900280010.001"], "limit": 3}, "limit=3: .*Leave out windows"),
        ({"windows": []}, "no science window is named"),
    ],
)
def test_what_cannot_be_surveyed_is_refused_by_name(
    site: oda.Site, tmp_path: Path, words: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        made(site, tmp_path, **words)


def test_a_file_in_place_of_the_folder_is_refused(site: oda.Site) -> None:
    with pytest.raises(BadParameter, match=r"folder=.*: a file"):
        made(site, Path(__file__))


def test_a_survey_that_is_killed_goes_on(site: oda.Site, tmp_path: Path) -> None:
    """SIGKILL leaves no time for anything; the file was whole before."""
    whole = list(bits(made(site, tmp_path / "whole")))
    script = tmp_path / "killed.py"
    script.write_text(
        "import os, signal, sys, oda_widgets as oda\n"
        "from oda_widgets.analysis import survey\n"
        "survey._BETWEEN = 1\n"
        "site = oda.connect(archive=sys.argv[1])\n"
        f"site.survey(energy={BAND}, nside={NSIDE}, folder=sys.argv[2],"
        " grown=lambda sky: os.kill(os.getpid(), signal.SIGKILL))\n"
    )
    command = [sys.executable, str(script), site._backend._archive.address, str(tmp_path / "k")]  # type: ignore[attr-defined]
    done = subprocess.run(command, env=dict(os.environ), check=False)
    assert done.returncode == -9
    for lock in (tmp_path / "k").glob("*.lock"):
        lock.unlink()  # its heart has stopped: the next would wait for 20 s
    resumed = made(site, tmp_path / "k")
    assert list(bits(resumed)) == whole
