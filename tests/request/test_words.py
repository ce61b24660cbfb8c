"""Values with their errors, as all prints and tables write them."""

from __future__ import annotations

from math import nan

import pytest

from oda_widgets.request.words import with_error, with_errors


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (168.94, 1.153, "168.9 ± 1.2"),
        (0.44, 0.9, "0.44 ± 0.90"),
        (321.1, 160.0, "321 ± 160"),
        (15234.5, 163.0, "15,234 ± 163"),
        (1.8e-8, 1.8e-11, "(1.8000 ± 0.0018) × 10⁻⁸"),
        (0.0, 9.9e-12, "(0.0 ± 9.9) × 10⁻¹²"),
        (2.0, 0.0996, "2.00 ± 0.10"),
        (-7.2, 0.5, "-7.20 ± 0.50"),
        (3.1e6, 2e4, "(3.100 ± 0.020) × 10⁶"),
    ],
)
def test_a_value_has_the_decimals_of_two_digits_of_its_error(
    value: float, error: float, text: str
) -> None:
    assert with_error(value, error) == text


def test_unequal_errors_share_the_decimals_of_the_smaller_one() -> None:
    assert with_errors(1.8e-8, 1.5e-11, 2.1e-11) == "(1.8000 −0.0015 +0.0021) × 10⁻⁸"
    assert with_errors(2.0, nan, 0.5) == "2.00 −? +0.50"
    assert with_errors(3.14e5, 2.2e5, 1.2e15) == "314,000 −220,000 +1.2 × 10¹⁵"
    assert with_errors(0.0, 1e-100, 3.2e-11) == "(0.0 −0.0 +3.2) × 10⁻¹¹"
