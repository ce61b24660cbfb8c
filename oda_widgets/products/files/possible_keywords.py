"""Check that the numbers in keywords of FITS are possible, before they are used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from astropy.io import fits

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.cards import card_value, float_value, is_empty

_NOT_NEGATIVE = (0.0, 1e12)
_FACTOR = (-1e30, 1e30)
# MJDREF is -2400000.5 for Julian days.
_LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    dict.fromkeys(("EXPOSURE", "ONTIME", "LIVETIME", "TELAPSE"), _NOT_NEGATIVE)
    | dict.fromkeys(("MJDREF", "MJDREFI"), (-2.5e6, 2e5))
    | dict.fromkeys(("JDREF", "JDREFI"), (0.0, 3e6))
    | dict.fromkeys(("MJDREFF", "JDREFF"), (-1e5, 1e5))
    | dict.fromkeys(("TIMEZERO", "TIMEZERI", "TIMEZERF", "TIMEOFFS"), (-1e12, 1e12))
    | {"TIMEPIXR": (0.0, 1.0), "DEADC": (0.0, 10.0), "BSCALE": _FACTOR, "BZERO": _FACTOR}
)
_FACTORS = re.compile(r"(TSCAL|TZERO)\d+|BSCALE|BZERO")
# Keywords with a default, which must not replace a stated value that is not a number.
_AREAS = re.compile(r"AREASCAL|BACKSCAL")
_AREAS_AND_TIMES = re.compile(rf"{_AREAS.pattern}|(MJD|JD)REF[IF]?|TIMEZER[OIF]|TIMEPIXR")
# The library of celestial coordinates reads text, even numbers in quotes, as 0.
_PLACES = re.compile(r"(CRVAL|CRPIX|CDELT|CROTA)[12]|(CD|PC)[12]_[12]")
_NOT_ZERO = re.compile(r"TSCAL\d+|BSCALE")


def check_keywords(header: fits.Header) -> None:
    """Check that coordinates, times, exposures and factors in a header are possible.

    Raises
    ------
    DamagedFile
        If one is not; the message names the keyword, its value and its limits.
    """
    for keyword in filter(_PLACES.fullmatch, header):
        stated = card_value(header, keyword)
        if isinstance(stated, str | bool) and not is_empty(header, stated):
            refuse_keyword(keyword, shorten(stated), "no number, or one in quotes")
    needed = _AREAS_AND_TIMES if _has_times(header) else _AREAS
    for keyword in header:
        if keyword in _LIMITS or _FACTORS.fullmatch(keyword) or _AREAS.fullmatch(keyword):
            _check_number(header, keyword, needed)


def _check_number(header: fits.Header, keyword: str, needed: re.Pattern[str]) -> None:
    """Check that a keyword is a number within its limits, if one is needed."""
    value = float_value(header, keyword)
    if value is None:
        stated = card_value(header, keyword)
        is_stated = needed.fullmatch(keyword) and not is_empty(header, stated)
        if is_stated or _FACTORS.fullmatch(keyword):
            refuse_keyword(keyword, shorten(stated), "no number")
        return
    low, high = _LIMITS.get(keyword, _FACTOR)
    if not low <= value <= high:
        refuse_keyword(keyword, value, f"outside {low:g} to {high:g}")
    if value == 0 and _NOT_ZERO.fullmatch(keyword):
        refuse_keyword(keyword, value, "a factor that makes all numbers one")


def _has_times(header: fits.Header) -> bool:
    """Return whether a table has a column of times."""
    columns = (card_value(header, keyword) for keyword in header if keyword.startswith("TTYPE"))
    return any(str(name).strip().upper() == "TIME" for name in columns)


def refuse_keyword(keyword: str, value: object, reason: str) -> None:
    """Raise `DamagedFile` for a keyword with an impossible value."""
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    raise DamagedFile(f"Its keyword {keyword} = {shown} cannot be: {reason}.", "Correct it.")
