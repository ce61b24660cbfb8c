"""A query as a script for oda_api, the client of the dispatcher."""

from __future__ import annotations

from urllib.parse import parse_qs

_TEMPLATE = """from oda_api.api import DispatcherAPI

dispatcher = DispatcherAPI(url={url!r}, instrument={instrument!r})
data = dispatcher.get_product(
{arguments})
"""
_NUMBERS = frozenset({"RA", "DEC", "E1_keV", "E2_keV", "detection_threshold", "time_bin"})
_INTEGERS = frozenset({"max_pointings"})
# What the client names otherwise, and what only our own links have.
_RENAMED = {"product_type": "product", "query_type": "product_type"}
_OURS = frozenset({"intervals"})


def oda_api_code(share: str, url: str) -> str:
    """Return the script that makes a query with oda_api.

    Parameters
    ----------
    share
        The query as the part of a link behind the question mark.
    url
        Of the dispatcher.
    """
    found = {name: values[0] for name, values in parse_qs(share).items() if name not in _OURS}
    arguments = "".join(
        f"    {_RENAMED.get(name, name)}={_value(name, text)!r},\n" for name, text in found.items()
    )
    return _TEMPLATE.format(url=url, instrument=found.get("instrument", ""), arguments=arguments)


def _value(name: str, text: str) -> float | int | str | list[str]:
    if name in _NUMBERS:
        return float(text)
    if name in _INTEGERS:
        return int(text)
    return text.split(",") if name == "scw_list" else text
