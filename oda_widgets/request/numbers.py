"""Checks of numbers that users give: finite, within limits, in the right unit."""

from __future__ import annotations

import math
import re
from numbers import Integral
from typing import Any

from oda_widgets.errors import BadParameter

LARGEST_WHOLE = 2**63 - 1  # what arrays and files can store
_DIGITS = 13  # significant digits kept by a conversion of units
# Python's float() accepts more: 1_0, digits of all scripts, and integers of any length, slowly.
_NUMBER = re.compile(
    r"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][-+]?\d+)?|nan|inf|infinity)",
    re.ASCII | re.IGNORECASE,
)
_LONGEST = 400  # characters; 1e308 written out has 309
_MINUS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


def number_in(text: str) -> float | None:
    """Return the number that a text states, or None if it is not a number.

    All numbers from outside are read here. Typographic minus signs, Fortran's D for the exponent,
    NaN and infinity are accepted.

    Examples
    --------
    >>> number_in(" \u22121.5D1 "), number_in("1_0") is None, number_in("0x10") is None
    (-15.0, True, True)
    """
    plain = with_plain_minus(text[: _LONGEST + 1].strip())
    if len(text) > _LONGEST or not _NUMBER.fullmatch(plain):
        return None
    word = plain.lower()
    return float(word if word.lstrip("+-")[:1] in "in" else word.replace("d", "e"))


def with_plain_minus(text: str) -> str:
    """Return text with every typographic dash replaced by "-"."""
    return text.translate(_MINUS)


def finite_number(parameter: str, value: Any, unit: str | None = None) -> float:
    """Return a value as a finite float.

    Parameters
    ----------
    parameter
        Name of the parameter, for the message.
    value
        A number, a numeric string, or a `~astropy.units.Quantity` when `unit` is given.
    unit
        Unit to convert a quantity to.

    Raises
    ------
    BadParameter
        If the value is not a finite number.

    Examples
    --------
    >>> finite_number("energy", "28.5", "keV")
    28.5
    >>> from astropy import units
    >>> finite_number("energy", 0.0283 * units.MeV, "keV")
    28.3
    """
    if type(value) is float and math.isfinite(value):  # as nearly all of a catalogue
        return value
    if unit is not None and hasattr(value, "to_value"):
        value = _in_unit(parameter, value, unit)
    try:
        number = number_in(value) if isinstance(value, str) else float(value)
    except Exception:  # noqa: BLE001 - converting a foreign value may raise anything
        number = None
    if number is None or isinstance(value, bytes | bytearray):  # float() would read them as text
        raise BadParameter(parameter, value, "not a number", _number_advice(unit))
    if isinstance(value, bool) or not math.isfinite(number):
        raise BadParameter(parameter, value, "not a finite number", _number_advice(unit))
    return number


def number_within(
    parameter: str, value: Any, low: float, high: float, unit: str | None = None
) -> float:
    """Return a value as a float between two limits, both included.

    Raises
    ------
    BadParameter
        If it is not a finite number, or outside the limits.

    Examples
    --------
    >>> number_within("radius", 200, 0, 180, "deg")
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: radius=200: outside 0 to 180 deg. Give ...
    """
    number = finite_number(parameter, value, unit)
    if not low <= number <= high:
        text = f"{_limit_text(low)} to {_limit_text(high)}{f' {unit}' if unit else ''}"
        raise BadParameter(parameter, value, f"outside {text}", f"Give a value from {text}.")
    return number


def _limit_text(limit: float) -> str:
    """Return a limit as text: whole numbers below 1e10 with all their digits."""
    if float(limit).is_integer() and 1e5 < abs(limit) < 1e10:
        return f"{limit:,.0f}"
    return f"{limit:g}"


def whole_number(
    parameter: str, value: Any, least: int, most: int = LARGEST_WHOLE, example: int = 10
) -> int:
    """Return a value as an int within limits; messages give an example within them.

    Raises
    ------
    BadParameter
        If it is not a whole number, too small or too large.

    Examples
    --------
    >>> whole_number("limit", 50, least=1)
    50
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        limit = f"not a whole number, {least} or more"
        advice = f"Write for example {parameter}={min(max(example, least), most)}."
        raise BadParameter(parameter, value, limit, advice)
    if int(value) > most:
        raise BadParameter(parameter, value, f"more than {most:,}", f"Give {most:,} at most.")
    return int(value)


def _in_unit(parameter: str, quantity: Any, unit: str) -> Any:
    try:
        # 0.0283 MeV is 28.300000000000004 keV in binary arithmetic, but must make the same query as
        # 28.3 keV.
        return f"{float(quantity.to_value(unit)):.{_DIGITS}g}"
    except Exception:  # noqa: BLE001 - another unit, a list, or a foreign value that raises anything
        limit = f"not convertible to {unit}"
        raise BadParameter(parameter, quantity, limit, f"Give a value in {unit}.") from None


def _number_advice(unit: str | None) -> str:
    return f"Give a number in {unit}." if unit else "Give a number."
