"""XSPEC's command files: those of the paper are read, and ours are read back."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, MissingTool
from oda_widgets.fitting.xspec.xcm import read_xcm, xcm_text
from oda_widgets.products.spectrum import Spectrum
from tests.fitting.instruments import isgri, ngc_2110

DATA = Path(__file__).parent / "data"


def test_the_models_of_the_paper_are_read() -> None:
    west = read_xcm(DATA / "mod_western.xcm", 2)
    assert west.model == "constant*(bbodyrad + compTT)"
    assert west.parameters["compTT.kT"].value == 6.22721
    assert (west.parameters["compTT.kT"].low, west.parameters["compTT.kT"].high) == (1, 50)
    assert west.parameters["2:compTT.kT"].link == "compTT.kT"
    assert west.parameters["2:factor"].free
    assert west.parameters["factor"].frozen
    broken = read_xcm(DATA / "mod_2bknpow.xcm", 2)
    assert broken.model == "cflux(bkn2pow)"
    assert broken.parameters.free == (
        "lg10Flux", "PhoIndx1", "PhoIndx2", "PhoIndx3", "2:lg10Flux"
    )  # fmt: skip
    assert broken.parameters["2:Emin"].value == 5
    assert broken.parameters["2:PhoIndx1"].link == "bkn2pow.PhoIndx1"
    east = read_xcm(DATA / "mod_eastern.xcm", 2)
    assert len(east.parameters.free) == 6


@pytest.mark.parametrize("name", ["mod_western.xcm", "mod_eastern.xcm", "mod_2bknpow.xcm"])
def test_written_files_are_read_back(name: str, tmp_path: Path) -> None:
    read = read_xcm(DATA / name, 2)
    text = xcm_text(read.model, read.parameters, ["cstat", "cstat"])
    (tmp_path / "again.xcm").write_text(text)
    again = read_xcm(tmp_path / "again.xcm", 2)
    assert again.model == read.model
    assert again.statistics == ("cstat", "cstat")
    for name_, item in read.parameters.items():
        other = again.parameters[name_]
        assert (other.link, other.frozen) == (item.link, item.frozen)
        np.testing.assert_allclose(
            [other.value, other.low, other.high], [item.value, item.low, item.high], rtol=1e-7
        )


@pytest.mark.parametrize(
    ("name", "command", "read"),
    [
        ("chi2", "chi", "chi2"),
        ("cstat", "cstat", "cstat"),
        ("wstat", "cstat", "cstat"),  # W where there is a background
        ("pgstat", "pgstat", "pgstat"),
    ],
)
def test_statistics_have_the_names_of_xspec(
    name: str, command: str, read: str, tmp_path: Path
) -> None:
    first = read_xcm(DATA / "mod_western.xcm", 1)
    text = xcm_text(first.model, first.parameters, [name])
    assert f"\nstatistic {command}\n" in text
    (tmp_path / "again.xcm").write_text(text)
    assert read_xcm(tmp_path / "again.xcm", 1).statistics == (read,)


@pytest.mark.parametrize("names", [("chi2", "cstat"), ("cstat", "chi2"), ("chi2", "chi2")])
def test_each_spectrum_keeps_its_statistic(names: tuple[str, str], tmp_path: Path) -> None:
    first = read_xcm(DATA / "mod_western.xcm", 2)
    (tmp_path / "again.xcm").write_text(xcm_text(first.model, first.parameters, names))
    assert read_xcm(tmp_path / "again.xcm", 2).statistics == names


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("statistic chi 1\nstatistic cstat 2-3", ("chi2", "cstat", "cstat")),
        ("statistic cstat 1,3", ("cstat", None, "cstat")),
        ("statistic cstat\nstatistic test ks", ("cstat", "cstat", "cstat")),
    ],
)
def test_statistics_are_of_the_spectra_that_they_name(
    lines: str, expected: tuple[str | None, ...], tmp_path: Path
) -> None:
    (tmp_path / "m.xcm").write_text(f"{lines}\nmodel powerlaw\n1.7\n1\n")
    read = read_xcm(tmp_path / "m.xcm", 3)
    assert read.statistics == expected
    assert read.notes == ()


@pytest.mark.parametrize("row", ["1.7,0.02,-2,-2,8,8", "1.7D0 2D-2 -2 -2 8 8", "1.7 .02, -2 -2,,8"])
def test_numbers_stand_between_commas_or_blanks(row: str, tmp_path: Path) -> None:
    (tmp_path / "m.xcm").write_text(f"model powerlaw\n{row}\n0.05,,,,,\n")
    index, norm = read_xcm(tmp_path / "m.xcm", 1).parameters.values()
    assert (index.value, index.step, index.low, index.high) == (1.7, 0.02, -2, 8)
    assert (norm.value, norm.free) == (0.05, True)


def test_commands_behind_the_model_change_its_parameters(tmp_path: Path) -> None:
    commands = "newpar 1 2.1\nfreeze 1,3\nthaw 3\nuntie 4\n"
    text = f"model powerlaw + powerlaw\n1.7\n1\n1.2\n= p2\n{commands}"
    (tmp_path / "m.xcm").write_text(text)
    read = read_xcm(tmp_path / "m.xcm", 1)
    first, _, second, norm = read.parameters.values()
    assert (first.value, first.frozen) == (2.1, True)
    assert (second.free, norm.link) == (True, "")
    assert read.notes == ()


@pytest.mark.parametrize("head", ["model 1:src powerlaw", "model  powerlaw", "model \\\n powerlaw"])
def test_models_may_have_a_name(head: str, tmp_path: Path) -> None:
    (tmp_path / "m.xcm").write_text(f"{head}\n1.3\n1\n")
    read = read_xcm(tmp_path / "m.xcm", 1)
    assert read.model == "powerlaw"
    assert read.parameters["PhoIndex"].value == 1.3


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ignore 1:**-2.0 7.0-**", "ignore 1:.*energy="),
        ("systematic 0.05", "systematic 0.05.*systematic="),
        ("statistic lstat", "statistic lstat.*suits the data"),
        ("model 2:bkg powerlaw\n1\n1", "second model, .*2:bkg powerlaw.*left out"),
        ("gain fit 1", "gain fit 1"),
        ("frobnicate 2", "frobnicate 2.*not known"),
        ("weight churazov", "weight churazov"),
    ],
)
@pytest.mark.parametrize("place", ["before", "behind"])
def test_what_is_not_applied_is_told(line: str, told: str, place: str, tmp_path: Path) -> None:
    model = "model powerlaw\n1.7\n1\nfit"
    lines = [line, model] if place == "before" and "model" not in line else [model, line]
    (tmp_path / "m.xcm").write_text("\n".join(lines) + "\n")
    if line.startswith("frob") and place == "behind":
        return  # it is refused as a parameter
    (note,) = read_xcm(tmp_path / "m.xcm", 1).notes
    assert re.search(told, note)


@pytest.mark.parametrize(
    ("rows", "told"),
    [("1.7\n1\n2\n3\n", "has 4 parameters: of 1 spectrum the first 2"), ("1.7\n", "has 1 of 2")],
)
def test_rows_that_do_not_fit_are_told(rows: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "m.xcm").write_text(f"model powerlaw\n{rows}")
    (note,) = read_xcm(tmp_path / "m.xcm", 1).notes
    assert told in note


def test_a_fit_starts_from_a_command_file(tmp_path: Path) -> None:
    spectrum = ngc_2110()
    first = spectrum.fit("cutoffpl", energy=(22, 200), limits={"HighECut": (1, 5000)})
    first.write_xcm(tmp_path / "model.xcm")
    again = oda.fit(spectrum, str(tmp_path / "model.xcm"), energy=(22, 200))
    assert again.statistic == pytest.approx(first.statistic, abs=1e-4)
    assert again.parameters["HighECut"].high == 5000
    assert again.problem.evaluations < 40


def test_a_command_file_says_which_energies_were_fitted(tmp_path: Path) -> None:
    pair = [isgri(1e4, 16), isgri(1e4, 16)]
    fit = oda.fit(pair, "constant*powerlaw", energy=[(30, 300), (25, 100.5)])
    fit.save(tmp_path / "fit.xcm")
    text = (tmp_path / "fit.xcm").read_text()
    assert "#   ignore 1:**-30.0 300.0-**\n#   ignore 2:**-25.0 100.5-**\n" in text
    again = oda.fit(pair, tmp_path / "fit.xcm", energy=[(30, 300), (25, 100.5)])
    assert again.statistic == pytest.approx(fit.statistic)
    assert not [note for note in again.notes if "ignore" in note]


def test_a_folder_for_xspec_holds_the_same_fit(tmp_path: Path) -> None:
    fit = oda.fit(ngc_2110(), "powerlaw", energy=(22, 200), systematic=0.02)
    script = fit.to_xspec(tmp_path / "xspec").read_text()
    assert "data 1:1 spectrum_1.fits\nignore bad\n@model.xcm" in script
    read = Spectrum.read(tmp_path / "xspec" / "spectrum_1.fits")
    again = oda.fit(read, str(tmp_path / "xspec" / "model.xcm"))
    assert again.dof == fit.dof
    assert again.statistic == pytest.approx(fit.statistic, abs=1e-4)
    with pytest.raises(BadParameter, match="overwrite"):
        fit.to_xspec(tmp_path / "xspec")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("method leven\n", DamagedFile, "no model"),
        ("model powerlaw\n 1 0.01 x\n", DamagedFile, "is no parameter"),
        ("model relline\n", BadParameter, "no model 'relline'"),
        ("model powerlaw\n= p7\n", BadParameter, "numbered 1 to 2"),
        ("model powerlaw\n1.7\n= 1\n", DamagedFile, "links to no parameter"),
        ("model powerlaw\n1.7\n= 1/2\n", DamagedFile, r"links to no parameter.*Write = p1\."),
        ("model powerlaw\n1.7\n1\nfreeze 3\n", DamagedFile, "names no parameter of the model"),
        ("model powerlaw\n1.7\n1\nnewpar x 2\n", DamagedFile, "names no parameter of the model"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, error: type[Exception], message: str) -> None:
    (tmp_path / "bad.xcm").write_text(text)
    with pytest.raises(error, match=message):
        oda.fit(ngc_2110(), str(tmp_path / "bad.xcm"))
    with pytest.raises(BadParameter, match="cannot be read"):
        oda.fit(ngc_2110(), str(tmp_path / "absent.xcm"))


def test_settings_that_are_not_applied_are_told(tmp_path: Path) -> None:
    (tmp_path / "m.xcm").write_text("abund wilm\nmodel TBabs*powerlaw\n1 -1\n2 0.01\n1 0.01\n")
    assert "abund wilm" in read_xcm(tmp_path / "m.xcm", 1).notes[0]


def test_without_pyxspec_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xspec", None)
    with pytest.raises(MissingTool, match="PyXspec"):
        ngc_2110().fit("powerlaw", energy=(22, 200)).with_pyxspec()


def test_pyxspec_is_given_the_same_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in notes the calls; XSPEC itself is not at hand."""
    calls: list[str] = []

    class Data:
        def __call__(self, text: str) -> None:
            assert Path("spectrum_1.fits").exists()
            calls.append(text)

        def ignore(self, text: str) -> None:
            calls.append(text)

    def models(_group: int) -> Any:
        return lambda number: SimpleNamespace(values=[float(number)])

    fake = SimpleNamespace(
        AllData=Data(),
        AllModels=models,
        Xset=SimpleNamespace(restore=calls.append),
        Fit=SimpleNamespace(perform=lambda: calls.append("fit"), statistic=8.8, dof=9),
    )
    monkeypatch.setitem(sys.modules, "xspec", fake)  # type: ignore[arg-type]  # a stand-in
    found = ngc_2110().fit("powerlaw", energy=(22, 200)).with_pyxspec()
    assert calls == ["1:1 spectrum_1.fits", "bad", "model.xcm", "fit"]
    assert found.values == {"PhoIndex": 1.0, "norm": 2.0}
