"""Links that hold a query in the dispatcher's parameters, as MMODA's own links do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from oda_widgets.errors import BadParameter
from oda_widgets.protocol.catalog import catalog_text
from oda_widgets.protocol.parameters import fields_from, parameters_of, query_from
from oda_widgets.protocol.product_names import all_products, instrument_of, kind_of
from oda_widgets.protocol.wire_times import time_in
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.instrument import IMAGE
from oda_widgets.request.numbers import finite_number, number_within
from oda_widgets.request.queries import Query
from oda_widgets.request.revolutions import FIRST_REVOLUTION, LAST_REVOLUTION, osa_version
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval

Find = Callable[..., ScienceWindowList]

_LONGEST = 200_000  # characters
_MOST_VALUES = 5000
_INTERVALS = "intervals"  # ours: the dispatcher analyses whole science windows


def link_parameters(query: Query) -> str:
    """Return the query string of a link, which holds a query and its catalogue."""
    parameters = parameters_of(query, _osa_version(query), strict=False)
    if "scw_list" in parameters:
        parameters["scw_list"] = ",".join(parameters["scw_list"])
    if query.intervals:
        pairs = (f"{interval.start!r}:{interval.stop!r}" for interval in query.intervals)
        parameters[_INTERVALS] = ",".join(pairs)
    return urlencode(parameters)


def _osa_version(query: Query) -> str:
    """Return the release of OSA for the first science window of a query."""
    revolution = int(query.science_windows[0][:4]) if query.science_windows else LAST_REVOLUTION
    known = FIRST_REVOLUTION <= revolution <= LAST_REVOLUTION
    return osa_version(revolution if known else LAST_REVOLUTION)


def query_from_link(link: str, find: Find | None = None) -> Query:
    """Return the query that a link of this package or of MMODA holds.

    Parameters
    ----------
    link
        The whole link, or the part after the question mark.
    find
        Function that finds science windows, as `Site.science_windows` does; it is called for links
        that name none.

    Raises
    ------
    BadParameter
        If the link holds no query, or a value is not valid.
    """
    text = link.split("?", maxsplit=1)[-1]
    if len(text) > _LONGEST:
        raise BadParameter("link", link, "too long for a link", "Give a link that was shared.")
    try:
        found = parse_qs(text, max_num_fields=_MOST_VALUES)
    except ValueError:
        raise BadParameter(
            "link", link, "carries no query", "Give a link that was shared."
        ) from None
    # Join repeated lists of windows; of other repeated parameters use the last.
    parameters: dict[str, Any] = {name: values[-1] for name, values in found.items()}
    if "scw_list" in found:
        parameters["scw_list"] = ",".join(found["scw_list"])
    if parameters.get("product_type") in all_products() and instrument_of(parameters).sources:
        parameters |= _missing_parameters(parameters, find)
    intervals = _intervals(parameters.get(_INTERVALS))
    return query_from(parameters, intervals)


def _missing_parameters(parameters: Mapping[str, Any], find: Find | None) -> dict[str, Any]:
    """Return the science windows and the catalogue that a link does not name."""
    missing: dict[str, Any] = {}
    if find is not None and not parameters.get("scw_list"):
        missing["scw_list"] = list(_find_windows(parameters, find))
    if "selected_catalog" not in parameters and kind_of(parameters["product_type"]) != IMAGE:
        missing |= _target_catalog(parameters)
    return missing


def _find_windows(parameters: Mapping[str, Any], find: Find) -> tuple[str, ...]:
    """Return the science windows at the time and position in a link."""
    position = _source_in(parameters)
    conditions: dict[str, Any] = {"instrument": instrument_of(parameters).name}
    if "radius" in parameters:
        conditions["radius"] = number_within("radius", parameters["radius"], 0, 180, "deg")
    if "max_pointings" in parameters:
        conditions["limit"] = _number_of_windows(parameters["max_pointings"])
    times = (time_in(parameters, name) for name in ("T1", "T2"))
    return find(position and (position.ra, position.dec), *times, **conditions).ids


def _number_of_windows(text: str) -> int:
    number = finite_number("max_pointings", text)
    if number < 1 or number != int(number):
        limit = "not a whole number, 1 or more"
        raise BadParameter("max_pointings", text, limit, "Write for example 50.")
    return int(number)


def _target_catalog(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameter for a catalogue of the source that a link names."""
    source = _source_in(parameters)
    if source is None:
        return {}
    target = CatalogSource(source.name, source.ra, source.dec)
    return {"selected_catalog": catalog_text(SourceCatalog.of([target]))}


def _source_in(parameters: Mapping[str, Any]) -> Source | None:
    """Return the source that a link names, read as for an image."""
    product = next(name for name, kind in all_products().items() if kind == IMAGE)
    source: Source | None = fields_from(parameters, product).get("source")
    return source


def _intervals(text: object) -> tuple[TimeInterval, ...]:
    if not text:
        return ()
    pairs = (pair.split(":") for pair in str(text).split(","))
    found = []
    for pair in pairs:
        if len(pair) != 2:
            advice = "Write start:stop,start:stop in IJD days."
            raise BadParameter(_INTERVALS, text, "not a list of intervals", advice)
        start, stop = (finite_number(_INTERVALS, value) for value in pair)
        found.append(TimeInterval(start, stop))
    return tuple(found)
