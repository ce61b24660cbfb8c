"""Prints, tables and files of fits."""

from __future__ import annotations

import doctest
import re
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import ModuleType

import pytest
from astropy.io import fits
from matplotlib.image import imread

import oda_widgets as oda
from oda_widgets.errors import BadParameter, JobCancelled
from oda_widgets.fitting import fakeit as fakeit_module
from oda_widgets.fitting import fit as fit_module
from oda_widgets.fitting import result, saved
from oda_widgets.fitting.chains import chain as chain_module
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.result import Fit
from tests.fitting.instruments import isgri, ngc_2110, simulated

RANGE = (22, 200)


@pytest.fixture
def fit() -> Fit:
    found: Fit = oda.fit(ngc_2110(), "cutoffpl", energy=RANGE)
    return found


@pytest.fixture(scope="module")
def drawn() -> Fit:
    truth = {"PhoIndex": 2.0, "norm": 1.0}
    found: Fit = oda.fit(simulated(isgri(1e4, 8), "powerlaw", truth, seed=1), "powerlaw")
    return found


@pytest.fixture(scope="module")
def sampled(drawn: Fit) -> Chain:
    return drawn.chain(100, walkers=20, progress=lambda _done, _wanted: None)


def test_errors_of_one_parameter_leave_those_of_the_others(fit: Fit) -> None:
    everything = fit.errors()
    fit.errors("PhoIndex")
    fit.upper_limit("norm")
    assert set(fit.last_errors) == {"PhoIndex", "HighECut", "norm"}
    assert fit.last_errors["HighECut"] == everything["HighECut"]


def test_a_table_has_one_confidence_level_and_says_it(fit: Fit) -> None:
    fit.errors("PhoIndex", level=0.9)  # the others have 1 sigma: it is not put beside them
    assert "1.636 ± 0.091" in fit.table()
    assert "68.3 % confidence, covariance" in fit.table()
    fit.errors(level=0.9)
    assert all(r"90" in fit.table(kind) for kind in ("text", "latex", "csv", "html"))
    fit.errors("PhoIndex")
    assert "90 % confidence, profile likelihood" in fit.table()
    assert fit.last_errors.level == 0.9


def test_simulated_stands_in_each_table_and_print(drawn: Fit, sampled: Chain) -> None:
    for text in (*(drawn.table(kind) for kind in ("text", "latex", "csv", "html")),
                 repr(drawn), repr(sampled), drawn._repr_html_(), sampled._repr_html_(),
                 repr(drawn.contour("PhoIndex", "norm", 3))):  # fmt: skip
        assert "SIMULATED" in text


def test_simulated_stands_in_each_file_of_numbers(
    drawn: Fit, sampled: Chain, tmp_path: Path
) -> None:
    contour, trend = drawn.contour("PhoIndex", "norm", 3), oda.trend([drawn], ["PhoIndex"])
    for number, value in enumerate((sampled, contour, trend)):
        value.save(tmp_path / f"{number}.csv")
        head, *rows = (tmp_path / f"{number}.csv").read_text().splitlines()
        assert head.endswith(",simulated")
        assert all(row.endswith(",True") for row in rows)
    assert "SIMULATED" in repr(trend)


def test_a_print_has_six_lines_at_most(drawn: Fit, sampled: Chain) -> None:
    for value in (drawn, sampled, drawn.errors(), drawn.contour("PhoIndex", "norm", 3),
                  drawn.parameters, drawn.flux(20, 100)):  # fmt: skip
        assert 1 <= len(repr(value).splitlines()) <= 6
    assert "PhoIndex = 2.0" in repr(drawn)
    assert "degrees of freedom" in repr(drawn)


def test_a_print_shows_the_frozen_parameters() -> None:
    fit = oda.fit(ngc_2110(), "cflux*powerlaw", energy=RANGE)
    assert "frozen: Emin 0.5 keV, Emax 10 keV, norm 1" in repr(fit).splitlines()
    assert len(repr(fit).splitlines()) <= 6
    assert "frozen" not in repr(oda.fit(ngc_2110(), "powerlaw", energy=RANGE))


@pytest.mark.parametrize("kind", ["text", "html", "latex"])
def test_values_and_errors_have_the_same_decimals(fit: Fit, kind: str) -> None:
    fit.errors()
    text = fit.table(kind).replace(r"_{-", " −").replace("}^{+", " +").replace("−", " -")
    [line] = [line for line in re.split(r"\n|<tr>", text) if "PhoIndex" in line]
    numbers = re.findall(r"\d+\.(\d+)", line)
    assert [len(decimals) for decimals in numbers] == [3, 3, 3]


def test_a_search_for_errors_says_how_far_it_is_and_can_be_stopped(drawn: Fit) -> None:
    told: list[tuple[int, int]] = []
    drawn.errors(progress=lambda done, wanted: told.append((done, wanted)))
    assert told[:2] == [(0, 2), (1, 2)]
    before, stop = drawn.last_errors, Event()
    with pytest.raises(JobCancelled, match="search for errors was cancelled"):
        drawn.errors(level=0.9, progress=lambda _done, _wanted: stop.set(), cancel=stop)
    assert drawn.last_errors == before


def test_a_poor_fit_says_so_once() -> None:
    spectrum = ngc_2110()
    poor = replace(spectrum, error=spectrum.error / 10).fit("powerlaw", energy=RANGE)
    assert repr(poor).lower().count("poor fit") == 1
    assert poor.notes[0].startswith("Poor fit")


def test_a_bad_fit_says_so(drawn: Fit) -> None:
    spectrum = simulated(isgri(1e4, 2), "powerlaw", {"PhoIndex": 2.0, "norm": 1.0}, seed=1)
    bad = oda.fit(spectrum, "powerlaw", freeze={"PhoIndex": 2.11})
    assert bad.statistic < 2 * bad.dof
    for text in (repr(bad), *(bad.table(kind) for kind in ("text", "latex", "html"))):
        assert (
            "oor fit: the model may not describe the data, or errors are underestimated (" in text
        )
    assert "oor fit" not in repr(drawn)


def test_a_parameter_without_an_error_is_not_given_one(drawn: Fit) -> None:
    spectrum = drawn.datasets[0].spectrum
    stuck = oda.fit(spectrum, "powerlaw", limits={"PhoIndex": (2.5, 3)})
    assert "2.5 (at its limit)" in stuck.table()
    assert "nan" not in stuck.table("latex")


def test_a_fit_is_saved_as_its_suffix_says(fit: Fit, tmp_path: Path) -> None:
    contents = {
        "a.txt": "cutoffpl", "a.tex": r"\begin{tabular}", "a.csv": "unit", "a.html": "<table>",
        "a.xcm": "model cutoffpl", "a.svg": "<svg",
    }  # fmt: skip
    for name, content in contents.items():
        fit.save(tmp_path / name)
        assert content in (tmp_path / name).read_text()
    with pytest.raises(BadParameter, match="exists already"):
        fit.save(tmp_path / "a.txt")
    with pytest.raises(BadParameter, match="End it in one of"):
        fit.save(tmp_path / "a.doc")


def test_only_figures_of_a_fit_have_options(fit: Fit, tmp_path: Path) -> None:
    for dots in (50, 100):
        fit.save(tmp_path / f"{dots}.png", columns=2, dpi=dots)
    small, large = (imread(tmp_path / f"{dots}.png").shape for dots in (50, 100))
    assert large[:2] == pytest.approx([2 * size for size in small[:2]], abs=1)
    for name in ("a.tex", "a.xcm"):
        with pytest.raises(BadParameter, match="Only figures have options"):
            fit.save(tmp_path / name, dpi=100)
    with pytest.raises(BadParameter, match="There are: columns"):
        fit.save(tmp_path / "b.png", colour="red")


def test_a_chain_is_saved_as_xspec_reads_it(sampled: Chain, tmp_path: Path) -> None:
    sampled.save(tmp_path / "chain.fits")
    with fits.open(tmp_path / "chain.fits") as hdus:
        table = hdus["CHAIN"]
        assert table.columns.names == ["PhoIndex__1", "norm__2", "FIT_STATISTIC"]
        assert len(table.data) == len(sampled.values)
        assert table.data["PhoIndex__1"] == pytest.approx(sampled.values[:, 0])
    sampled.save(tmp_path / "chain.csv")
    assert len((tmp_path / "chain.csv").read_text().splitlines()) == len(sampled.values) + 1


@pytest.mark.parametrize("module", [result, saved, chain_module, fit_module, fakeit_module])
def test_the_examples_run(
    module: ModuleType, sampled: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").symlink_to(Path(oda.__file__).parents[1] / "notebooks")
    monkeypatch.chdir(tmp_path)
    names = {"fit": oda.fit(ngc_2110(), "powerlaw", energy=RANGE), "chain": sampled}
    failed, tried = doctest.testmod(module, extraglobs=names)
    assert tried
    assert not failed
