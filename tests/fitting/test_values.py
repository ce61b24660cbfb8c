"""Numbers with errors behave alike: as a float, and by the names of their parts."""

from __future__ import annotations

from typing import Any

import pytest

import oda_widgets as oda
from tests.fitting.instruments import ngc_2110
from tests.products.examples import make_light_curve

RANGE = (22, 200)


@pytest.fixture(scope="module")
def fit() -> oda.Fit:
    return ngc_2110().fit("powerlaw", energy=RANGE)


def test_a_number_with_errors_is_a_float(fit: oda.Fit) -> None:
    curve, spectrum = make_light_curve(7), fit.datasets[0].spectrum
    numbers: list[Any] = [
        fit.flux(20, 100), fit.flux_limit(20, 100), fit.upper_limit("norm"), fit.errors()["norm"],
        fit.parameters["norm"], spectrum.mean_rate, spectrum.rate_in(20, 40), curve.mean(),
        curve.brightest, curve.excess_variance(),
    ]  # fmt: skip
    for number in numbers:
        assert float(number) == pytest.approx(number.value, nan_ok=True)
    for number in (one for one in numbers if "<" not in str(one)):
        assert hasattr(number, "error") or hasattr(number, "sigma")


def test_large_limits_are_powers_of_ten(fit: oda.Fit) -> None:
    assert repr(fit.parameters["norm"]).endswith("(limits 0 to 10²⁴)")
    assert "10²⁴" in fit.parameters._repr_html_()
    assert repr(fit.parameters["PhoIndex"]) == "powerlaw.PhoIndex = 1.814 ± 0.024 (limits -3 to 10)"
