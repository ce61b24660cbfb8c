"""The verb survey writes a map and a picture into a folder, and goes on where it was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy.io import fits

from oda_widgets.cli.main import main
from oda_widgets.products.all_sky import AllSky

WORDS = ["survey", "--energy", "28", "80", "--nside", "256"]


def test_a_survey_leaves_map_and_picture_and_goes_on(
    three_windows: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = [*WORDS, "--archive", str(three_windows), "--out", str(tmp_path / "sky")]
    assert main(words) == 0
    said = capsys.readouterr()
    assert "NEW_1" in said.out
    assert "SIMULATED" in said.out
    assert "3 windows, 1 source" in said.err
    with fits.open(tmp_path / "sky" / "survey.fits") as file:
        assert file["ALLSKY"].header["NSIDE"] == 256
    assert (tmp_path / "sky" / "survey.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr(AllSky, "save", lambda *_, **__: None)  # drawn once, which takes longest
    (state,) = (tmp_path / "sky").glob("survey-*.npz")
    written = state.stat().st_mtime_ns
    assert main(words) == 0
    assert state.stat().st_mtime_ns == written
    assert main([*words, "--afresh"]) == 0
    assert state.stat().st_mtime_ns > written


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", ""], "--out : no name of a folder. Give the name of a folder, --out . for"),
        (["--nside", "0"], "Write for example --nside 512."),
        (["--nside", "2048"], "Give 1,024 at most."),
        (["--nside", "500"], "--nside 500: no power of 2"),
        (["--limit", "0"], "--limit 0"),
        (["--start", "2030-01-01"], "None of 3 science windows is after"),
        (["--energy", "40", "20"], "Write --energy 20 40"),
    ],
)
def test_what_cannot_be_surveyed_is_said_in_one_line(
    three_windows: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    usual = [*WORDS, "--archive", str(three_windows), "--out", str(tmp_path)]
    assert main([*usual, *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
