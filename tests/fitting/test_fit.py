"""Fits of real data, against the numbers of two other programs (reference/fitting.md)."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import chdtri

import oda_widgets as oda
from oda_widgets.errors import DataError
from oda_widgets.fitting.models import library
from oda_widgets.products.counts import Counts
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import Background
from tests.fitting.counted import SECONDS, counted
from tests.fitting.instruments import isgri, jemx, ngc_2110, simulated

NGC = ngc_2110()
RANGE = (22, 200)


def test_a_power_law_as_sherpa_and_minos_have_it() -> None:
    fit = NGC.fit("powerlaw", energy=RANGE)
    assert fit.statistic == pytest.approx(8.7797, abs=2e-3)
    assert fit.dof == 9
    assert fit.parameters["PhoIndex"].value == pytest.approx(1.8138, abs=5e-4)
    assert fit.parameters["norm"].value == pytest.approx(0.0362, abs=1e-4)
    index = fit.errors()["PhoIndex"]
    assert (index.minus, index.plus) == pytest.approx((0.0236, 0.0238), abs=4e-4)
    assert fit.goodness() == pytest.approx(0.458, abs=1e-3)


def test_a_cutoff_that_the_data_do_not_bound_is_reported_as_a_limit() -> None:
    fit = oda.fit(NGC, "cutoffpl", energy=RANGE)
    assert fit.statistic == pytest.approx(4.4530, abs=2e-3)
    assert fit.parameters["PhoIndex"].value == pytest.approx(1.636, abs=2e-3)
    assert fit.parameters["PhoIndex"].sigma == pytest.approx(0.091, abs=3e-3)
    cutoff = fit.errors("HighECut")["HighECut"]
    assert cutoff.minus == pytest.approx(108, abs=2)
    assert not cutoff.high_found
    assert cutoff.high == 500
    assert "upper bound unconstrained, hard limit 500" in str(cutoff)
    wider = oda.fit(NGC, "cutoffpl", energy=RANGE, limits={"HighECut": (1, 5000)})
    assert wider.errors("HighECut").first.plus == pytest.approx(329, abs=60)


def test_three_ways_to_a_flux_agree() -> None:
    pegged = oda.fit(NGC, "pegpwrlw", energy=RANGE, freeze={"eMin": 20, "eMax": 100})
    assert pegged.parameters["norm"].value == pytest.approx(190.1, abs=0.15)
    assert pegged.parameters["norm"].sigma == pytest.approx(2.0, abs=0.05)
    by_model = oda.fit(NGC, "cflux(powerlaw)", energy=RANGE, start={"Emin": 20, "Emax": 100})
    assert by_model.parameters["lg10Flux"].value == pytest.approx(-9.7210, abs=2e-4)
    assert by_model.parameters["norm"].frozen
    for fit in (pegged, by_model, NGC.fit("powerlaw", energy=RANGE)):
        flux = fit.flux(20, 100)
        assert flux.value == pytest.approx(190.1e-12, abs=0.15e-12)
        assert flux.error == pytest.approx(2.0e-12, abs=0.06e-12)


def test_a_band_beyond_the_response_has_the_flux_of_the_formula() -> None:
    fit = NGC.fit("powerlaw", energy=RANGE)
    index, norm = fit.parameters["PhoIndex"].value, fit.parameters["norm"].value
    expected = norm * (3000 ** (2 - index) - 2 ** (2 - index)) / (2 - index) * 1.602176634e-9
    assert fit.flux(2, 3000).value == pytest.approx(expected, rel=1e-5)
    photons = norm * (20 ** (1 - index) - 100 ** (1 - index)) / (index - 1)
    assert fit.flux(20, 100, unit="photons").value == pytest.approx(photons, rel=1e-6)


def test_a_flux_range_beyond_the_response_is_not_silently_wrong() -> None:
    """XSPEC's cflux gives 1.4 times the flux when its range leaves the grid."""
    fit = oda.fit(NGC, "cflux(powerlaw)", energy=RANGE, start={"Emin": 2, "Emax": 3000})
    assert 10 ** fit.parameters["lg10Flux"].value == pytest.approx(
        NGC.fit("powerlaw", energy=RANGE).flux(2, 3000).value, rel=1e-4
    )


def test_profile_errors_are_those_of_a_brute_force_search() -> None:
    fit = oda.fit(NGC, "cutoffpl", energy=RANGE)
    end = fit.errors("PhoIndex", level=0.9).first.low
    free = fit.minimum.values

    def others(pair: np.ndarray) -> float:
        return fit.problem.statistic(np.array([end, *(pair * free[1:])]))

    lowest = minimize(others, [1.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-5}).fun
    assert lowest - fit.statistic == pytest.approx(2.7055, abs=0.08)


def test_links_limits_and_frozen_values_hold() -> None:
    fit = oda.fit(
        NGC, "powerlaw + powerlaw", energy=RANGE, freeze={"powerlaw#2.PhoIndex": 1.5},
        links={"powerlaw#2.norm": "0.1*powerlaw.norm"}, limits={"powerlaw.PhoIndex": (1.9, 4)},
    )  # fmt: skip
    items = fit.parameters
    assert items["powerlaw#2.PhoIndex"].value == 1.5
    assert items["powerlaw#2.norm"].value == pytest.approx(0.1 * items["powerlaw.norm"].value)
    assert items["powerlaw.PhoIndex"].value >= 1.9
    assert items.free == ("powerlaw.PhoIndex", "powerlaw.norm")


def test_a_link_that_leads_a_parameter_out_of_its_limits_is_noted() -> None:
    links = {"powerlaw#2.norm": "-0.1*powerlaw.norm"}
    fit = oda.fit(NGC, "powerlaw + powerlaw", energy=RANGE, links=links)
    assert any("norm is -" in note and "outside its limits 0 to" in note for note in fit.notes)


def test_systematics_widen_errors() -> None:
    plain, wide = (oda.fit(NGC, "powerlaw", energy=RANGE, systematic=s) for s in (None, 0.05))
    assert wide.statistic < plain.statistic
    data = wide.datasets[0].gaussian
    np.testing.assert_allclose(
        data.error**2, plain.datasets[0].gaussian.error ** 2 + (0.05 * data.rate) ** 2
    )


def test_two_instruments_share_a_model_but_for_a_factor() -> None:
    model, truth = "constant*cutoffpl", {"PhoIndex": 1.7, "HighECut": 60.0, "norm": 0.5}
    first = simulated(isgri(50_000, 4), model, truth, seed=1)
    second = simulated(jemx(40_000), model, {**truth, "factor": 0.75}, seed=2)
    fit = oda.fit([first, second], model, energy=[(30, 300), (3.5, 23)])
    assert fit.parameters["factor"].frozen
    assert fit.parameters.free == ("PhoIndex", "HighECut", "norm", "2:factor")
    for name, value in {**truth, "2:factor": 0.75}.items():
        item = fit.parameters[name]
        assert abs(item.value - value) < 4 * item.sigma
    assert fit.dof == fit.datasets[0].used.sum() + fit.datasets[1].used.sum() - 4
    assert sum(fit.statistics) == pytest.approx(fit.statistic)


def test_counts_are_fitted_by_their_likelihood() -> None:
    """Faint counts: chi2 would be biased low, cstat is not."""
    empty = isgri(1000.0, 16)
    model = {"PhoIndex": 2.0, "norm": 1.0}
    rates = simulated(replace(empty, error=np.full(16, 1e-9)), "powerlaw", model, seed=1).rate
    rng = np.random.default_rng(3)
    counted = rng.poisson(np.maximum(rates, 0) * 1000.0 * 0.02) / 1000.0
    spectrum = replace(empty, rate=counted, error=np.sqrt(counted / 1000.0))
    fit = oda.fit(spectrum, "powerlaw", energy=(28, 600), statistic="cstat", freeze={"PhoIndex": 2})
    # With one free norm the likelihood has its maximum where expected and counted totals agree.
    assert fit.folded[0].sum() == pytest.approx(fit.datasets[0].gaussian.rate.sum(), rel=1e-3)
    assert 0.0 <= fit.goodness(20) <= 1.0


def test_a_background_beside_the_source_is_fitted_by_pgstat() -> None:
    empty = isgri(1000.0, 16)
    quiet = replace(empty, error=np.full(16, 1e-9))
    rates = simulated(quiet, "powerlaw", {"PhoIndex": 2.0, "norm": 1.0}, seed=1).rate
    rng = np.random.default_rng(3)
    behind = np.full(16, 0.5)
    counted = rng.poisson((np.maximum(rates, 0) + behind) * 1000.0) / 1000.0
    background = Background(behind + 0.02 * rng.standard_normal(16), np.full(16, 0.02))
    spectrum = replace(empty, rate=counted, error=np.sqrt(counted / 1000.0), background=background)
    for statistic in ("pgstat", "chi2"):
        fit = oda.fit(spectrum, "powerlaw", energy=(28, 600), statistic=statistic)
        assert abs(fit.parameters["PhoIndex"].value - 2) < 4 * fit.parameters["PhoIndex"].sigma
        assert fit.statistic < 40


def test_an_upper_limit_is_one_sided() -> None:
    faint = simulated(isgri(5000.0, 16), "powerlaw", {"PhoIndex": 2.0, "norm": 1e-6}, seed=5)
    fit = oda.fit(faint, "powerlaw", energy=(28, 200), freeze={"PhoIndex": 2})
    limit = fit.upper_limit("norm", level=0.95)
    assert limit == pytest.approx(fit.errors("norm", level=0.9).first.high, rel=0.02)
    assert fit.parameters["norm"].value < limit < 0.5
    assert re.fullmatch(r"norm < 0\.\d+ photons/keV/cm²/s at 1 keV \(95 % confidence\)", str(limit))


@pytest.mark.parametrize("level", [0.6827, 0.95, 0.99])
def test_the_limit_of_nothing_counted_is_where_the_statistic_has_risen(level: float) -> None:
    """Of no counts the statistic is twice the counts expected: the norm times a factor."""
    spectrum = counted(background=False)
    nothing = Counts(np.zeros(24), np.full(24, SECONDS))
    nothing_seen = replace(spectrum, rate=nothing.rate, error=nothing.error, counts=nothing)
    fit = oda.fit(nothing_seen, "powerlaw", freeze={"PhoIndex": 2})
    expected = fit.problem.statistic(np.array([1.0]))  # 2 m for a norm of 1
    rise = float(chdtri(1, 2 * (1 - level)))
    assert fit.upper_limit("norm", level) == pytest.approx(rise / expected, rel=0.003)


def test_the_interval_of_a_flux_lies_around_its_value_as_that_of_cflux() -> None:
    bright = simulated(isgri(1e5, 4), "powerlaw", {"PhoIndex": 2.1, "norm": 9.0}, seed=1)
    flux = oda.fit(bright, "powerlaw", energy=(28, 600)).flux(20, 100)
    assert flux.error < 2e-3 * flux.value
    assert flux.interval.minus == pytest.approx(flux.interval.plus, rel=0.03)


def empty(seed: int) -> Spectrum:
    """Return a spectrum of noise alone."""
    spectrum = isgri(1e4, 16)
    noise = np.random.default_rng(seed).normal(size=len(spectrum.error)) * spectrum.error
    return replace(spectrum, rate=noise)


@pytest.mark.parametrize("unit", ["erg", "photons"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_source_that_is_not_seen_has_an_upper_limit_of_its_flux(unit: str, seed: int) -> None:
    """Flux and norm are proportional where the index is frozen; of seeds 1 and 2 the norm is 0."""
    fit = oda.fit(empty(seed), "powerlaw", energy=(28, 200), freeze={"PhoIndex": 2})
    assert (fit.parameters["norm"].value == 0) is (seed > 0)
    of_norm = np.log(5) * 1.602176634e-9 if unit == "erg" else 1 / 20 - 1 / 100
    limit = fit.flux_limit(20, 100, unit=unit)
    assert limit == pytest.approx(of_norm * fit.upper_limit("norm"), rel=0.02)
    account = "95 % confidence; 20-28 keV is extrapolated, fitted 28-200 keV"
    assert re.fullmatch(rf"flux 20-100 keV < \S+ {unit}/cm²/s \({account}\)", str(limit))
    flux = fit.flux(20, 100, unit=unit)
    assert flux.value == pytest.approx(of_norm * fit.parameters["norm"].value)
    assert flux.interval.low == 0
    high = of_norm * fit.errors("norm").first.high
    assert flux.interval.high == pytest.approx(high, rel=0.02)


def test_a_faint_sum_of_models_has_an_upper_limit_of_its_flux() -> None:
    """Of which one norm is 0: where the flux is held far too high, it leads astray."""
    frozen = {"PhoIndex": 2, "kT": 10}
    fit = oda.fit(empty(1), "powerlaw + bbodyrad", energy=(28, 200), freeze=frozen)
    alone = oda.fit(empty(1), "bbodyrad", energy=(28, 200), freeze={"kT": 10})
    limit = fit.flux_limit(20, 100)
    assert limit.found
    assert limit == pytest.approx(alone.flux_limit(20, 100), rel=0.1)


def test_a_faint_flux_by_cflux_has_the_limit_of_a_norm() -> None:
    frozen = {"PhoIndex": 2, "Emin": 20, "Emax": 100}
    by_flux = oda.fit(empty(1), "cflux*powerlaw", energy=(28, 200), freeze=frozen)
    by_norm = oda.fit(empty(1), "powerlaw", energy=(28, 200), freeze={"PhoIndex": 2})
    assert by_flux.flux_limit(20, 100) == pytest.approx(by_norm.flux_limit(20, 100), rel=0.02)


def test_instruments_without_a_factor_between_them_are_noted() -> None:
    other = jemx(1e4)
    both = [
        isgri(1e4, 8),
        replace(other, observation=replace(other.observation, instrument="jemx1")),
    ]
    said = "ISGRI and JEM-X1 have no factor between them: write constant*(powerlaw)."
    assert said in oda.fit(both, "powerlaw", energy=[(30, 100), (4, 20)]).notes
    for model, options in (("constant*powerlaw", {}), ("powerlaw", {"free": ["2:norm"]})):
        fit = oda.fit(both, model, energy=[(30, 100), (4, 20)], **options)
        assert not any("no factor" in note for note in fit.notes)


def test_limits_of_fluxes_hold_their_unit_and_level_when_copied() -> None:
    limit = oda.fit(NGC, "powerlaw", energy=RANGE).flux_limit(20, 100, level=0.99)
    assert str(pickle.loads(pickle.dumps(limit))) == str(limit)
    assert "99 % confidence" in str(limit)
    assert float(limit) > 190.1e-12


def test_negative_and_dark_models_have_no_flux() -> None:
    options = {"energy": (28, 200), "freeze": {"PhoIndex": 2}, "limits": {"norm": (-1, 1)}}
    negative = oda.fit(empty(1), "powerlaw", **options)
    with pytest.raises(DataError, match=r"negative in 20 to 100 keV.*fit\.flux_limit"):
        negative.flux(20, 100)
    assert negative.flux_limit(20, 100) > 0
    line = {"LineE": 60, "Sigma": 0.1}
    dark = oda.fit(empty(2), "gaussian", energy=(28, 200), freeze=line)
    with pytest.raises(DataError, match="no flux in 5 to 10 keV, whatever its norms"):
        dark.flux(5, 10)


@pytest.mark.skipif(not library.available(), reason="no XSPEC library here")
def test_the_papers_model_is_found_without_start_values() -> None:
    """Its own limit of the black body's norm, 1000: one of 1.1 keV and 1340 fits as well."""
    truth = {"bbodyrad.kT": 2.03, "bbodyrad.norm": 32, "T0": 1.04, "compTT.kT": 5.4, "taup": 1.48,
             "compTT.norm": 1.09}  # fmt: skip
    model = "constant*(bbodyrad + compTT)"
    first = simulated(isgri(57_212, 4), model, truth, seed=1)
    second = simulated(jemx(40_620), model, {**truth, "factor": 0.75}, seed=2)
    fit = oda.fit(
        [first, second], model, energy=[(20, 70), (3.5, 23)], systematic=[0.01, 0.03],
        limits={"bbodyrad.norm": (0.1, 1e3)},
    )  # fmt: skip
    assert fit.statistic < 10
    for name, value in {**truth, "2:factor": 0.75}.items():
        item = fit.parameters[name]
        assert abs(item.value - value) < 3 * item.sigma


def test_tables_for_paper_and_spreadsheet() -> None:
    fit = oda.fit(NGC, "cutoffpl", energy=RANGE)
    fit.errors()
    latex = fit.table("latex")
    assert r"PhoIndex & $1.636_{-0.092}^{+0.080}$ \\" in latex
    assert r"HighECut (keV) & $> 213$ \\" in latex
    rows = fit.table("csv").splitlines()
    assert rows[0] == "parameter,unit,value,minus,plus,level,sigma,state"
    assert float(rows[1].split(",")[2]) == fit.parameters["PhoIndex"].value
    assert "χ² 4.45 for 8 degrees of freedom" in str(fit)
    assert "<table>" in fit._repr_html_()


def test_the_systematic_error_of_rates_stands_beside_norms_and_fluxes() -> None:
    known = replace(NGC, observation=replace(NGC.observation, rates_error=0.09))
    fit = known.fit("powerlaw", energy=RANGE)
    assert any("a systematic error of 9 %, which all rates share" in note for note in fit.notes)
    assert "Fluxes and norms: ± 9 % systematic" in repr(fit)  # whatever note comes first
    assert repr(fit).count("systematic") == 1
    assert fit.flux(20, 100).rates_error == 0.09
    assert "± 9 % systematic" in repr(fit.flux(20, 100))
    assert "systematic" not in repr(NGC.fit("powerlaw", energy=RANGE).flux(20, 100))
