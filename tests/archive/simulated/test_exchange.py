"""Simulated windows leave as files of the ISDC, come back, and are labelled all the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import oda_widgets as oda
from oda_widgets.archive.event_file import read_raw_window
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.cli.main import main
from oda_widgets.request.science_windows import ScienceWindow


@pytest.fixture(scope="module")
def exported(
    mission: SimulatedArchive,
    crab_window: ScienceWindow,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    return mission.export(crab_window.id, tmp_path_factory.mktemp("archive"))


def test_written_files_are_read_back(exported: Path, crab_raw: RawWindow) -> None:
    written = read_raw_window(exported, crab_raw.window.id)
    for column in ("time", "energy", "dety", "detz", "select_flag"):
        assert np.array_equal(getattr(written, column), getattr(crab_raw, column))
    assert written.window.simulated
    assert written.window.good_time == pytest.approx(crab_raw.window.good_time, abs=0.01)


def test_the_header_says_that_it_is_simulated(exported: Path) -> None:
    header = fits.getheader(exported, "ISGR-EVTS-ALL")
    assert header["SIMULATE"] is True
    assert header["ORIGIN"] == "SIMULATION"
    assert header["SEED"] == 0
    assert 0.67 < header["DEADC"] < 0.78


def test_the_package_isgri_reads_it(exported: Path, crab_raw: RawWindow) -> None:
    utils = pytest.importorskip("isgri.utils")
    counts = utils.LightCurve.load_data(events_path=str(exported)).rebin(1.0, 28, 150)[1]
    band = (crab_raw.select_flag == 0) & (crab_raw.energy >= 28) & (crab_raw.energy < 150)
    assert counts.sum() == pytest.approx(band.sum(), abs=2000)  # it may cut its last bin


def test_the_command_writes_an_archive_that_connect_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["simulate", "--source", "Crab", "--windows", "2", "--out", str(tmp_path)]
    assert main(words) == 0
    assert capsys.readouterr().out.count("wrote") == 2
    found = oda.connect(archive=tmp_path).science_windows("Crab")
    assert len(found) == 2
    assert all(window.simulated for window in found)


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "archive")
    assert main(["simulate", "--source", "Crab", "--windows", "1", "--out", out]) == 2
    assert "no file can be written there" in capsys.readouterr().err
