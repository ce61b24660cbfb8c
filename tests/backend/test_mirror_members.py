"""An archive gives the same by URL as in a folder, whatever calibrates it or is missing."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.mirror import open as mirrors
from oda_widgets.archive.mirror.archive import MirrorArchive
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.write import write_isdc
from oda_widgets.cli.main import main
from oda_widgets.errors import OdaError, ServiceError
from oda_widgets.request.energy import EnergyBand
from tests.archive import calibration_tree as tree
from tests.archive.mirror.served import IMPATIENT, write_index
from tests.servers.archive_server import ArchiveServer, serving_archive

NAME = "255900280010.001"
WINDOW = f"scw/2559/{NAME}"
CONTEXT = "scw/2559/rev.001/cfg/isgri_context_20221011000000.fits"
EFFICIENCIES = "ic/ibis/mod/isgr_effc_mod_0185.fits"
OF_RATES = (f"{WINDOW}/ibis_deadtime.fits", CONTEXT, EFFICIENCIES)
MEMBERS = (
    *OF_RATES,
    f"{WINDOW}/ibis_hk.fits",
    "ic/ibis/cal/ibis_isgr_gain_offset_0185.fits",
    "idx/ic/ISGR-EFFC-MOD-IDX.fits",
    "idx/ic/ISGR-RISE-MOD-IDX.fits",
    "idx/ic/ic_master_file.fits",
    "ic",
)
BAND, MAGNETAR = (30, 80), "SGR 1935+2154"
QUERY = oda.ImageQuery(science_windows=(NAME,), energy=EnergyBand(*BAND))
Change = Callable[[Path], None]

# A twentieth of the events of a window does not show the thresholds of pixels.
pytestmark = pytest.mark.filterwarnings("ignore:Rates of 30–80 keV are lower limits")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a part of the real window with all that can calibrate it."""
    root = tmp_path_factory.mktemp("calibrated")
    raw, rows = SampleArchive().raw(), slice(None, None, 20)
    columns = ("time", "energy", "dety", "detz", "select_flag", "height", "rise_time")
    part = replace(raw, **{name: getattr(raw, name)[rows] for name in columns})
    folder = write_isdc(part, root).parent
    tree.write_tree(root)
    tree.write_housekeeping(folder, np.full(8, -10.0))
    tree.write_dead_time(folder, np.linspace(0.2, 0.3, 16).reshape(8, 2))
    modules, thresholds, known = tree.made_efficiencies()
    tree.write_efficiencies(root, (0.8 + 0.2 * modules, 0.8 + 0.2 * thresholds, known))
    every = np.ones((128, 128))
    tree.write_context(folder.parent, every, 9 * every, every)
    write_index(root, IsdcArchive(root).science_windows())
    return root


@pytest.fixture
def root(calibrated: Path, tmp_path: Path) -> Path:
    """Give a copy of it, to be changed."""
    return shutil.copytree(calibrated, tmp_path / "served")


@pytest.fixture
def server(root: Path) -> Iterator[ArchiveServer]:
    with serving_archive(root) as serving:
        yield serving


def mirror_of(server: ArchiveServer, cache: Path) -> MirrorArchive:
    return mirrors.open_mirror(server.address, cache, 1 << 30, patience=IMPATIENT)


def _without(member: str) -> Change:
    def change(root: Path) -> None:
        path = root / member
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def _packed(root: Path) -> None:
    for name in MEMBERS[:5]:
        (root / f"{name}.gz").write_bytes(gzip.compress((root / name).read_bytes(), mtime=0))
        (root / name).unlink()


def _twice(root: Path) -> None:
    """Put a packed file beside one that is not, with another content."""
    tree.write_dead_time(root / WINDOW, np.full((8, 2), 0.4))
    _packed(root)
    tree.write_dead_time(root / WINDOW, np.full((8, 2), 0.1))


def _later_context(root: Path) -> None:
    """Put a context beside the right one that begins after the window."""
    (root / CONTEXT).with_name("isgri_context_20291011000000.fits").write_bytes(b"")


def _without_master_and_index(root: Path) -> None:
    """Leave tables that only their own headers describe."""
    shutil.rmtree(root / "idx" / "ic")
    fits.setval(root / EFFICIENCIES, "VSTART", value=0.0, ext=1)
    fits.setval(root / EFFICIENCIES, "VSTOP", value=9999.0, ext=1)
    fits.setval(root / EFFICIENCIES, "VERSION", value=185, ext=1)


CHANGES: dict[str, Change] = {
    "nothing": lambda _: None,
    **{f"without {Path(member).name}": _without(member) for member in MEMBERS},
    "packed": _packed,
    "twice": _twice,
    "later context": _later_context,
    "without indexes": _without_master_and_index,
}


@pytest.mark.parametrize(
    ("lists", "change"),
    [*(("apache", change) for change in CHANGES), ("s3", "nothing"), ("s3", "without indexes")],
)
def test_a_window_has_the_same_history_and_sensitivity_by_url_as_in_a_folder(
    lists: str, change: str, root: Path, server: ArchiveServer, tmp_path: Path
) -> None:
    CHANGES[change](root)
    server.lists = lists
    mirror = mirror_of(server, tmp_path / "cache")
    window = mirror.fetch_all(NAME).window
    folder = IsdcArchive(root)
    by_url, beside = CalibratedArchive(mirror), CalibratedArchive(folder)
    assert mirror.calibration(window).problem == folder.calibration(window).problem
    assert mirror.calibration(window).rates.problem == folder.calibration(window).rates.problem
    assert by_url.node(window).id == beside.node(folder.science_windows()[0]).id
    sensitivity, expected = (a.events(NAME).sensitivity for a in (by_url, beside))
    np.testing.assert_equal(vars(sensitivity), vars(expected))
    asked = len(server.asked)
    again = mirror_of(server, tmp_path / "cache")
    again.fetch_all(NAME)
    assert len(server.asked) == asked  # what is missing is remembered


@pytest.mark.parametrize("absent", ["", *OF_RATES])
def test_products_by_url_are_those_of_a_folder(
    absent: str, root: Path, server: ArchiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if absent:
        _without(absent)(root)
    results: list[list[tuple[Any, Any]]] = []
    for place in (server.address, str(root)):
        monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / f"cache{len(results)}"))
        results.append(_products(oda.connect(archive=place), tmp_path / f"p{len(results)}"))
    for by_url, beside in zip(*results, strict=True):
        assert by_url[0] == beside[0]
        np.testing.assert_array_equal(by_url[1], beside[1])


def _products(site: oda.Site, folder: Path) -> list[tuple[Any, Any]]:
    """Return history, notes and headers of image, spectrum and curve, and their rates."""
    folder.mkdir()
    image = site.image(MAGNETAR, NAME, energy=BAND)
    spectrum = site.spectra(NAME, catalog=[MAGNETAR])[MAGNETAR]
    curve = site.light_curves(NAME, catalog=[MAGNETAR], energy=BAND, time_bin=5000)[MAGNETAR]
    found = []
    for number, (product, rates) in enumerate(
        ((image, image.intensity), (spectrum, spectrum.rate), (curve, curve.rate))
    ):
        path = folder / f"{number}.fits"
        product.save(path)
        header = fits.getheader(path)
        keywords = {key: header.get(key) for key in ("RATENOTE", "RATECORR", "RATESYS")}
        observation = product.observation
        notes = observation.rates_note, observation.correction, observation.rates_error
        assert product.provenance is not None
        history = [node.id for node in product.provenance.nodes]
        found.append(((history, notes, keywords), np.asarray(rates)))
    return found


def test_a_server_that_fails_is_not_taken_for_one_without_the_file(
    server: ArchiveServer, tmp_path: Path
) -> None:
    mirror = mirror_of(server, tmp_path / "cache")
    server.fault = lambda path: "error" if path.endswith("ibis_deadtime.fits") else ""
    with pytest.raises(ServiceError, match=r"ibis_deadtime\.fits has the status 500"):
        mirror.fetch_all(NAME)
    server.fault = lambda _: ""
    assert mirror.calibration(mirror.fetch_all(NAME).window).rates.dead_time is not None


def test_a_window_whose_members_were_never_fetched_is_completed(
    server: ArchiveServer, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / "cache"))
    mirror_of(server, tmp_path / "cache").fetch(NAME)
    site = oda.connect(archive=server.address)
    plan = site.plan(QUERY)
    assert plan.to_fetch == 1
    beside = [path for path in root.rglob("*.fits") if path.parent.name != "scw"]
    assert 0.2 < plan.fetch_bytes / sum(path.stat().st_size for path in beside) < 5
    image = site.image(MAGNETAR, NAME, energy=BAND)
    assert "isgr_effc_mod_0185" in image.observation.rates_note
    assert site.plan(QUERY).fetch_bytes == 0


def test_fetch_refuses_a_folder_that_takes_no_files_before_it_asks_the_server(
    server: ArchiveServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    words = ["fetch", "--archive", server.address, "--windows", NAME, "--to"]
    for folder in ("/proc/x", str(tmp_path / "file" / "copy")):
        assert main([*words, folder]) == 2
        assert f"--to {folder}" in capsys.readouterr().err
    assert server.asked == []


def test_an_image_of_a_window_without_pixels_says_so(root: Path) -> None:
    every = np.ones((128, 128))
    tree.write_context(root / "scw" / "2559", every, 9 * every, 0 * every)
    with pytest.raises(OdaError, match="No pixel is switched on"):
        oda.connect(archive=root).submit(QUERY).result()
