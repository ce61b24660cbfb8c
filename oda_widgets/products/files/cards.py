"""Write header cards without loss, and read header values as ISDC software leaves them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from math import isfinite
from typing import Any

from astropy.io import fits

from oda_widgets.errors import DataError, printable
from oda_widgets.products.files.text import from_ascii, to_ascii
from oda_widgets.request.numbers import number_in

Card = tuple[str, Any, str]

# Beginning of CREATOR in our own files; the version follows.
CREATOR = "oda_widgets"
# Our own keyword, T in files made from simulated events.
SIMULATED_KEYWORD = "SIMULATE"

# Values in ISDC templates that no program has replaced.
_TEMPLATE_VALUES = frozenset({"String", "Real", "Integer", "OBT_format", "UNKNOWN"})
_CARD_LENGTH = 80


def append_cards(header: fits.Header, cards: Iterable[Card]) -> None:
    """Append cards to a header, floats with all digits and text as ASCII."""
    for keyword, value, comment in cards:
        header.append(_card(keyword, value, comment), end=True)
    if any(len(str(value)) > _CARD_LENGTH - 12 for value in header.values()):
        # Announce that values may continue in CONTINUE cards.
        header.set("LONGSTRN", "OGIP 1.0", "long string convention may be used")


def text_value(header: fits.Header, *keywords: str) -> str | None:
    """Return the printable text of the first keyword that holds text, or ``None``."""
    for keyword in keywords:
        value = card_value(header, keyword)
        if isinstance(value, str) and not is_empty(header, value):
            text = printable(from_ascii(value.strip()))
            if text.strip():
                return text
    return None


def float_value(header: fits.Header, *keywords: str) -> float | None:
    """Return the number of the first keyword that holds a finite number, or ``None``.

    Numbers in quotes, as some programs write them, are accepted.
    """
    for keyword in keywords:
        value = card_value(header, keyword)
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            number = number_in(value) if isinstance(value, str) else _as_float(value)
            if number is not None and isfinite(number):
                return number
    return None


def _as_float(value: float) -> float | None:
    with suppress(OverflowError):
        return float(value)
    return None


def card_value(header: fits.Header, keyword: str) -> Any:
    """Return the value of a keyword; ``None`` if it is missing or cannot be read."""
    with suppress(fits.VerifyError):
        return header.get(keyword)
    return None


def is_empty(header: fits.Header, value: Any) -> bool:
    """Return whether a value is blank or from a template; our own files may contain "Real"."""
    if not isinstance(value, str):
        return value is None or isinstance(value, fits.card.Undefined)
    ours = str(header.get("CREATOR", "")).startswith(CREATOR)
    return not value.strip() or (value.strip() in _TEMPLATE_VALUES and not ours)


def _card(keyword: str, value: Any, comment: str) -> fits.Card:
    if isinstance(value, float):
        return _exact_float_card(keyword, float(value), comment)
    if not isinstance(value, str):
        return fits.Card(keyword, value, comment)
    text = _header_text(keyword, value)
    # Drop the comment if "KEYWORD = 'text' / comment" is longer than a card.
    fits_in = 10 + max(len(text.replace("'", "''")) + 2, 20) + 3 + len(comment) <= _CARD_LENGTH
    return fits.Card(keyword, text, comment if fits_in else "")


def _header_text(keyword: str, value: str) -> str:
    r"""Return text as ASCII that astropy reads back unchanged.

    The parser of astropy loses some combinations of quotes, slashes and ampersands, mostly where a
    value continues in CONTINUE cards. Only these are escaped (``\x27``), since other programs show
    escapes literally.
    """
    text = to_ascii(value)
    if _survives(keyword, text):
        return text
    return text.replace("'", r"\x27").replace("&", r"\x26")


def _survives(keyword: str, text: str) -> bool:
    """Return whether astropy reads text back as it was written."""
    if "'" not in text and "&" not in text:
        return True
    with suppress(fits.VerifyError):
        written = fits.Header([fits.Card(keyword, text)]).tostring()
        return bool(fits.Header.fromstring(written).get(keyword) == text)
    return False


def _exact_float_card(keyword: str, value: float, comment: str) -> fits.Card:
    """Return a card with all digits; astropy would cut them at 20 characters."""
    if not isfinite(value):
        problem = f"{keyword}={value} cannot be written to a FITS header."
        raise DataError(problem, "Header values must be finite numbers.")
    mantissa, _, exponent = repr(value).partition("e")
    point = "" if "." in mantissa else ".0"
    power = f"E{exponent}" if exponent else ""
    text = f"{keyword:<8}= {mantissa + point + power:>20} / {comment}"
    return fits.Card.fromstring(text[:_CARD_LENGTH])
