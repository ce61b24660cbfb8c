"""Check the parameters that clients send, add defaults, and bring them into canonical form.

All values that a dispatcher accepts are accepted. If our engine cannot use one, the nearest value
that it can use is taken, and a comment in the reply says so.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from oda_widgets.errors import BadParameter, DataError
from oda_widgets.lookup.typed_angle import WITH_UNITS, degrees_of
from oda_widgets.protocol.catalog import catalog_from
from oda_widgets.protocol.parameters import bin_seconds, fields_from
from oda_widgets.protocol.reply import UnusableReply, one_line
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.longitudes import within_a_turn
from oda_widgets.request.numbers import finite_number, number_in
from oda_widgets.request.queries import LOWEST_THRESHOLD
from oda_widgets.server.offered_parameters import (
    DEFAULT_POINTINGS,
    OSA_VERSIONS,
    label_with,
    parameters_of,
    shortest_bin,
)

Values = Mapping[str, Any]

LONGEST_TEXT = 100
"""Largest number of characters of a name or another short text."""

_CATALOG = "selected_catalog"
_READ_ELSEWHERE = frozenset({"T1", "T2", "scw_list", _CATALOG, "token"})
_TEXT_FORMATS = frozenset({"isot", "iso", "fits", "yday"})  # other formats are numbers
_TURN = 360.0  # degrees
_RIGHTS = ("public", "all-private")


def complete_values(given: Values, product: str) -> tuple[dict[str, Any], list[str]]:
    """Return all parameters of a product, and comments on those that were changed.

    Parameters
    ----------
    given
        Known parameters that the client sent; all others get their defaults.
    product
        The dispatcher's name of the product.

    Raises
    ------
    BadParameter
        If a value is not valid.
    """
    values: dict[str, Any] = {p.name: p.default for p in parameters_of(product)}
    for described in parameters_of(product):
        name = described.name
        if name in given and name not in _READ_ELSEWHERE:
            values[name] = _value(name, given[name], described.units)
    comments = _adapt(values, product)
    _check_limits(values, product)
    values |= _times(given, values)
    values["T_format"] = "isot"
    lists = {name: given.get(name) for name in ("scw_list", _CATALOG) if name in values}
    _check_catalog(lists.get(_CATALOG))
    fields = fields_from(values | lists, product)
    if "scw_list" in values:
        values["scw_list"] = list(fields.get("science_windows", ()))
        values[_CATALOG] = _selected_catalog(given, fields.get("catalog"))
    values["token"] = None
    values.pop("user_catalog", None)
    return values, comments


def _value(name: str, value: Any, units: str) -> Any:
    """Return a value as text or as a number, as the units of its parameter demand."""
    if isinstance(value, list):
        raise BadParameter(name, value, "given more than once", "Give it once.")
    if units == "str":
        text = str(value).strip()
        if len(text) > LONGEST_TEXT or not text.isprintable():
            limit = f"longer than {LONGEST_TEXT} characters, or not printable"
            raise BadParameter(name, value, limit, "Write a shorter text.")
        return text
    if units == "deg":
        return _angle(name, value)
    number = finite_number(name, value)
    if units != "int":
        return number
    if number != int(number) or "." in str(value):
        raise BadParameter(name, value, "not a whole number", "Write for example 50.")
    return int(number)


def _angle(name: str, value: Any) -> float:
    """Return an angle in degrees from a number, or from text with units, as 05h34m31.9s."""
    text = str(value).strip()
    if not re.fullmatch(WITH_UNITS, text) or ("h" in text and name != "RA"):
        return finite_number(name, value)
    try:
        return degrees_of(text)
    except BadParameter as error:
        advice = "Write degrees, or units as in 05h34m31.9s."
        raise BadParameter(name, value, error.limit, advice) from None


def _adapt(values: dict[str, Any], product: str) -> list[str]:
    """Replace values that our engine cannot use by the nearest that it can; return comments."""
    comments = [adapt(values) for name, adapt in _ADAPTERS.items() if name in values]
    if "time_bin" in values:
        comments.append(_adapt_time_bin(values, shortest_bin(product)))
    return [comment for comment in comments if comment]


def _adapt_right_ascension(values: dict[str, Any]) -> str:
    given = values["RA"]
    if 0 <= given < _TURN:
        return ""
    # Dispatchers accept any number of turns: 443.6 and 83.6 make the same query.
    used = values["RA"] = within_a_turn(round(within_a_turn(given), 9))
    return f"RA={given:.10g}: {used:.10g} deg was used."


def _adapt_version(values: dict[str, Any]) -> str:
    base = re.split(r"-+", values["osa_version"])[0]
    if base not in OSA_VERSIONS:
        advice = f"Write one of: {', '.join(OSA_VERSIONS)}."
        raise BadParameter("osa_version", values["osa_version"], "not a known version", advice)
    return ""  # products of our engine do not depend on the version


def _adapt_rights(values: dict[str, Any]) -> str:
    rights = values["integral_data_rights"]
    if rights not in _RIGHTS:
        advice = f"Write one of: {', '.join(_RIGHTS)}."
        raise BadParameter("integral_data_rights", rights, "not known", advice)
    values["integral_data_rights"] = "public"
    return "" if rights == "public" else f"integral_data_rights={rights}: public data were used."


def _adapt_threshold(values: dict[str, Any]) -> str:
    return _raise_to(values, "detection_threshold", LOWEST_THRESHOLD, "sigma is the lowest here")


def _adapt_time_bin(values: dict[str, Any], shortest: float) -> str:
    """Convert the length of a bin to seconds, and raise it to the shortest possible."""
    if values["time_bin"] <= 0:
        limit = "not above 0"
        raise BadParameter("time_bin", values["time_bin"], limit, "Give a length in seconds.")
    values["time_bin"] = bin_seconds(values["time_bin"], values["time_bin_format"])
    values["time_bin_format"] = "sec"
    return _raise_to(values, "time_bin", shortest, "s is the shortest here")


def _adapt_pointings(values: dict[str, Any]) -> str:
    number = values["max_pointings"]
    if number > 0:
        return ""
    values["max_pointings"] = DEFAULT_POINTINGS
    return f"max_pointings={number} selects nothing: {DEFAULT_POINTINGS} was used."


_ADAPTERS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "RA": _adapt_right_ascension,
    "osa_version": _adapt_version,
    "integral_data_rights": _adapt_rights,
    "detection_threshold": _adapt_threshold,
    "max_pointings": _adapt_pointings,
}


def _raise_to(values: dict[str, Any], name: str, lowest: float, why: str) -> str:
    """Raise a value to the lowest one possible; return a comment if it was below."""
    given = values.get(name, lowest)
    if given >= lowest:
        return ""
    values[name] = lowest
    return f"{name}={given:g}: {lowest:g} {why} and was used."


def _check_limits(values: Values, product: str) -> None:
    for described in parameters_of(product):
        value, low, high = values[described.name], described.low, described.high
        if low is None or high is None or low <= value <= high:
            continue
        limit = f"outside {low:g} to {high:g} {described.units}"
        if described.name in {"E1_keV", "E2_keV"}:
            label = label_with(product)
            limit = f"{label} energy range is restricted to {low:g} - {high:g} keV"
        raise BadParameter(described.name, value, limit, "Give a value inside.")
    if "E1_keV" in values and not values["E1_keV"] < values["E2_keV"]:
        limit = f"not below E2_keV={values['E2_keV']:g}"
        same = values["E1_keV"] == values["E2_keV"]
        advice = "Give a higher E2_keV." if same else "Swap the two."
        raise BadParameter("E1_keV", values["E1_keV"], limit, advice)


def _times(given: Values, values: Values) -> dict[str, str]:
    """Return T1 and T2 in ISO 8601, so that a query has the same identity in all formats."""
    times = {}
    for name in ("T1", "T2"):
        time_format = values["T_format"] if name in given else "isot"
        value = given.get(name, values[name])
        isot = isot_of(str(value), time_format)
        if isot is None:
            limit = f"can't be parsed as Time of {one_line(time_format)} format"
            raise BadParameter(name, value, limit, "Correct it, or T_format.")
        times[name] = isot
    if not times["T1"] < times["T2"]:
        first, last = (given.get(name, values[name]) for name in ("T1", "T2"))
        advice = "Give a later T2." if times["T1"] == times["T2"] else "Swap the two."
        raise BadParameter("T2", last, f"not after T1={first}", advice)
    return times


@lru_cache(maxsize=4096)
def isot_of(text: str, time_format: str) -> str | None:
    """Return an instant in ISO 8601 with milliseconds, UTC; None if it cannot be parsed."""
    from astropy.time import Time  # noqa: PLC0415 - heavy

    try:
        value = text if time_format in _TEXT_FORMATS else number_in(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about years without a table of leap seconds
            return str(Time(value, format=time_format, scale="utc").isot)
    except Exception:  # noqa: BLE001 - astropy and erfa may raise anything
        return None


def _check_catalog(stated: Any) -> None:
    """Check a catalogue, and blame the parameter of the client if it cannot be read."""
    try:
        if stated is not None:
            catalog_from(stated)
    except UnusableReply as error:
        limit = f"no catalogue of sources: {one_line(error.fault)}"
        advice = "Give the JSON of a catalogue, as a product of this server holds it."
        raise BadParameter(_CATALOG, stated, limit, advice) from None


def _selected_catalog(given: Values, catalog: SourceCatalog | None) -> str | None:
    """Return the catalogue as the client sent it, without the sources that are not selected."""
    if catalog is None:
        return None
    selected = given.get("catalog_selected_objects")
    if selected is None:
        return str(given[_CATALOG])
    document = json.loads(given[_CATALOG])
    rows = _selected_rows(document, selected)
    columns = [[column[row] for row in rows] for column in document["cat_column_list"]]
    chosen = document | {"cat_column_list": columns}
    try:
        catalog_from(chosen)
    except DataError as error:
        limit = "leaves no usable catalogue"
        raise BadParameter("catalog_selected_objects", selected, limit, error.advice) from None
    return json.dumps(chosen)


def _selected_rows(document: Values, selected: Any) -> list[int]:
    """Return the rows of a catalogue whose numbers (meta_ID) are selected."""
    text = ",".join(selected) if isinstance(selected, list) else str(selected)
    try:
        chosen = {int(part) for part in text.split(",") if part.strip()}
        columns = dict(zip(document["cat_column_names"], document["cat_column_list"], strict=True))
        return [row for row, number in enumerate(columns["meta_ID"]) if int(number) in chosen]
    except (ValueError, TypeError, KeyError, OverflowError):
        limit = "not the numbers (meta_ID) of sources of the catalogue"
        advice = "Write them as in 1,2,5."
        raise BadParameter("catalog_selected_objects", selected, limit, advice) from None
