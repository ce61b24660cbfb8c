"""A query as a script for oda_api, the client of the dispatcher."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from oda_widgets.errors import DataError
from oda_widgets.request.instruments import on_the_wire
from oda_widgets.request.timespan import isot_utc

_TEMPLATE = """{remarks}from oda_api.api import DispatcherAPI

dispatcher = DispatcherAPI(url={url!r}, instrument={instrument!r})
data = dispatcher.get_product(
{arguments})
"""
_IN_PARTS = """{remarks}from oda_api.api import DispatcherAPI

dispatcher = DispatcherAPI(url={url!r}, instrument={instrument!r})
times = [
{times}]
data = [
    dispatcher.get_product(
        T1=start,
        T2=stop,
{arguments}    )
    for start, stop in times
]
"""
_NUMBERS = frozenset({"RA", "DEC", "E1_keV", "E2_keV", "detection_threshold", "time_bin"})
_INTEGERS = frozenset({"max_pointings"})
# Parameters with another name in the client, and those of our own links only.
_RENAMED = {"product_type": "product", "query_type": "product_type"}
_OURS = frozenset({"intervals", "simulated"})
_SIMULATED = """# SIMULATED: the events are not real, and no public dispatcher has them.
# `oda-widgets serve` offers them at the address below.
"""
_WHOLE = "# A dispatcher analyses whole science windows: the intervals of the query are left out.\n"


def oda_api_code(share: str, url: str, *, simulated: bool = False) -> str:
    """Return the script that makes a query with oda_api.

    A dispatcher takes one span of time: of several the script makes a query each.

    Parameters
    ----------
    share
        Query string of the link that repeats the query.
    url
        Address of the dispatcher.
    simulated
        True if any of the events are not real.

    Raises
    ------
    DataError
        If the link names science windows for an instrument of which dispatchers take times only.
    """
    given = {name: values[0] for name, values in parse_qs(share).items()}
    found = {name: text for name, text in given.items() if name not in _OURS}
    asked = on_the_wire(found.get("instrument", ""), found)
    timed = asked is not None and not asked.sources
    if timed and "scw_list" in found and "T1" not in found:
        problem = "Dispatchers take a span of time for this instrument, and no science windows."
        raise DataError(problem, "Make the query again, or with start and stop.")
    within = _times(given.get("intervals", "")) if timed else []
    whole = _WHOLE if "intervals" in given and not timed else ""
    remarks = (_SIMULATED if simulated else "") + whole
    words = {"remarks": remarks, "url": url, "instrument": found.get("instrument", "")}
    if len(within) < 2:
        return _TEMPLATE.format(arguments=_arguments(found, 4), **words)
    others = {name: text for name, text in found.items() if name not in {"T1", "T2"}}
    times = "".join(f"    {span!r},\n" for span in within)
    return _IN_PARTS.format(times=times, arguments=_arguments(others, 8), **words)


def _arguments(parameters: Mapping[str, str], indent: int) -> str:
    return "".join(
        f"{' ' * indent}{_RENAMED.get(name, name)}={_value(name, text)!r},\n"
        for name, text in parameters.items()
    )


def _times(text: str) -> list[tuple[str, str]]:
    """Return the ends, UTC, of the intervals in a link, which are in IJD days."""
    pairs = (pair.split(":") for pair in text.split(",") if pair)
    return [(isot_utc(float(start)), isot_utc(float(stop))) for start, stop in pairs]


def _value(name: str, text: str) -> float | int | str | list[str]:
    if name in _NUMBERS:
        return float(text)
    if name in _INTEGERS:
        return int(text)
    return text.split(",") if name == "scw_list" else text
