from __future__ import annotations

import pytest
from astropy.coordinates import Angle
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.views.sky.angles import (
    dec_text,
    degrees_text,
    ra_text,
    short_dec_text,
    short_ra_text,
)


@given(st.floats(0, 359.9999))
def test_right_ascension_is_read_back_by_astropy(ra: float) -> None:
    text = ra_text(ra, decimals=3).replace(" ", "")
    turn = (float(Angle(text).degree) - ra + 180) % 360 - 180
    assert abs(turn) < 1e-5
    assert "60." not in text
    assert "60m" not in text


@given(st.floats(-90, 90))
def test_declination_is_read_back_by_astropy(dec: float) -> None:
    text = dec_text(dec, decimals=3)
    plain = text.translate(str.maketrans("\N{MINUS SIGN}°\N{PRIME}\N{DOUBLE PRIME}", "-dms"))
    assert float(Angle(plain.replace(" ", "")).degree) == pytest.approx(dec, abs=1e-6)


def test_rounding_carries_over() -> None:
    assert ra_text(359.9999999) == "00h 00m 00.0s"
    assert dec_text(20.9999999) == "+21° 00′ 00″"
    assert dec_text(-0.5) == "−0" + "0° 30′ 00″"


@pytest.mark.parametrize(
    ("step", "ra", "dec"),
    [(15, "20h", "+21°"), (7.5, "20h00m", "+21°"), (0.05, "20h00m00s", "+21°00′")],
)
def test_grid_labels_have_as_many_units_as_they_need(step: float, ra: str, dec: str) -> None:
    assert short_ra_text(300, step) == ra
    assert short_dec_text(21, step) == dec


@pytest.mark.parametrize("zero", [-0.0, -1e-12, 0.0, 1e-12])
def test_zero_has_no_minus_sign(zero: float) -> None:
    assert degrees_text(zero, 10) == "0°"
    assert short_dec_text(zero, 10) == "+0°"


def test_decimal_labels_have_as_many_digits_as_they_need() -> None:
    assert degrees_text(21, 5) == "21°"
    assert degrees_text(-21.25, 0.05) == "\N{MINUS SIGN}21.25°"
