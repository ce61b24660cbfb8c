"""Fluxes as one of several spectra sees them, where a factor lies between the spectra."""

from __future__ import annotations

from dataclasses import replace

import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.result import Fit
from tests.fitting.counted import counted

FACTOR = 0.8


@pytest.fixture(scope="module")
def pair() -> list[oda.Spectrum]:
    """Give two spectra of one source, the second with four fifths of the rates."""
    first = counted(background=False)
    first = replace(first, error=first.rate**0.5 / 10 + 1e-3, counts=None)
    return [first, replace(first, rate=FACTOR * first.rate, error=FACTOR * first.error)]


@pytest.fixture(scope="module")
def joint(pair: list[oda.Spectrum]) -> Fit:
    """Give the fit of both together."""
    return oda.fit(pair, "constant*powerlaw")


def test_the_flux_of_the_second_is_that_of_the_first_times_its_factor(joint: Fit) -> None:
    factor = joint.parameters["2:factor"].value
    second = joint.flux(20, 100, spectrum=2)
    assert factor == pytest.approx(FACTOR, rel=1e-3)
    assert second.value == pytest.approx(factor * joint.flux(20, 100).value)
    assert repr(second).startswith("Flux 20-100 keV of spectrum 2: ")


def test_its_errors_are_those_of_a_fit_with_the_second_first(
    pair: list[oda.Spectrum], joint: Fit
) -> None:
    turned = oda.fit(pair[::-1], "constant*powerlaw").flux(20, 100).interval
    interval = joint.flux(20, 100, spectrum=2).interval
    assert interval.low == pytest.approx(turned.low, rel=1e-3)
    assert interval.high == pytest.approx(turned.high, rel=1e-3)


def test_without_a_factor_all_spectra_see_one_flux(pair: list[oda.Spectrum]) -> None:
    fit = oda.fit([pair[0], pair[0]], "powerlaw")
    assert fit.flux(20, 100, spectrum=2).interval == fit.flux(20, 100).interval


def test_chains_and_trends_tell_the_flux_of_the_spectrum(joint: Fit) -> None:
    chain = joint.chain(60, walkers=20)
    ratio = chain.flux(20, 100, spectrum=2).value / chain.flux(20, 100).value
    assert ratio == pytest.approx(FACTOR, rel=0.05)
    trend = oda.trend([joint], [(20, 100), (20, 100, 2)])
    assert [one.name for one in trend.quantities] == [
        "flux 20-100 keV",
        "flux 20-100 keV of ISGRI",
    ]
    assert trend.quantities[1].value[0] == joint.flux(20, 100, spectrum=2).value


def test_a_spectrum_that_is_not_there_or_differs_otherwise_is_refused(
    pair: list[oda.Spectrum], joint: Fit
) -> None:
    with pytest.raises(BadParameter, match=r"spectrum.*3"):
        joint.flux(20, 100, spectrum=3)
    untied = oda.fit(pair, "powerlaw", free=("2:norm",))
    with pytest.raises(BadParameter, match="parameters of its own besides a factor"):
        untied.flux(20, 100, spectrum=2)
