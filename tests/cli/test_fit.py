"""``oda-widgets fit``: a fit on the command line, and its mistakes in one line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from oda_widgets.cli.main import main
from tests.fitting.instruments import isgri
from tests.real_data import NOTEBOOK_DATA

PHA = str(NOTEBOOK_DATA / "NGC2110_ursini_spectrum_osa10.fits")


def test_a_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["fit", "cutoffpl", PHA, "--energy", "22", "200", "--flux", "20", "100"]
    assert main([*words, "--out", str(tmp_path / "fit.pdf")]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"PhoIndex +1.636 −0.092 \+0.080", shown)
    assert "HighECut (keV) " in shown
    assert "norm (photons/keV/cm²/s at 1 keV)" in shown
    assert "upper bound unconstrained, hard limit 500" in shown
    assert "Flux 20-100 keV: (1.910 ± 0.021) × 10⁻¹⁰ erg/cm²/s" in shown
    assert (tmp_path / "fit.pdf").read_bytes().startswith(b"%PDF")
    assert main([*words, "--latex", "--out", str(tmp_path / "fit.xcm")]) == 0
    assert "tabular" in capsys.readouterr().out
    again = ["fit", str(tmp_path / "fit.xcm"), PHA, "--energy", "22", "200"]
    assert main(again) == 0
    assert "χ² 4.45 for 8" in capsys.readouterr().out


def test_a_source_that_is_not_seen_has_an_upper_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spectrum = isgri(1e4, 16)
    noise = np.random.default_rng(1).normal(size=len(spectrum.error)) * spectrum.error
    replace(spectrum, rate=noise).write(tmp_path / "faint.fits")
    words = ["powerlaw", str(tmp_path / "faint.fits"), "--energy", "28", "200"]
    assert main(["fit", *words, "--flux", "20", "100"]) == 0
    assert re.search(r"flux 20-100 keV < \S+ erg/cm²/s \(95 % conf", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["powerlow", PHA], "Did you mean powerlaw"),
        (["powerlaw", "absent.fits"], "path='absent.fits': no such file"),
        (["powerlaw", "absent.fits", "--out", "fit.pdf"], "path='absent.fits': no such file"),
        (["powerlaw", PHA, "--rmf", "absent.fits"], "--rmf absent.fits: no such file"),
        (["powerlaw", PHA, "--arf", "absent.fits"], "--arf absent.fits: no such file"),
        (["powerlaw", PHA, "--out", "fit.doc"], "End it in one of: .txt, .tex"),
        (["powerlaw", PHA, "--flux", "100", "40"], "Write --flux 40 100"),
        (["powerlaw", PHA, "--out", ""], "--out : "),
        (["powerlaw", "/dev/null"], "a device or a pipe"),
        (["powerlaw", "."], "a folder"),
        (["powerlaw", PHA, PHA, "--rmf", "x.fits"], "there are 2 spectra"),
    ],
)
def test_mistakes(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
