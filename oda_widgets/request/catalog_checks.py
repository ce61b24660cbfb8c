"""Checks of a source: its name, its position and its measured values."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite, isnan, nan
from numbers import Real
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.arguments import truth
from oda_widgets.request.names import source_name
from oda_widgets.request.numbers import finite_number

_TURN = 360.0  # degrees
_NOT_BELOW_ZERO = ("flux_error", "error_radius")
_ANGLES = ("error_radius", "ra_fit", "dec_fit")
_BOOLEANS = ("new", "selected")


def checked_source(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a source as plain text, floats and booleans.

    Parameters
    ----------
    given
        The fields of `CatalogSource`.

    Raises
    ------
    BadParameter
        If the name is not text, the position is not on the sky, a measured number is neither finite
        nor NaN, or an error is below 0.
    """
    name = source_name("name", given["name"])
    checked = {
        "name": name,
        "ra": _coordinate("ra", f"right ascension of {name}", given["ra"], 0.0, _TURN),
        "dec": _coordinate("dec", f"declination of {name}", given["dec"], -90.0, 90.0),
    }
    for key, value in given.items():
        if key in _BOOLEANS:
            checked[key] = _boolean(key, value)
        elif key not in checked:
            checked[key] = _measured(key, name, value)
    return checked


def _coordinate(key: str, what: str, value: Any, low: float, high: float) -> float:
    """Return a coordinate in degrees; a right ascension of 360 degrees is out of range."""
    try:
        number = finite_number(key, value, "deg")
    except BadParameter as error:
        limit = f"{what} is {error.limit}"
        raise BadParameter(key, value, limit, "Give degrees, J2000.") from None
    if not low <= number <= high or number == _TURN:
        limit = f"{what} is outside {low:g} to {high:g} deg"
        raise BadParameter(key, value, limit, "Give degrees, J2000.")
    return number


def _measured(key: str, name: str, value: Any) -> float:
    """Return a measured number, NaN if it was not measured."""
    least = 0.0 if key in _NOT_BELOW_ZERO else -inf
    if type(value) is float and isfinite(value) and value >= least:
        return value
    plain = _as_float(getattr(value, "value", value))  # quantities have a value
    if plain is not None and isnan(plain):
        return nan
    number = nan
    if plain is not None and isfinite(plain):
        number = finite_number(key, value, "deg" if key in _ANGLES else "ct/s")
    if not number >= least:
        limit = f"{key} of {name} is not a finite number{', 0 or more' if least == 0 else ''}"
        advice = "Write float('nan') for what was not measured."
        raise BadParameter(key, value, limit, advice)
    return number


def _as_float(value: Any) -> float | None:
    """Return a real number as a float, infinity if too large; None if not a real number."""
    try:
        return float(value) if isinstance(value, Real) else None
    except OverflowError:
        return inf


def _boolean(key: str, value: Any) -> bool:
    return bool(value) if type(value) is int and value in {0, 1} else truth(key, value)
