"""The command line makes the same products as the calls, and reports errors in one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from astropy.table import Table

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


def test_the_shield_needs_a_time_and_no_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the simulated mission counts without a service."""
    out = tmp_path / "acs.fits"
    minute = ["--interval", "2019-03-11T18:30:00", "2019-03-11T18:31:00"]
    words = ["lightcurve", "--archive", "simulated", "--instrument", "spi_acs", *minute]
    assert main([*words, "--bin", "0.1", "--out", str(out)]) == 0
    assert "SPI-ACS: 600 bins" in capsys.readouterr().out
    assert oda.LightCurve.read(out).observation.instrument == "spi_acs"


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
        (["image", "--instrument", "jemx3"], "Choose one of: isgri, jemx1, jemx2, spi_acs"),
        (["image", "Crab", "--instrument", "spi_acs"], "SPI-ACS has no images"),
        (["image", "--instrument", "jemx1", "--energy", "20", "40"], "outside 3 to 35 keV"),
        (["image", "--out", ""], "--out : "),
        (["simulate", "--out", ""], "--out : no name of a folder"),
        (["fetch", "Crab", "--to", ""], "--to : no name of a folder"),
        (["image", "--start", "MJD 1e300"], "--start MJD 1e300: "),
        (["spectra", "Crab", "Crab"], "named twice"),
        (["store", "prune", "--size", "1e400"], "--size inf: not a size"),
        *(([verb, "--port", "-1"], "--port -1: outside 1 to 65535") for verb in ("app", "lab")),
        (["app", "--port", "99999999"], "--port 99999999: outside 1 to 65535"),
        (["image", "Crab", "--archive", "sample"], "132.0 deg away"),
        (["image", "--archive", "/does/not/exist"], "/does/not/exist does not exist"),
        (["image", "--interval", "3000", "3001"], "They cover"),
        (["image", "--windows", "12"], "--windows 12: "),
        (["image", "--threshold", "1"], "--threshold 1: "),
        (["lightcurve", MAGNETAR, "--bin", "0"], "--bin 0: "),
        (["spectra"], "Name a source, or give --catalog FILE"),
        (["image", "--start", "2005", "--stop", "2004"], "--stop 2004: not after start='2005'"),
        (["image", "--start", "1/2/2003"], "--start 1/2/2003: may be two days"),
        (["image", "--radius", "-1"], "--radius -1: "),
        (["lightcurve", MAGNETAR, "--limit", "0"], "--limit 0: "),
        (["spectra", MAGNETAR, "--seed", "-1"], "--seed -1: "),
        (
            ["image", "--windows", "255900280010.001", "--limit", "3"],
            "Leave out --windows, or --lim",
        ),
        (["image", "--start", "2003.5"], 'Write "J2003.5" for the year, "IJD 2003.5"'),
        (["image", "--out", "burst.doc"], "--out burst.doc: "),
        (["simulate", "--windows", "0", "--out", "x"], "--windows 0: "),
        (["spectra", "--catalog", "absent.fits"], "absent.fits"),
        (["image", "--energy", "a", "b"], "argument --energy: not a number: 'a'"),
        (["image", "--energy", "1_0", "20"], "argument --energy: not a number: '1_0'"),
        (["image", "--limit", "1_0"], "argument --limit: not a whole number: '1_0'"),
        (["image", "--limit", "1.5"], "argument --limit: not a whole number: '1.5'"),
        (
            ["serve", "--port", "\u0668\u0668"],
            "argument --port: not a whole number: '\u0668\u0668'",
        ),
        (["image", "--archive", "recorded:p"], "--archive p: not the name of a recording"),
        (["spectra", "--catalog", "no\0name"], "Write it as in --catalog name."),
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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_below_the_output_is_said_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        words = [sys.executable, "-m", "oda_widgets", "store", "list"]
        ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert "the output cannot be written" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="streams are closed by a shell")
@pytest.mark.parametrize(
    ("words", "code"),
    [("store list >&-", 0), ("--version >&-", 0), ("image --limit no 2>&-", 2), ("doctor <&-", 0)],
)
def test_a_stream_that_is_closed_is_no_fault(words: str, code: int) -> None:
    command = f'"$0" -m oda_widgets {words}'
    ended = subprocess.run(
        ["sh", "-c", command, sys.executable],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == code, ended.stderr
    assert ended.stderr == ""


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


@pytest.mark.parametrize("verb", ["image", "spectra", "lightcurve"])
def test_windows_are_chosen_by_time_place_and_chance(
    verb: str, three_windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        oda.Site, "submit", lambda _site, query: asked.append(query.science_windows)
    )
    whole = oda.connect(archive=three_windows).science_windows()
    middle, last = whole[1], whole[2]
    words = [verb, "Crab", "--archive", str(three_windows)]
    conditions = (
        ["--start", f"IJD {middle.start + 1e-5}"],
        ["--start", f"MJD {middle.start + 51544.00001} TT", "--stop", str(last.start)],
        ["--limit", "2", "--seed", "3", "--radius", "10"],
    )
    for some in conditions:
        with pytest.raises(AttributeError):  # there is no job to wait for
            main([*words, *some])
    chosen = oda.connect(archive=three_windows).science_windows("Crab", limit=2, seed=3)
    assert asked == [whole.ids[1:], whole.ids[1:2], chosen.ids]


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


def test_the_package_runs_as_the_program_does() -> None:
    command = [sys.executable, "-m", "oda_widgets", "image", "--energy", "40", "20"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("oda-widgets: --energy 40 20: ")


def test_the_web_app_waits_for_its_panels_on_a_busy_machine() -> None:
    from voila.execute import VoilaExecutor

    (option,) = (word for word in voila_words() if "iopub_timeout" in word)
    name, seconds = option.removeprefix("--").split("=")
    owner, trait = name.split(".")
    assert owner == VoilaExecutor.__name__
    assert VoilaExecutor.class_traits(config=True)[trait].default_value < int(seconds)
    assert int(seconds) >= 60


NOWHERE = "/proc/oda_widgets"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that cannot be written to")
@pytest.mark.parametrize(
    "words",
    [
        ["image", "Crab", "--out", f"{NOWHERE}.fits"],
        ["spectra", "Crab", "--out", f"{NOWHERE}.fits"],
        ["lightcurve", "Crab", "--out", f"{NOWHERE}.fits.gz"],
        ["fit", "powerlaw", "absent.fits", "--out", f"{NOWHERE}.pdf"],
        ["simulate", "--source", "Crab", "--out", NOWHERE],
    ],
    ids=lambda words: words[0],
)
def test_an_output_that_cannot_be_written_is_found_before_anything_is_computed(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def computed(*_: object, **__: object) -> None:
        pytest.fail("computed before the output was checked")

    for name in ("image", "spectra", "light_curves"):
        monkeypatch.setattr(f"oda_widgets.backend.site.Site.{name}", computed)
    monkeypatch.setattr("oda_widgets.archive.simulated.archive.SimulatedArchive.export", computed)
    assert main(words) == 2
    assert f"--out {NOWHERE}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--host", "no such host"], "--host no such host: not an address of this machine"),
        (["--host", "203.0.113.7"], "--host 203.0.113.7: not an address of this machine"),
        (["--workers", "0"], "--workers 0: outside 1 to 256"),
        (["--workers", "1000000"], "--workers 1000000: outside 1 to 256"),
        (["--name", "a/b"], "--name a/b: not the name of a machine"),
        (["--port", "70000"], "--port 70000: outside 0 to 65535"),
    ],
)
def test_an_option_of_the_server_that_cannot_be_is_named(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--folder", str(tmp_path), *words]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("words", [["store", "list"], ["doctor"]])
def test_a_reader_that_stops_reading_is_no_error(words: list[str]) -> None:
    program = [sys.executable, "-m", "oda_widgets", *words]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()  # as `head` does when it has seen enough
        # A machine that takes longer than ten seconds is told so.
        said = re.sub(rb"(?m)^oda_widgets: \d+% .*\n", b"", running.stderr.read())
        assert said == b""
    assert running.returncode == 141


AT_ONCE = ["--interval", "2019-11-01T05:00:00", "2019-11-01T05:01:00"]
SHIELD = ["lightcurve", "--instrument", "spi_acs", *AT_ONCE]
FETCH = ["fetch", "--to", "x", "--windows", "066500220010.001"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([*SHIELD, "Crab"], "source='Crab': SPI-ACS sees the whole sky at once, and knows no"),
        ([*SHIELD, "--catalog", "x.fits"], "--catalog x.fits: SPI-ACS sees the whole sky"),
        ([*SHIELD, "--radius", "5"], "--radius 5: chooses among science windows, and a time"),
        ([*SHIELD, "--start", "2003"], "--start 2003: chooses among science windows"),
        ([*SHIELD[:3], "--start", "2003"], "--stop: only the other end is given. Give both."),
        ([*SHIELD[:3], "--stop", "2003"], "--start: only the other end is given. Give both."),
        ([*SHIELD[:3], "--limit", "3"], "--limit 3: chooses among science windows, and a time"),
        (["bursts", *SHIELD[1:3], "--start", "2003"], "--stop: only the other end is given."),
        ([*SHIELD[:3], "--archive", "sample"], "SPI-ACS is asked for no time. Give --start and"),
        (["bursts", *SHIELD[1:], "--overwrite"], "--overwrite: no file is written"),
        (["image", "--radius", "5"], "--radius 5: counts from a source, and none is named"),
        (["image", "--overwrite"], "--overwrite: no file is written, and none replaced"),
        (["fit", "powerlaw", "x", "--overwrite"], "--overwrite: no file is written"),
        (["fit", "powerlaw", "x", "y", "--arf", "z"], "--arf z: there are 2 spectra"),
        ([*FETCH, "--radius", "5"], "--radius 5: chooses among science windows, and these"),
        ([*FETCH, "--seed", "0"], "--seed 0: chooses among science windows, and these are"),
        (["fetch", "Crab", *FETCH[1:]], "source='Crab': chooses among science windows"),
        (["simulate", "--out", "x", "--radius", "5"], "--radius 5: counts from a source"),
        (["store", "prune", "--made-by", "0.1.0", "--size", "1"], "--size 1: all that a version"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_no_option_is_ignored_without_a_word(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("span", [["--start", "{}", "--stop", "{}"], ["--interval", "{}", "{}"]])
def test_a_light_curve_of_spi_acs_needs_a_span_of_time_alone(
    span: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = iter(("2023-03-07T15:44:00", "2023-03-07T15:45:00"))
    words = [next(ends) if word == "{}" else word for word in span]
    out = tmp_path / "grb.fits"
    asked = ["lightcurve", "--archive", "sample", "--instrument", "spi_acs", "--bin", "0.1"]
    assert main([*asked, *words, "--out", str(out)]) == 0
    assert "SPI-ACS" in capsys.readouterr().out
    assert oda.LightCurve.read(out).rate.max() == pytest.approx(1_743_640)


SAMPLE_BURST = (
    "--archive", "sample", "--instrument", "spi_acs", "--bin", "0.1",
    "--start", "2023-03-07T15:43:00", "--stop", "2023-03-07T15:46:00",
)  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".ecsv"])
def test_bursts_are_listed_and_saved_as_they_are_measured(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"bursts{suffix}"
    assert main(["bursts", *SAMPLE_BURST, "--position", "60.82, -75.38", "--out", str(out)]) == 0
    first, heads, row, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("SPI-ACS: 1 burst in ")
    assert first.count("SIMULATED") == 0
    assert "T90 (s)" in heads
    (burst,) = (
        oda.connect(archive="sample")
        .light_curves(
            instrument="spi_acs", start=SAMPLE_BURST[7], stop=SAMPLE_BURST[9], time_bin=0.1
        )["SPI-ACS"]
        .bursts()
    )
    assert row.split()[0] == burst.trigger_utc
    assert f"{burst.t90}" in row
    assert row.endswith("-0.468")
    (saved,) = Table.read(out)
    assert saved["t90"] == pytest.approx(burst.t90.value)
    assert saved["counts_error"] == pytest.approx(burst.counts.error)
    assert saved["light_travel_time"] == pytest.approx(-0.468, abs=1e-3)


@pytest.mark.filterwarnings("always::oda_widgets.errors.IncompleteProduct")
def test_bursts_without_a_place_are_saved_without_times_at_the_earth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bursts.csv"
    words = ["bursts", "--archive", "simulated", "--instrument", "spi_acs", "--bin", "0.05"]
    words += ["--start", "2020-04-15T08:46", "--stop", "2020-04-15T08:50"]
    words += ["--position", "11.89, -25.28", "--out", str(out)]
    assert main(words) == 0
    said = capsys.readouterr()
    assert said.out.startswith("SPI-ACS: 1 burst in ")
    assert "does not say where the satellite was" in said.err
    table = Table.read(out)
    assert len(table) > 0
    assert "light_travel_time" not in table.colnames


def test_a_light_curve_without_bursts_makes_a_table_without_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none.csv"
    words = ["bursts", "--archive", "simulated", *SHIELD[1:], "--out", str(out)]
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("SPI-ACS: 0 bursts in 60 bins")
    assert len(Table.read(out)) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["image", "Crab"],
        ["spectra", "Crab"],
        ["lightcurve", "Crab", "--bin", "100"],
        ["bursts", "Crab", "--bin", "5"],
        SHIELD,
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_every_verb_says_which_products_are_simulated(
    words: list[str], three_windows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = "simulated" if words is SHIELD else str(three_windows)
    assert main([*words, "--archive", archive]) == 0
    assert "SIMULATED" in capsys.readouterr().out.splitlines()[0]


def test_a_light_curve_is_told_with_its_mean_beside_its_brightest_bin(
    three_windows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lightcurve", "Crab", "--bin", "100", "--archive", str(three_windows)]) == 0
    (curve,) = (
        oda.connect(archive=three_windows).light_curves(catalog=["Crab"], time_bin=100).values()
    )
    said = capsys.readouterr().out
    assert f"mean {curve.mean()}, brightest {curve.brightest} · 28–80 keV" in said


def test_a_file_that_a_library_may_not_read_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as the settings of astropy in the home of another user."""

    def refuse(_: object) -> int:
        raise PermissionError(13, "Permission denied", "/home/other/.astropy")

    monkeypatch.setattr("oda_widgets.cli.doctor._doctor", refuse)
    assert main(["doctor"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("oda-widgets: /home/other/.astropy may not be read or written.")
    assert "set HOME to a folder of your own" in said


def test_a_lab_that_could_note_nothing_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()  # below it nobody can write, not even root
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "file" / "runtime"))
    assert main(["lab", "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert "JUPYTER_RUNTIME_DIR=" in said
    assert "no file can be written there" in said
