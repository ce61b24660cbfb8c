"""The command line does what the calls do, and says in one line what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from voila.execute import VoilaExecutor

import oda_widgets as oda
from oda_widgets.cli import doctor
from oda_widgets.cli.app import voila_words
from oda_widgets.cli.main import main

BURST = ["--interval", "8320.64004", "8320.64007"]
MAGNETAR = "SGR 1935+2154"


def test_an_image_is_listed_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "burst.fits"
    assert main(["image", MAGNETAR, "--energy", "28", "150", *BURST, "--out", str(out)]) == 0
    assert MAGNETAR in capsys.readouterr().out
    assert oda.SkyImage.read(out).catalog[MAGNETAR].significance > 20


def test_products_of_several_sources_get_their_names(tmp_path: Path) -> None:
    out = tmp_path / "curve.fits"
    words = ["lightcurve", MAGNETAR, "GRS 1915+105", "--bin", "100", "--out", str(out)]
    assert main(words) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "curve_GRS_1915+105.fits",
        "curve_SGR_1935+2154.fits",
    ]


def test_a_spectrum_is_saved_with_its_response(tmp_path: Path) -> None:
    out = tmp_path / "burst.fits"
    assert main(["spectra", MAGNETAR, *BURST, "--out", str(out)]) == 0
    spectrum = oda.Spectrum.read(out)
    assert spectrum.name == MAGNETAR
    assert spectrum.response.area.max() > 500


def test_a_catalogue_file_names_the_sources(tmp_path: Path) -> None:
    file = tmp_path / "sources.fits"
    oda.write_catalog(oda.SourceCatalog.of([oda.CatalogSource("A", 293.73, 21.9)]), file)
    out = tmp_path / "a.fits"
    assert main(["lightcurve", "--catalog", str(file), "--bin", "1000", "--out", str(out)]) == 0
    assert oda.LightCurve.read(out).name == "A"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["image", "--energy", "40", "20"], "Write --energy 20 40"),
        (["image", "--energy", "5", "20"], "--energy 5: outside 15 to 1000 keV"),
        (["image", "Crab", "--archive", "sample"], "132.0 deg away"),
        (["image", "--archive", "/does/not/exist"], "/does/not/exist does not exist"),
        (["image", "--interval", "3000", "3001"], "They cover"),
        (["image", "--windows", "12"], "--windows 12: "),
        (["image", "--threshold", "1"], "--threshold 1: "),
        (["lightcurve", MAGNETAR, "--bin", "0"], "--bin 0: "),
        (["spectra"], "Name a source, or give --catalog FILE"),
        (["image", "--out", "burst.doc"], "--out burst.doc: "),
        (["simulate", "--windows", "0", "--out", "x"], "--windows 0: "),
        (["spectra", "--catalog", "absent.fits"], "absent.fits"),
        (["image", "--energy", "a", "b"], "invalid float value"),
        (["fly"], "invalid choice"),
        ([], "required"),
    ],
)
def test_a_bad_word_ends_in_one_line_and_exit_code_2(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(words)
    except SystemExit as left:
        code = int(str(left.code))
    said = capsys.readouterr().err
    assert code == 2
    assert says in said
    assert said.count("\n") == 1


def test_an_existing_file_is_overwritten_only_if_so_wanted(tmp_path: Path) -> None:
    out = tmp_path / "burst.png"
    out.write_text("precious")
    assert main(["image", MAGNETAR, *BURST, "--out", str(out)]) == 2
    assert out.read_text() == "precious"
    assert main(["image", MAGNETAR, *BURST, "--out", str(out), "--overwrite"]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["image", MAGNETAR], "x.fits"),
        (["spectra", MAGNETAR], "x_rmf.fits"),
        (["lightcurve", MAGNETAR, "GRS 1915+105"], "x_GRS_1915+105.fits"),
    ],
)
def test_an_existing_file_is_refused_before_anything_is_computed(
    words: list[str],
    taken: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(oda.Site, "submit", pytest.fail)
    (tmp_path / taken).write_text("precious")
    assert main([*words, "--out", str(tmp_path / "x.fits")]) == 2
    said = capsys.readouterr().err
    assert f"--out {tmp_path / taken}: exists already" in said
    assert "replace it with --overwrite" in said


def test_simulated_windows_replace_no_file_unless_so_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["simulate", "--source", "Crab", "--windows", "1", "--out", str(tmp_path)]
    assert main(words) == 0
    (written,) = tmp_path.rglob("*.gz")
    written.write_text("real data")
    assert main(words) == 2
    assert "replace its files with --overwrite" in capsys.readouterr().err
    assert written.read_text() == "real data"
    assert main([*words, "--overwrite"]) == 0
    assert written.read_bytes().startswith(b"\x1f\x8b")


def test_an_empty_archive_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["image", "--archive", str(tmp_path)]) == 2
    assert f"The archive {tmp_path} is empty" in capsys.readouterr().err


def test_the_windows_are_by_default_those_of_the_source(
    three_windows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["lightcurve", "--archive", str(three_windows), "--bin", "100"]
    assert main([*words, "Crab"]) == 0
    assert "Crab: 3 bins" in capsys.readouterr().out
    assert main([*words, "Cyg X-1"]) == 2
    assert "points within 15 deg of Cyg X-1" in capsys.readouterr().err


def test_the_version_is_the_one_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"oda-widgets {oda.__version__}\n"


def test_the_doctor_finds_that_all_works_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "2,352,182 events" in said
    assert "sigma" in said


def test_the_doctor_says_what_is_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(blocked / "cache"))
    assert main(["doctor"]) == 1
    assert "broken   cache folder" in capsys.readouterr().out


def test_the_doctor_says_what_an_optional_package_is_for() -> None:
    finding = doctor._package("no-such-package", "the page: pip install it")
    assert (finding.state, finding.remark) == ("missing", "needed for the page: pip install it")


def test_the_program_is_installed_and_its_help_is_quick() -> None:
    program = Path(sys.executable).with_name("oda-widgets")
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    assert "lightcurve" in shown.stdout


def test_the_web_app_waits_for_its_panels_on_a_busy_machine() -> None:
    (option,) = (word for word in voila_words() if "iopub_timeout" in word)
    name, seconds = option.removeprefix("--").split("=")
    owner, trait = name.split(".")
    assert owner == VoilaExecutor.__name__
    assert VoilaExecutor.class_traits(config=True)[trait].default_value < int(seconds)
    assert int(seconds) >= 60
