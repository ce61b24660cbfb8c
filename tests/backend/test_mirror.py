"""A site over an archive on a server: products, plans and what is said when it is gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.mirror import open as mirrors
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.write import write_isdc
from oda_widgets.backend.site import IncompleteProduct
from oda_widgets.cli.main import main
from oda_widgets.errors import DamagedFile, JobCancelled, ServiceError
from tests.archive import calibration_tree
from tests.archive.calibration_tree import made_tables, write_housekeeping, write_tree
from tests.archive.conftest import build_window
from tests.archive.mirror.served import IMPATIENT, write_index
from tests.patience import PATIENCE, held
from tests.servers.archive_server import ArchiveServer, serving_archive

BAND = (28, 80)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache, and servers that are waited for milliseconds."""
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / "cache"))
    opened = mirrors.MirrorArchive

    def impatient(transport: Any, *arguments: Any) -> Any:
        transport.patience = IMPATIENT
        return opened(transport, *arguments)

    monkeypatch.setattr(mirrors, "MirrorArchive", impatient)
    return tmp_path / "cache"


@pytest.fixture
def root(three_windows: Path, tmp_path: Path) -> Path:
    """Give three traced windows with their index."""
    shutil.copytree(three_windows, tmp_path / "served")
    write_index(tmp_path / "served", IsdcArchive(three_windows).science_windows())
    return tmp_path / "served"


@pytest.fixture
def server(root: Path) -> Iterator[ArchiveServer]:
    with serving_archive(root) as serving:
        yield serving


def image_query(site: oda.Site) -> oda.ImageQuery:
    return oda.ImageQuery(science_windows=site.science_windows().ids, energy=BAND)


def test_products_of_a_server_are_those_of_a_folder_and_need_it_once(
    root: Path, cache: Path
) -> None:
    reported: list[str] = []
    with serving_archive(root) as server:
        site = oda.connect(archive=server.address)
        query = image_query(site)
        assert str(site.plan(query)).startswith("3 windows, 0 in the store, 3 to fetch (about ")
        job = site.submit(query)
        job.listen(lambda changed: reported.append(str(changed.progress)))
        image = job.result()
        assert any("of 3 science windows, " in line and "MB" in line for line in reported)
        server.asked.clear()
        assert str(site.plan(query)).startswith("3 windows, 3 in the store, less")
        sources = image.catalog.brighter_than(20)
        spectra = site.spectra(catalog=sources)
        curves = site.light_curves(catalog=sources, energy=BAND, time_bin=20)
        assert server.asked == []
    again = oda.connect(archive=server.address)
    repeated = again.image(None, query.science_windows, energy=BAND)
    assert np.array_equal(repeated.significance, image.significance, equal_nan=True)
    name = sources.names[0]
    assert np.array_equal(
        again.spectra(catalog=sources)[name].rate, spectra[name].rate, equal_nan=True
    )
    folder = oda.connect(archive=root)
    beside = folder.light_curves(catalog=sources, energy=BAND, time_bin=20)[name]
    assert beside.provenance.nodes[-1].id == curves[name].provenance.nodes[-1].id
    assert beside.provenance.nodes[-1].from_store
    assert (cache / "store").is_dir()


def test_windows_that_cannot_be_had_are_left_out_with_the_reason(
    root: Path, server: ArchiveServer
) -> None:
    names = sorted(path.name for path in (root / "scw").glob("*/*"))
    (root / "scw" / names[0][:4] / names[0] / "isgri_events.fits.gz").unlink()
    slew = f"{names[0][:11]}1.001"
    asked = [*names, slew, "999900010010.001"]
    site = oda.connect(archive=server.address)
    with pytest.warns(IncompleteProduct, match="was skipped"):
        image = site.image(None, asked, energy=BAND)
    reasons = {window.id: window.reason for window in image.observation.skipped}
    assert "has no ISGRI events" in reasons[names[0]]
    assert "slew" in reasons[slew]
    assert "does not list it" in reasons["999900010010.001"]
    assert image.observation.science_windows == tuple(names[1:])
    with pytest.raises(DamagedFile, match="None of the science windows can be used"):
        site.image(None, [names[0], slew], energy=BAND)


def test_without_network_cached_windows_answer_and_the_others_are_named(root: Path) -> None:
    with serving_archive(root) as server:
        site = oda.connect(archive=server.address)
        names = site.science_windows().ids
        site.image(None, names[0], energy=BAND)
    with pytest.warns(IncompleteProduct, match="does not answer"):
        image = site.image(None, names, energy=BAND)
    assert image.observation.science_windows == names[:1]
    with pytest.raises(ServiceError, match="does not answer"):
        site.image(None, names[1:], energy=BAND)


def test_a_selection_larger_than_the_cache_is_computed_window_by_window(
    server: ArchiveServer, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = {path.stat().st_size for path in sorted(root.glob("scw/*/*/*.gz"))[:1]}
    monkeypatch.setenv("ODA_WIDGETS_FETCH_LIMIT", str(1.5 * whole / 1e9))
    monkeypatch.setenv("ODA_WIDGETS_EXECUTOR", "2")
    site = oda.connect(archive=server.address)
    query = image_query(site)
    image = site.image(None, query.science_windows, energy=BAND)
    assert len(image.observation.science_windows) == 3
    assert str(site.plan(query)).startswith("3 windows, 3 in the store, less")
    other = oda.ImageQuery(science_windows=query.science_windows, energy=(30, 80))
    assert "to fetch (about" in str(site.plan(other))


def test_a_cancelled_job_stops_its_transfers(server: ArchiveServer) -> None:
    site = oda.connect(archive=server.address)
    query = image_query(site)
    server.seconds = 0.5
    with held(site):
        job = site.submit(query)
        job.listen(lambda changed: changed.progress.step.startswith("fetched") and job.cancel())
    with pytest.raises(JobCancelled):
        job.result(PATIENCE)
    asked = len(server.files_asked)
    job.wait(1.0)
    assert len(server.files_asked) <= asked + 1


def test_osas_tables_are_fetched_for_real_windows(tmp_path: Path, cache: Path) -> None:
    root, name = tmp_path / "real", "255900280010.001"
    write_isdc(_real(name), root)
    write_tree(root, made_tables())
    write_housekeeping(root / "scw" / "2559" / name, np.full(8, -10.0))
    write_index(root, IsdcArchive(root).science_windows())
    with serving_archive(root) as server:
        mirror = mirrors.open_mirror(server.address, cache, 1 << 30)
        window = mirror.fetch_all(name).window
        files = mirror.calibration(window)
        assert files.problem == ""
        assert [path.name for path in files.files][-1] == "ibis_hk.fits"
        asked = len(server.asked)
        again = mirrors.open_mirror(server.address, cache, 1 << 30)
        again.fetch_all(name)
        assert len(server.asked) == asked


@pytest.mark.parametrize("place", ["../../../../outside.fits", "/etc/passwd", ""])
def test_tables_outside_the_archive_are_not_asked_for(
    place: str, tmp_path: Path, cache: Path
) -> None:
    root, name = tmp_path / "real", "255900280010.001"
    write_isdc(_real(name), root)
    write_tree(root, made_tables())
    calibration_tree.write_index(root, "ISGR-RISE-MOD", [(place, 8000.0, 9000.0, 1)])
    write_index(root, IsdcArchive(root).science_windows())
    with serving_archive(root) as server:
        mirror = mirrors.open_mirror(server.address, cache, 1 << 30)
        window = mirror.fetch_all(name).window
        assert "ISGR-RISE-MOD" in mirror.calibration(window).problem
        assert not any("outside" in line or "etc" in line for line in server.asked)


def test_fetch_copies_windows_into_a_folder_that_is_an_archive(
    root: Path, server: ArchiveServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    names = sorted(path.name for path in (root / "scw").glob("*/*"))
    words = ["fetch", "--archive", server.address, "--to", str(copy), "--windows"]
    assert main([*words, *names[:2], "999900010010.001"]) == 0
    said = capsys.readouterr().out
    assert "skipped 999900010010.001: the archive" in said
    assert f"2 of 2 science windows are in {copy}" in said
    asked = len(server.files_asked)
    assert main([*words, *names[:2]]) == 0
    assert len(server.files_asked) == asked
    assert oda.connect(archive=copy).science_windows().ids == tuple(names[:2])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--archive", "nowhere"], "--archive nowhere: not a server"),
        ([], "no science window is selected"),
    ],
)
def test_fetch_says_what_it_needs(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", *words, "--to", str(tmp_path / "copy")]) == 2
    assert said in capsys.readouterr().err


def test_the_doctor_says_what_is_kept(server: ArchiveServer, root: Path, cache: Path) -> None:
    from oda_widgets.cli.doctor import _check_fetched_files

    assert _check_fetched_files().startswith("none yet; at most 50 GB")
    mirror = mirrors.open_mirror(server.address, cache, 1 << 30)
    mirror.fetch(mirror.science_windows()[0].id)
    assert _check_fetched_files().startswith("1 science windows of 127.0.0.1")
    del root


def _real(name: str) -> RawWindow:
    """Return a small window of the time of the calibration tables that the tests make."""
    raw, start = build_window(name), 8320.64
    window = replace(raw.window, start=start, stop=start + 0.02)
    times = np.linspace(start, start + 0.01, len(raw))
    return replace(raw, window=window, time=times, intervals=None)
