"""Files that are exchanged for others, between questions and while one is answered."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.errors import ArchiveError
from oda_widgets.instruments.events import WindowEvents

pytestmark = pytest.mark.usefixtures("cache")

WINDOW = "199900010010.001"
BURSTER = oda.SourceCatalog.of([oda.CatalogSource("Burster", 83.501, 20.717)])


@pytest.fixture
def archive(three_windows: Path, tmp_path: Path) -> Path:
    """Give an archive of one window that a test may change."""
    (events,) = (path for path in three_windows.rglob("isgri_events.fits*") if WINDOW in str(path))
    folder = tmp_path / "archive" / "scw" / WINDOW[:4] / WINDOW
    folder.mkdir(parents=True)
    shutil.copy(events, folder)
    return tmp_path / "archive"


def thin(archive: Path) -> None:
    """Leave every second event of the window."""
    (path,) = archive.rglob("isgri_events.fits*")
    with fits.open(path) as units:
        (table,) = (unit for unit in units if unit.name == "ISGR-EVTS-ALL")
        table.data = table.data[::2].copy()
        units.writeto(path.with_name(f"thinned-{path.name}"))
    path.with_name(f"thinned-{path.name}").replace(path)


def rate_of_image(site: oda.Site) -> float:
    return site.image(windows=WINDOW, energy=(28, 80), catalog=BURSTER).catalog["Burster"].flux


def rate_of_curve(site: oda.Site) -> float:
    curves = site.light_curves(WINDOW, energy=(28, 80), catalog=BURSTER, time_bin=10)
    return float(curves["Burster"].rate.mean())


def rate_of_spectrum(site: oda.Site) -> float:
    spectrum = site.spectra(WINDOW, catalog=BURSTER)["Burster"]
    return float(spectrum.rate[spectrum.quality == 0].sum())


@pytest.mark.parametrize("rate", [rate_of_image, rate_of_curve, rate_of_spectrum])
def test_an_exchanged_file_answers_anew_in_the_same_session(
    archive: Path, rate: Callable[[oda.Site], float]
) -> None:
    site = oda.connect(archive=archive, executor="none")
    before = rate(site)
    thin(archive)
    assert rate(site) == pytest.approx(before / 2, rel=0.15)
    assert rate(oda.connect(archive=archive)) == rate(site)


def test_a_file_exchanged_during_a_question_is_refused_and_nothing_stored(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(archive, tmp_path / "kept")
    read = IsdcArchive.events

    def exchanged(self: IsdcArchive, identifier: str) -> WindowEvents:
        thin(archive)
        return read(self, identifier)

    site = oda.connect(archive=archive, executor="none")
    with monkeypatch.context() as patched:
        patched.setattr(IsdcArchive, "events", exchanged)
        with pytest.raises(ArchiveError, match="changed during the query"):
            rate_of_image(site)
    thinned = rate_of_image(site)
    shutil.copytree(tmp_path / "kept", archive, dirs_exist_ok=True)
    assert rate_of_image(site) == pytest.approx(2 * thinned, rel=0.15)


def test_a_file_that_is_whole_again_is_not_taken_for_the_damaged_one(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(archive, tmp_path / "kept")
    (path,) = archive.rglob("isgri_events.fits*")
    read = IsdcArchive.events

    def truncated(self: IsdcArchive, identifier: str) -> WindowEvents:
        path.write_bytes(path.read_bytes()[:-100_000])
        return read(self, identifier)

    site = oda.connect(archive=archive, executor="none")
    with monkeypatch.context() as patched:
        patched.setattr(IsdcArchive, "events", truncated)
        with pytest.raises(ArchiveError, match="changed during the query"):
            rate_of_image(site)
    shutil.copytree(tmp_path / "kept", archive, dirs_exist_ok=True)
    assert rate_of_image(site) > 0
