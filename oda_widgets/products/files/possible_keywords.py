"""Keywords of FITS whose numbers cannot be: refused by name, before a number depends on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from astropy.io import fits

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.cards import card_value, float_value, is_empty

_NOT_NEGATIVE = (0.0, 1e12)
_FACTOR = (-1e30, 1e30)
# Times in Julian days have MJDREF -2400000.5.
_LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    dict.fromkeys(("EXPOSURE", "ONTIME", "LIVETIME", "TELAPSE"), _NOT_NEGATIVE)
    | dict.fromkeys(("MJDREF", "MJDREFI"), (-2.5e6, 2e5))
    | dict.fromkeys(("JDREF", "JDREFI"), (0.0, 3e6))
    | dict.fromkeys(("MJDREFF", "JDREFF"), (-1e5, 1e5))
    | dict.fromkeys(("TIMEZERO", "TIMEZERI", "TIMEZERF", "TIMEOFFS"), (-1e12, 1e12))
    | {"TIMEPIXR": (0.0, 1.0), "DEADC": (0.0, 10.0), "BSCALE": _FACTOR, "BZERO": _FACTOR}
)
_FACTORS = re.compile(r"(TSCAL|TZERO)\d+|BSCALE|BZERO")
# Without these a file has a usual value: one that is stated and no number must not become that.
_NUMBERS = re.compile(r"(TSCAL|TZERO)\d+|BSCALE|BZERO|AREASCAL|BACKSCAL")
_TIMES = re.compile(r"(MJD|JD)REF[IF]?|TIMEZER[OIF]|TIMEPIXR")  # of tables with times
# The library of celestial coordinates takes texts, also numbers in quotes, for 0.
_PLACES = re.compile(r"(CRVAL|CRPIX|CDELT|CROTA)[12]|(CD|PC)[12]_[12]")
_NOT_ZERO = re.compile(r"TSCAL\d+|BSCALE")


def check_keywords(header: fits.Header) -> None:
    """Refuse a header with a time, an exposure or a factor that cannot be.

    Raises
    ------
    DamagedFile
        The message names the keyword, its value and its limits.
    """
    for keyword in filter(_PLACES.fullmatch, header):
        stated = card_value(header, keyword)
        if isinstance(stated, str | bool) and not is_empty(header, stated):
            refuse_keyword(keyword, shorten(stated), "no number, or one in quotes")
    columns = {str(card_value(header, k)).strip().upper() for k in header if k[:5] == "TTYPE"}
    for keyword in [k for k in header if k in _LIMITS or _NUMBERS.fullmatch(k)]:
        value = float_value(header, keyword)
        low, high = _LIMITS.get(keyword, _FACTOR)
        if value is None:
            stated = card_value(header, keyword)
            is_number = _NUMBERS.fullmatch(keyword) or (
                "TIME" in columns and _TIMES.fullmatch(keyword)
            )
            if (is_number and not is_empty(header, stated)) or _FACTORS.fullmatch(keyword):
                refuse_keyword(keyword, shorten(stated), "no number")
            continue
        if not low <= value <= high:
            refuse_keyword(keyword, value, f"outside {low:g} to {high:g}")
        if value == 0 and _NOT_ZERO.fullmatch(keyword):
            refuse_keyword(keyword, value, "a factor that makes all numbers one")


def refuse_keyword(keyword: str, value: object, reason: str) -> None:
    """Raise `DamagedFile` for a keyword whose value cannot be."""
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    raise DamagedFile(f"Its keyword {keyword} = {shown} cannot be: {reason}.", "Correct it.")
