"""Links that carry a query in the dispatcher's parameters, as MMODA's own links do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.times import FIRST_REVOLUTION, LAST_REVOLUTION, osa_version
from oda_widgets.protocol.catalog import catalog_text
from oda_widgets.protocol.parameters import (
    IMAGE,
    LIGHT_CURVE,
    PRODUCTS,
    SPECTRUM,
    fields_from,
    parameters_of,
    query_from,
)
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.timespan import TimeInterval

Find = Callable[..., ScienceWindowList]

_LONGEST = 200_000  # characters
_MOST_VALUES = 5000
_FITTED = frozenset({SPECTRUM, LIGHT_CURVE})
_INTERVALS = "intervals"  # ours: the dispatcher analyses whole science windows


def link_parameters(query: Query) -> str:
    """Return the part of a link behind the question mark, with the query and its catalogue."""
    whole = replace(query, intervals=())
    parameters = parameters_of(whole, _version(query), strict=False)
    parameters["scw_list"] = ",".join(parameters["scw_list"])
    if query.intervals:
        pairs = (f"{interval.start!r}:{interval.stop!r}" for interval in query.intervals)
        parameters[_INTERVALS] = ",".join(pairs)
    return urlencode(parameters)


def _version(query: Query) -> str:
    revolution = int(query.science_windows[0][:4])
    known = FIRST_REVOLUTION <= revolution <= LAST_REVOLUTION
    return osa_version(revolution if known else LAST_REVOLUTION)


def query_from_link(link: str, find: Find | None = None) -> Query:
    """Return the query in a link, ours or one of MMODA's.

    Parameters
    ----------
    link
        The whole link, or the part behind the question mark.
    find
        Finds science windows as `Site.science_windows` does, for links that name none.

    Raises
    ------
    BadParameter
        If the link carries no query, or values that cannot be accepted.
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
    # Windows may be many parameters of one name; of anything else the last counts.
    parameters: dict[str, Any] = {name: values[-1] for name, values in found.items()}
    if "scw_list" in found:
        parameters["scw_list"] = ",".join(found["scw_list"])
    offered = parameters.get("product_type") in PRODUCTS
    if find is not None and offered and not parameters.get("scw_list"):
        parameters["scw_list"] = list(_found(parameters, find))
    if "selected_catalog" not in parameters and parameters.get("product_type") in _FITTED:
        parameters |= _target(parameters)
    query = query_from(parameters)
    intervals = parameters.get(_INTERVALS)
    return replace(query, intervals=_intervals(intervals)) if intervals else query


def _found(parameters: Mapping[str, Any], find: Find) -> tuple[str, ...]:
    """Return the science windows at the time and position in a link."""
    position = fields_from(parameters, IMAGE).get("source")
    words: dict[str, Any] = {}
    if "radius" in parameters:
        words["radius"] = finite_number("radius", parameters["radius"])
    if "max_pointings" in parameters:
        limit = int(finite_number("max_pointings", parameters["max_pointings"]))
        words["limit"] = max(limit, 1)
    times = (_time(parameters, name) for name in ("T1", "T2"))
    return find(position and (position.ra, position.dec), *times, **words).ids


def _time(parameters: Mapping[str, Any], name: str) -> Any:
    from astropy.time import Time  # noqa: PLC0415 - heavy

    value, form = parameters.get(name), str(parameters.get("T_format", "isot"))
    if value is None or form in {"isot", "iso"}:
        return value
    try:
        return Time(finite_number(name, value), format=form)
    except ValueError:
        limit = f"can't be parsed as Time of {form[:20]} format"
        raise BadParameter(name, value, limit, "Correct it, or T_format.") from None


def _target(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return a catalogue of the one source that a link names."""
    source = fields_from(parameters, IMAGE).get("source")
    if source is None:
        return {}
    one = CatalogSource(source.name, source.ra, source.dec)
    return {"selected_catalog": catalog_text(SourceCatalog.of([one]))}


def _intervals(text: object) -> tuple[TimeInterval, ...]:
    pairs = (pair.split(":") for pair in str(text).split(","))
    found = []
    for pair in pairs:
        if len(pair) != 2:
            advice = "Write start:stop,start:stop in IJD days."
            raise BadParameter(_INTERVALS, text, "not a list of intervals", advice)
        start, stop = (finite_number(_INTERVALS, value) for value in pair)
        found.append(TimeInterval(start, stop))
    return tuple(found)
