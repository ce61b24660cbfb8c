"""Spectral fits: real data against two other programs, and drawn spectra against the truth."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

import oda_widgets as oda
from oda_widgets.fitting.chains.priors import PRIORS
from oda_widgets.fitting.models import library
from tests.fitting.instruments import ngc_2110
from tests.validation.parallel import over
from tests.validation.recovery import (
    Recovered,
    by_chain,
    by_fit,
    by_profile,
    simple,
    summary,
)
from tests.validation.results import Table

T = TypeVar("T")

RANGE = (22, 200)
NAMES = {"flat": "flat priors", "jeffreys": "Jeffreys' prior"}
# Spectra of each model in `make validate`, by fits and by chains. Where they take seconds there are
# fewer, and chance alone moves the numbers more than the limits allow. `make recoveries` takes as
# many of each as ODA_WIDGETS_TEST_DRAWS says, 200 where it says nothing.
ENOUGH = 200
FITS = {
    "Crab, grbm": 200,
    "Crab, cflux*bkn2pow": 200,
    "3C 279, pegpwrlw": 200,
    "GX 5-1, constant*(bbodyrad + compTT)": 100,
    "GX 5-1, constant*(diskbb + compbb)": 100,
    "NGC 2110, compPS": 0,
    "NGC 2110, compPS, 64 times the exposure": 50,
}
CHAINS = {
    "Crab, grbm": 0,
    "Crab, cflux*bkn2pow": 0,
    "3C 279, pegpwrlw": 200,
    "GX 5-1, constant*(bbodyrad + compTT)": 0,
    "GX 5-1, constant*(diskbb + compbb)": 0,
    "NGC 2110, compPS": 0,
}


def test_ngc_2110(table: Callable[[str], Table]) -> None:
    spectrum = ngc_2110()
    power = spectrum.fit("powerlaw", energy=RANGE)
    cut = spectrum.fit("cutoffpl", energy=RANGE)
    with table("NGC 2110 (Ursini et al. 2019), 22-200 keV, as sherpa and minos fit it") as row:
        row.between("powerlaw: PhoIndex", power.parameters["PhoIndex"].value, 1.812, 1.816)
        row.between("its error by profile", power.errors("PhoIndex").first.plus, 0.0228, 0.0248)
        row.between("χ² for 9 degrees of freedom", power.statistic, 8.75, 8.80)
        row.between("cutoffpl: PhoIndex", cut.parameters["PhoIndex"].value, 1.63, 1.645)
        row.between("its sigma", cut.parameters["PhoIndex"].sigma, 0.088, 0.094)
        row.between("χ² for 8 degrees of freedom", cut.statistic, 4.44, 4.46)
        cutoff = cut.errors("HighECut").first
        row.below("cutoff: upper end found (there is none below 500 keV)", cutoff.high_found, 0)
        row.between("cutoff: lower end, keV", cutoff.low, 208, 218)
        pegged = oda.fit(spectrum, "pegpwrlw", energy=RANGE, freeze={"eMin": 20, "eMax": 100})
        row.between("pegpwrlw 20-100 keV, 1e-12 erg/cm²/s", pegged.parameters["norm"].value,
                    189.9, 190.3)  # fmt: skip
        row.between("its error", pegged.errors("norm").first.plus, 1.9, 2.1)
        row.between("powerlaw: flux(20, 100), 1e-12 erg/cm²/s", 1e12 * power.flux(20, 100).value,
                    189.9, 190.3)  # fmt: skip


@pytest.mark.parametrize("name", FITS)
def test_intervals_hold_the_truth(table: Callable[[str], Table], name: str) -> None:
    found = _drawn(name, by_fit if simple(name) else by_profile, FITS[name])
    with table(_heading(name, "fits", len(found))) as row:
        _judge(row, found, "")


@pytest.mark.parametrize("name", CHAINS)
def test_chains_hold_the_truth(table: Callable[[str], Table], name: str) -> None:
    found = _drawn(name, by_chain, CHAINS[name])
    with table(_heading(name, "chains", len(found))) as row:
        for prior in PRIORS:
            _judge(row, [one[prior] for one in found], f", {NAMES[prior]}")


def _drawn(name: str, recover: Callable[[tuple[str, int]], T], usual: int) -> list[T]:
    number = int(os.environ.get("ODA_WIDGETS_TEST_DRAWS", usual))
    if not number:
        pytest.skip("takes too long here: make recoveries")
    if not simple(name) and not library.available():
        pytest.skip("no XSPEC library here")
    return over(recover, [(name, seed) for seed in range(number)])


def _heading(name: str, what: str, number: int) -> str:
    return f"{name}: {what} of {number} spectra through the real ISGRI response"


def _judge(row: Table, found: list[Recovered], how: str) -> None:
    reached = summary(found)
    # Fewer spectra than the limits were made for: two standard errors of chance are added.
    chance = 2.0 if len(found) < ENOUGH else 0.0
    room, bias_room = chance * reached.inside_error, chance * reached.bias_error
    text = f"68 % intervals that hold the truth{how}, % (chance: ± {reached.inside_error:.1f})"
    row.between(text, reached.inside, round(64 - room), round(72 + room))
    text = f"largest median pull of a parameter{how}, σ (chance: ± {reached.bias_error:.2f})"
    row.below(text, reached.bias, round(0.2 + bias_room, 2))
