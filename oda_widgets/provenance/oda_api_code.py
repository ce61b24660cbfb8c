"""A query as a script for oda_api, the client of the dispatcher."""

from __future__ import annotations

from urllib.parse import parse_qs

_TEMPLATE = """{remarks}from oda_api.api import DispatcherAPI

dispatcher = DispatcherAPI(url={url!r}, instrument={instrument!r})
data = dispatcher.get_product(
{arguments})
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

    Parameters
    ----------
    share
        Query string of the link that repeats the query.
    url
        Address of the dispatcher.
    simulated
        True if any of the events are not real.
    """
    remarks = (_SIMULATED if simulated else "") + (_WHOLE if "intervals=" in share else "")
    found = {name: values[0] for name, values in parse_qs(share).items() if name not in _OURS}
    arguments = "".join(
        f"    {_RENAMED.get(name, name)}={_value(name, text)!r},\n" for name, text in found.items()
    )
    instrument = found.get("instrument", "")
    return _TEMPLATE.format(remarks=remarks, url=url, instrument=instrument, arguments=arguments)


def _value(name: str, text: str) -> float | int | str | list[str]:
    if name in _NUMBERS:
        return float(text)
    if name in _INTEGERS:
        return int(text)
    return text.split(",") if name == "scw_list" else text
