"""Headers are what astropy says they are, whether they are parsed by it or not."""

from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path

import pytest
from astropy.io import fits

from oda_widgets.archive import fits_stream
from oda_widgets.archive.byte_stream import ByteStream
from oda_widgets.archive.fits_stream import Header, headers, skip_data

_FIRST = ["SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   = 0"]
_PLAIN = [
    "VALUE   =                   42",
    "VALUE   =                 -007 / a comment",
    "VALUE   =     8320.63230042977 / [d] time",
    "VALUE   =                51544.",
    "VALUE   = 7.06425419560185E-10",
    "VALUE   =                    F / not so",
    "VALUE   = 'a word  '           / quoted",
    "VALUE   = '  led by blanks / no comment'",
    "VALUE   = ''",
    "COMMENT VALUE = 3",
]
_WITH_CARE = [
    "VALUE   = 'it''s'",
    "VALUE   = 1.5D3",
    "VALUE   = 1E5",
    "VALUE   = .5",
    "VALUE   =",
    "VALUE   = (1, 2)",
    "HIERARCH a long name = 3",
    "value   = 3",
    "VALUE   = 'cut in two, &'",
]


def parsed(cards: list[str]) -> Header:
    text = "".join(card.ljust(80) for card in [*_FIRST, *cards, "END"])
    (found,) = headers(ByteStream(BytesIO(text.ljust(-(-len(text) // 2880) * 2880).encode())))
    return found


def by_astropy(cards: list[str]) -> Header:
    text = "".join(card.ljust(80) for card in [*_FIRST, *cards, "END"])
    return plain(fits.Header.fromstring(text))


def plain(header: fits.Header) -> Header:
    """Return what a header of astropy says without its comments."""
    return {name: header[name] for name in header if name not in {"", "COMMENT", "HISTORY"}}


@pytest.mark.parametrize("card", [*_PLAIN, *_WITH_CARE])
def test_a_card_has_the_value_that_astropy_reads(card: str) -> None:
    found, expected = parsed([card]), by_astropy([card])
    assert found == expected
    assert [type(value) for value in found.values()] == [type(v) for v in expected.values()]


def test_of_a_name_given_twice_the_first_counts() -> None:
    cards = ["VALUE   = 1", "VALUE   = 2"]
    assert parsed(cards) == by_astropy(cards)


def test_plain_headers_need_no_astropy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fits_stream, "_parse_unusual", None)
    assert parsed(_PLAIN)["VALUE"] == 42


def test_headers_of_a_real_file_are_those_of_astropy(real_file: Path) -> None:
    content = gzip.decompress(real_file.read_bytes())
    stream = ByteStream(BytesIO(content))
    found = []
    for header in headers(stream):
        found.append(header)
        skip_data(stream, header)
    with fits.open(BytesIO(content)) as units:
        expected = [plain(unit.header) for unit in units]
    assert found == expected
