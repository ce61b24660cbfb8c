"""Rewrite the typographic signs of positions in plain letters."""

from __future__ import annotations

import re
import unicodedata

from oda_widgets.request.numbers import with_plain_minus

_LETTERS = str.maketrans(
    {
        **dict.fromkeys("\u00b0\u00ba\u02da", "d"),  # the degree sign and its lookalikes
        **dict.fromkeys("\u2032\u2018\u2019\u02b9\u00b4", "'"),
        **dict.fromkeys("\u2033\u201c\u201d\u02ba", '"'),
        # superscript h, m and s
        "\u02b0": "h",
        "\u1d50": "m",
        "\u02e2": "s",
    }
)
_AFTER_A_NUMBER = r"(?<=[\d.])\s*"
_UNITS = (
    (re.compile(r"''"), '"'),
    (re.compile(rf"{_AFTER_A_NUMBER}(?:hours?|hrs?)\b\.?"), "h"),
    (re.compile(rf"{_AFTER_A_NUMBER}(?:degrees?|degs?)\b\.?"), "d"),
    (re.compile(rf"{_AFTER_A_NUMBER}(?:arcmin(?:ute)?s?|min(?:ute)?s?)\b\.?"), "m"),
    (re.compile(rf"{_AFTER_A_NUMBER}(?:arcsec(?:ond)?s?|sec(?:ond)?s?)\b\.?"), "s"),
    (re.compile(rf"{_AFTER_A_NUMBER}'"), "m"),
    (re.compile(rf'{_AFTER_A_NUMBER}"'), "s"),
    (re.compile(rf"{_AFTER_A_NUMBER}([hdms])(?![a-z])"), r"\1"),
    (re.compile(r"(?<=\d)([hdms])(\.\d+)"), r"\2\1"),  # 31s.9, as in old papers
)


def in_plain_letters(text: str) -> str:
    """Return text in lower case, with "-" for all dashes and h, d, m or s for units of angles.

    Examples
    --------
    >>> in_plain_letters("5ʰ34ᵐ31ˢ.9 −22°00′52″")
    '5h34m31.9s -22d00m52s'
    """
    letters = with_plain_minus(text).translate(_LETTERS)
    plain = unicodedata.normalize("NFKC", letters).casefold().strip()
    for written, letter in _UNITS:
        plain = written.sub(letter, plain)
    return plain
