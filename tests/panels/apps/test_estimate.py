"""Numbers of apps: what counts as one, how they print, how far they are from each other."""

from __future__ import annotations

from math import isnan, nan

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.fitting.errors.profile import Interval
from oda_widgets.fitting.flux import Flux
from oda_widgets.panels.apps.estimate import Estimate
from oda_widgets.products.measured import Measured, MeasuredRate


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (25, (25.0, nan, nan)),
        ((2.0, 0.5), (2.0, 0.5, 0.5)),
        (Measured(2.0, 0.5), (2.0, 0.5, 0.5)),
        (Interval(2.0, 1.5, 3.0), (2.0, 0.5, 1.0)),
        (Flux(20, 100, Interval(2.0, 1.5, 3.0), "erg/cm²/s", 0.68), (2.0, 0.5, 1.0)),
    ],
)
def test_numbers_pairs_intervals_and_fluxes_are_estimates(given: object, found: object) -> None:
    assert Estimate.of("rate", given) == pytest.approx(found, nan_ok=True)


def test_rates_and_fluxes_hold_the_systematic_error_of_the_rates() -> None:
    rate = Estimate.of("rate", MeasuredRate(100.0, 3.0), rates_error=0.04)
    flux = Estimate.of("flux", Flux(20, 100, Interval(100.0, 97.0, 103.0), "erg", 0.68, 0.04))
    assert rate == pytest.approx((100.0, 5.0, 5.0))
    assert flux == pytest.approx((100.0, 5.0, 5.0))


@pytest.mark.parametrize("given", ["two", None, (1.0, 2.0, 3.0, 4.0), object()])
def test_anything_else_is_refused_by_name(given: object) -> None:
    with pytest.raises(BadParameter, match="rate"):
        Estimate.of("rate", given)


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(25), "25"),
        (Estimate(0), "0"),
        (Estimate(293.73199), "293.732"),
        (Estimate(1.7e-8), "1.7 × 10⁻⁸"),
        (Estimate(2.05, 0.1, 0.1), "2.05 ± 0.10"),
        (Estimate(26.0, 8, 12), "26.0 −8.0 +12.0"),
        (Estimate(1.28e-8, 2e-10, 2e-10), "(1.280 ± 0.020) × 10⁻⁸"),
        (Estimate(2.0, nan, 0.5), "2.00 −? +0.50"),
        (Estimate(-0.467805), "−0.467805"),
        (Estimate(398303, 2635, 2635), "398,303 ± 2,635"),
    ],
)
def test_numbers_print_to_two_digits_of_their_errors(estimate: Estimate, text: str) -> None:
    assert str(estimate) == text


def test_the_errors_that_face_each_other_count() -> None:
    high, low = Estimate(4.0, 3.0, 0.1), Estimate(-1.0, 0.1, 4.0)
    assert high.deviation_from(low) == pytest.approx(1.0)
    assert low.deviation_from(high) == pytest.approx(-1.0)
    assert isnan(Estimate(4.0).deviation_from(Estimate(2.0)))
