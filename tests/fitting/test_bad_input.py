"""Bad input of fits is refused with parameter, value, limit and next step."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter, EmptySelection, MissingTool, OdaError
from oda_widgets.fitting.dataset import dataset
from oda_widgets.fitting.models import library
from oda_widgets.products.spectrum_data import BAD
from tests.fitting.instruments import isgri, ngc_2110

NGC = ngc_2110()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": {"PhoIndx": 2}}, "no such parameter.*PhoIndex"),
        ({"start": {"PhoIndex": 20}}, "PhoIndex=20.*limits are -3 and 10.*limits="),
        ({"start": {"PhoIndex": float("nan")}}, "not a finite number"),
        ({"start": {"PhoIndex": "two"}}, "not a number"),
        ({"limits": {"PhoIndex": (3, 1)}}, "lower limit must be below"),
        ({"limits": {"PhoIndex": 3}}, "not a pair"),
        ({"links": {"PhoIndex": "2*"}}, "missing, at its end"),
        ({"links": {"PhoIndex": "norm", "norm": "PhoIndex"}}, "in a circle"),
        ({"links": {"PhoIndex": "__import__"}}, "no such parameter"),
        ({"freeze": "kT"}, "no such parameter"),
        ({"start": {"norm": 1, "powerlaw.norm": 2}}, "start=.*norm and powerlaw.norm are one"),
        ({"limits": {"PhoIndex": (1, 2), "phoindex": (1, 3)}}, "limits=.*are one parameter"),
        ({"freeze": ["norm"], "free": ["NORM"]}, "freeze='norm': free has this parameter too"),
        ({"freeze": ["norm"], "links": {"norm": "2"}}, "freeze='norm': links has this parameter"),
        ({"start": {"norm": 1}, "links": {"norm": "2"}}, "start='norm': links has this parameter"),
        ({"start": {"norm": 1}, "freeze": {"norm": 2}}, "start='norm': freeze has this parameter"),
        ({"statistic": "chi"}, "no such statistic.*chi2, cstat, wstat, pgstat"),
        ({"statistic": "cstat"}, "rates with errors of their own, not counts"),
        ({"statistic": "pgstat"}, "rates with errors of their own.*chi2"),
        ({"systematic": 5}, "not a fraction of the rates"),
        ({"systematic": [0.1, 0.1]}, "there are 1 spectra"),
        ({"energy": 30}, "not a pair"),
        ({"energy": (100, 30)}, "lower edge must be below"),
        ({"energy": (float("nan"), 30)}, "not a finite number"),
    ],
)
def test_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        oda.fit(NGC, "powerlaw", **options)


@pytest.mark.skipif(not library.available(), reason="no XSPEC library here")
@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (
            "compPS",
            {"limits": {"geom": (0, 4)}},
            "geom.*0.0, 4.0.*any other.*Keep geom",
        ),
        (
            "compPS",
            {"limits": {"geom": (0, 4)}, "freeze": {"geom": 3}},
            "geom=3.0.*end the process",
        ),
        ("compPS", {"free": ["geom"]}, "geom='free'.*Leave geom frozen"),
        ("compPS", {"links": {"geom": "3*tau_y"}}, "geom=3.0.*end the process"),
        ("compTT", {"limits": {"T0": (-1, 1)}}, "T0.*outside 0.0001 to 1000"),
    ],
)
def test_values_that_would_crash_the_process_are_refused(
    model: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        oda.fit(NGC, model, **options)


def test_a_range_without_good_channels_names_the_good_ones() -> None:
    with pytest.raises(EmptySelection, match=r"no good channel in 500 to 600 keV.*17.31-300.2 keV"):
        oda.fit(NGC, "powerlaw", energy=(500, 600))
    with pytest.raises(EmptySelection, match="none at all"):
        oda.fit(replace(NGC, rate=np.full(14, np.nan)), "powerlaw")


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, -1.0])
def test_channels_without_rate_or_error_are_left_out(bad: float) -> None:
    error = NGC.error.copy()
    error[5] = bad
    assert dataset(replace(NGC, error=error), None, None).used.sum() == 13


def test_a_negative_area_counts_as_zero_and_is_told() -> None:
    fit = oda.fit(NGC, "powerlaw", energy=(22, 200))
    assert any("negative in 604 bins from 872 keV; set to zero" in note for note in fit.notes)
    response = replace(NGC.response, area=np.full(len(NGC.response.area), -1.0))
    with pytest.raises(BadParameter, match="nowhere positive"):
        oda.fit(replace(NGC, response=response), "powerlaw")


def test_a_response_with_gaps_or_without_numbers_is_refused() -> None:
    response = NGC.response
    gaps = replace(response, energy_high=response.energy_high * 0.5)
    with pytest.raises(BadParameter, match="do not adjoin"):
        oda.fit(replace(NGC, response=gaps), "powerlaw")
    broken = response.redistribution.copy()
    broken[5, 5] = np.nan
    with pytest.raises(BadParameter, match="not finite"):
        oda.fit(replace(NGC, response=replace(response, redistribution=broken)), "powerlaw")


def test_values_that_are_not_spectra_are_refused() -> None:
    for spectra in ([], [1], ["crab.fits"]):
        with pytest.raises(BadParameter, match="spectra"):
            oda.fit(spectra, "powerlaw")


def test_a_fit_at_a_limit_or_of_the_wrong_model_says_so() -> None:
    fit = oda.fit(NGC, "powerlaw", energy=(22, 200), limits={"PhoIndex": (2.5, 3)})
    assert any("PhoIndex is at its limit 2.5" in note for note in fit.notes)
    assert any("Poor fit: the model may not describe the data" in note for note in fit.notes)


def test_flux_and_error_questions_are_checked() -> None:
    fit = oda.fit(NGC, "powerlaw", energy=(22, 200), freeze={"PhoIndex": 1.8})
    for call, message in (
        (lambda: fit.flux(100, 20), "lower edge"),
        (lambda: fit.flux(20, 100, unit="Jy"), '"erg" or "photons"'),
        (lambda: fit.errors("PhoIndex"), "frozen or linked"),
        (lambda: fit.errors(level=1.5), "outside"),
        (lambda: fit.table("word"), "no such kind"),
        (lambda: fit.parameters["kT"], "no such parameter"),
    ):
        with pytest.raises(BadParameter, match=message):
            call()


def test_a_flux_range_must_be_one_and_stay() -> None:
    with pytest.raises(BadParameter, match="0 < Emin < Emax"):
        oda.fit(NGC, "cflux(powerlaw)", start={"Emin": 100, "Emax": 20})
    with pytest.raises(BadParameter, match="cannot be fitted"):
        oda.fit(NGC, "cflux(powerlaw)", free=["Emax"], start={"Emin": 20, "Emax": 100})


def test_without_the_library_the_numpy_models_remain(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> bool:
        return False

    monkeypatch.setattr(library, "available", missing)
    assert oda.fit(NGC, "cutoffpl", energy=(22, 200)).statistic < 5
    with pytest.raises(MissingTool, match="compTT is in XSPEC's library only"):
        oda.fit(NGC, "compTT")


def test_nothing_that_a_spectrum_may_hold_ends_in_a_traceback() -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        spectrum = isgri(1000.0, 32)
        rate = rng.choice([0.0, 1.0, -5.0, 1e30, np.nan, np.inf], size=8)
        error = rng.choice([0.0, 1.0, 1e-30, np.inf, np.nan], size=8)
        with suppress(OdaError):
            oda.fit(replace(spectrum, rate=rate, error=error), "powerlaw")


def test_a_hole_in_the_range_of_a_fit_is_named_in_its_notes_and_errors() -> None:
    hole = (NGC.channel_low >= 60) & (NGC.channel_high <= 110)
    quality = np.where(hole, BAD, NGC.quality).astype(np.int16)
    holed = replace(NGC, quality=quality)
    low, high = NGC.channel_low[hole].min(), NGC.channel_high[hole].max()
    missing = f"{low:.4g}-{high:.4g} keV"
    for energy in (None, (30, 200)):
        notes = oda.fit(holed, "powerlaw", energy=energy).notes
        assert any(f"no data in {missing}" in note for note in notes)
        assert not any("no data" in note for note in oda.fit(NGC, "powerlaw", energy=energy).notes)
    with pytest.raises(EmptySelection, match=rf"good channels are in [\d.]+-{low:.4g} keV and"):
        oda.fit(holed, "powerlaw", energy=(low, high))
