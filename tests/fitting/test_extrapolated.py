"""Fluxes say in which part of their band the model is extrapolated."""

from __future__ import annotations

import pytest

import oda_widgets as oda
from oda_widgets.fitting.result import Fit
from tests.fitting.instruments import isgri

BANDS = [
    ((20, 100), "20-30 keV is extrapolated, fitted 30-300 keV"),
    ((20, 500), "20-30 and 300-500 keV are extrapolated, fitted 30-300 keV"),
    ((10, 20), "10-20 keV is extrapolated, fitted 30-300 keV"),
    ((30, 300), ""),
    ((50, 100), ""),
]


@pytest.fixture(scope="module")
def fit() -> Fit:
    """Give a fit to a part of the energies of a spectrum."""
    return oda.fit(isgri(1e4, 16), "powerlaw", energy=(30, 300))


@pytest.mark.parametrize(("band", "account"), BANDS)
def test_a_flux_beyond_the_data_says_so(fit: Fit, band: tuple[float, float], account: str) -> None:
    found = fit.flux(*band)
    assert found.extrapolated == account
    assert ("extrapolated" in repr(found)) is bool(account)


@pytest.mark.parametrize(("band", "account"), [BANDS[0], BANDS[-1]])
def test_limits_and_fluxes_of_chains_say_so_too(
    fit: Fit, band: tuple[float, float], account: str
) -> None:
    assert fit.flux_limit(*band).extrapolated == account
    assert fit.chain(20, seed=1, progress=lambda *_: None).flux(*band).extrapolated == account


def test_spectra_that_are_fitted_together_reach_as_far_as_any_of_them() -> None:
    pair = [isgri(1e4, 16), isgri(1e4, 16)]
    fit = oda.fit(pair, "constant*powerlaw", energy=[(20, 100), (50, 300)])
    assert fit.flux(20, 300).extrapolated == ""
    assert fit.flux(15, 300).extrapolated == "15-20 keV is extrapolated, fitted 20-300 keV"
