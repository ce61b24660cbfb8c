"""Trends: the numbers of several fits in order of time, with their own errors."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.result import Fit
from oda_widgets.request.timespan import to_ijd
from tests.real_data import NOTEBOOK_DATA


def fit_of(year: int, model: str = "powerlaw") -> Fit:
    """Return a fit of the real spectrum as if it had been taken in a year."""
    spectrum = oda.Spectrum.read(NOTEBOOK_DATA / "NGC2110_ursini_spectrum_osa10.fits")
    start, stop = to_ijd(f"{year}-03-01"), to_ijd(f"{year}-03-03")
    seen = replace(spectrum.observation, start=start, stop=stop)
    return replace(spectrum, observation=seen).fit(model, energy=(22, 200))


@pytest.fixture(scope="module")
def fits() -> dict[int, Fit]:
    return {year: fit_of(year) for year in (2008, 2003)}


def test_its_print_has_units_and_the_systematic_error(fits: dict[int, Fit]) -> None:
    shown = repr(oda.trend(fits, [(20, 100)]))
    assert shown.count("× 10⁻¹⁰ erg/cm²/s") == 2
    assert "systematic" not in shown
    seen = replace(fits[2003].datasets[0].spectrum.observation, rates_error=0.089)
    spectrum = replace(fits[2003].datasets[0].spectrum, observation=seen)
    uncertain = oda.trend([spectrum.fit("powerlaw", energy=(22, 200))], [(20, 100)])
    assert repr(uncertain).endswith("fluxes: ± 8.9 % systematic besides")


def test_its_numbers_are_those_of_each_fit_in_order_of_time(fits: dict[int, Fit]) -> None:
    trend = oda.trend(fits, ["PhoIndex", (20, 100), "reduced statistic"], level=0.9)
    values: Any = trend.values()
    assert trend.labels == ("2003", "2008")
    assert [name for name in values if "2003" in name] == [
        "PhoIndex, 2003", "flux 20-100 keV, 2003", "reduced statistic, 2003"
    ]  # fmt: skip
    fit = fits[2003]
    assert values["PhoIndex, 2003"] == fit.errors("PhoIndex", level=0.9)["PhoIndex"]
    assert values["flux 20-100 keV, 2003"].value == pytest.approx(fit.flux(20, 100).value)
    assert values["reduced statistic, 2008"].value == pytest.approx(fit.statistic / fit.dof)
    assert trend.spans[0] == pytest.approx([to_ijd("2003-03-01"), to_ijd("2003-03-03")])


def test_some_of_its_numbers_are_chosen_by_name(fits: dict[int, Fit]) -> None:
    trend = oda.trend(fits, ["PhoIndex", "norm"])
    assert list(trend.values("norm")) == ["norm, 2003", "norm, 2008"]
    with pytest.raises(BadParameter, match="PhoIndex, norm"):
        trend.values("kT")


def test_it_is_saved_as_a_table_with_a_row_for_each_fit(
    fits: dict[int, Fit], tmp_path: Path
) -> None:
    trend = oda.trend(fits, ["PhoIndex", (20, 100)])
    trend.save(tmp_path / "trend.csv")
    rows = list(csv.DictReader((tmp_path / "trend.csv").read_text().splitlines()))
    assert [row["fit"] for row in rows] == ["2003", "2008"]
    assert float(rows[0]["PhoIndex"]) == fits[2003].parameters["PhoIndex"].value
    assert float(rows[1]["flux 20-100 keV (erg/cm²/s)"]) > 0


def test_names_with_commas_stay_in_their_column(fits: dict[int, Fit], tmp_path: Path) -> None:
    named = {"low, soft": fits[2003], "high": fits[2008]}
    oda.trend(named, ["PhoIndex"]).save(tmp_path / "trend.csv")
    rows = list(csv.DictReader((tmp_path / "trend.csv").read_text().splitlines()))
    assert [row["fit"] for row in rows] == ["low, soft", "high"]
    assert float(rows[0]["PhoIndex"]) == fits[2003].parameters["PhoIndex"].value


@pytest.mark.parametrize(
    ("quantities", "words"),
    [([], "quantities"), ("PhoIndex", "quantities"), (["kT"], "kT"), ([(20,)], "quantities")],
)
def test_what_no_fit_has_is_refused(fits: dict[int, Fit], quantities: Any, words: str) -> None:
    with pytest.raises(BadParameter, match=words):
        oda.trend(fits, quantities)


@pytest.mark.parametrize("given", [{}, [], 3, {"a": 1}])
def test_what_are_no_fits_is_refused(given: Any) -> None:
    with pytest.raises(BadParameter, match="fits"):
        oda.trend(given, ["PhoIndex"])


def test_a_mean_counts_each_fit_alike_and_adds_their_errors(fits: dict[int, Fit]) -> None:
    trend = oda.trend(fits, ["PhoIndex", (20, 100)])
    one = trend.values("PhoIndex")["PhoIndex, 2003"]  # of the same spectrum as the other
    mean = trend.means("PhoIndex")["PhoIndex, mean"]
    assert mean.value == pytest.approx(float(one))  # type: ignore[arg-type]
    assert mean.plus == pytest.approx(one.plus / 2**0.5)  # type: ignore[union-attr]
    seen = replace(fits[2003].datasets[0].spectrum.observation, rates_error=0.1)
    uncertain = replace(fits[2003].datasets[0].spectrum, observation=seen)
    flux = oda.trend([uncertain.fit("powerlaw", energy=(22, 200))] * 1, [(20, 100)]).means()
    [mean] = flux.values()
    assert mean.plus > 0.1 * mean.value
    with pytest.raises(BadParameter):
        trend.means("kT")
