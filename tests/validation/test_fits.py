"""Spectral fits: real data against two other programs, and drawn spectra against the truth."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

import oda_widgets as oda
from oda_widgets.fitting import library
from tests.fitting.instruments import ngc_2110
from tests.validation.parallel import over
from tests.validation.recovery import CASES, Recovered, by_chain, by_fit, by_profile, summary
from tests.validation.results import Table

RANGE = (22, 200)
# Of each model; fewer for a quick look.
DRAWS = int(os.environ.get("ODA_WIDGETS_DRAWS", "200"))
_SLOW = {"GX 5-1, constant*(bbodyrad + compTT)", "GX 5-1, constant*(diskbb + compbb)",
         "NGC 2110, compPS"}  # fmt: skip


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
        row.between("pegpwrlw 20-100 keV, 1e-12 erg/cm2/s", pegged.parameters["norm"].value,
                    189.9, 190.3)  # fmt: skip
        row.between("its error", pegged.errors("norm").first.plus, 1.9, 2.1)
        row.between("powerlaw: flux(20, 100), 1e-12 erg/cm2/s", 1e12 * power.flux(20, 100).value,
                    189.9, 190.3)  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_intervals_hold_the_truth(table: Callable[[str], Table], name: str) -> None:
    if name in _SLOW and not library.available():
        pytest.skip("no XSPEC library here")
    found = over(by_profile if name in _SLOW else by_fit, [(name, seed) for seed in range(DRAWS)])
    _judge(table, f"{name}: {len(found)} spectra through the real ISGRI response, fits", found)


@pytest.mark.parametrize("name", ["3C 279, pegpwrlw"])
def test_chains_hold_the_truth(table: Callable[[str], Table], name: str) -> None:
    found = over(by_chain, [(name, seed) for seed in range(DRAWS)])
    _judge(table, f"{name}: {len(found)} spectra through the real ISGRI response, chains", found)


def _judge(table: Callable[[str], Table], heading: str, found: list[Recovered]) -> None:
    inside, bias = summary(found)
    with table(heading) as row:
        row.between("68 % intervals that hold the truth, %", inside, 64, 72)
        row.below("largest median pull of a parameter, σ", bias, 0.2)
