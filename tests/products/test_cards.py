"""Header cards: every digit, every letter."""

from __future__ import annotations

from io import BytesIO

import pytest
from astropy.io import fits
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oda_widgets.errors import DataError
from oda_widgets.products.files.cards import append_cards, float_value, text_value
from oda_widgets.products.files.text import from_ascii, to_ascii


def through_a_file(value: object) -> fits.Header:
    """Return a header with a value after it has been in a file."""
    hdu, buffer = fits.PrimaryHDU(), BytesIO()
    append_cards(hdu.header, [("VALUE", value, "a comment on it")])
    fits.HDUList([hdu]).writeto(buffer, output_verify="exception")
    buffer.seek(0)
    return fits.open(buffer)[0].header


# Letters that mean something to the parser of cards, in all arrangements.
tricky = st.text(st.sampled_from("&'\\ /=aé\n"), max_size=150)


@settings(max_examples=150, deadline=None)
@given(text=tricky)
@example("'/'")
@example("a quote ' / and a slash")
@example("&" * 150)
@example("'" * 34)
@example("'" * 35)
@example("ends in a blank ")
def test_text_comes_back_whole(text: str) -> None:
    assert from_ascii(through_a_file(text)["VALUE"]) == text


@settings(max_examples=100, deadline=None)
@given(number=st.floats(allow_nan=False, allow_infinity=False))
@example(-1.2345678901234567e-100)
@example(1e22)
def test_numbers_come_back_to_the_last_bit(number: float) -> None:
    assert through_a_file(number)["VALUE"] == number


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_values_that_a_header_cannot_hold_are_refused(number: float) -> None:
    with pytest.raises(DataError, match="finite"):
        through_a_file(number)


def test_unfilled_templates_of_isdc_are_no_values() -> None:
    header = fits.Header({"NAME": "String  ", "SOURCEID": "J0534+22", "TSTART": "Real"})
    assert text_value(header, "NAME", "SOURCEID") == "J0534+22"
    assert float_value(header, "TSTART") is None


def test_plain_text_stays_as_it_is_and_so_do_broken_escapes() -> None:
    assert to_ascii("1E 1740.7-2942") == "1E 1740.7-2942"
    assert from_ascii(r"C:\x") == r"C:\x"


def test_other_programs_see_apostrophes_and_no_escapes() -> None:
    for before in range(67):  # puts each apostrophe at the seam of two cards
        note = f"{'x' * before}OSA's tables of 'efficiency' are not there, the archive's are."
        header = fits.Header()
        append_cards(header, [("NOTE", note, "")])
        assert "\\" not in header.tostring()
        assert fits.Header.fromstring(header.tostring())["NOTE"] == note
