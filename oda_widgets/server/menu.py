"""What the server offers: its parameters with their defaults, as clients ask to know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oda_widgets.protocol.parameters import (
    HIGHEST_KEV,
    IMAGE,
    LIGHT_CURVE,
    LONGEST_BIN,
    SPECTRUM,
)
from oda_widgets.request.energy import LOWEST_KEV
from oda_widgets.request.queries import LOWEST_THRESHOLD, SHORTEST_BIN

INSTRUMENT = "isgri"
QUERIES = {
    IMAGE: "isgri_image_query",
    SPECTRUM: "isgri_spectrum_query",
    LIGHT_CURVE: "isgri_lc_query",
}
OSA_VERSIONS = ("OSA10.2", "OSA11.2")


@dataclass(frozen=True)
class Item:
    """A parameter that is offered.

    Parameters
    ----------
    name
        On the wire.
    units
        As the dispatcher calls them.
    default
        When it is left out.
    low, high
        Limits, if it has any.
    allowed
        The only values, if it has few.
    """

    name: str
    units: str
    default: Any
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """How it is described to clients."""
        limits: dict[str, Any] = {"is_optional": self.default is None}
        if self.low is not None:
            limits |= {"min_value": self.low, "max_value": self.high}
        if self.allowed:
            limits["allowed_values"] = list(self.allowed)
        described = {"name": self.name, "units": self.units, "value": self.default}
        return described | {"restrictions": limits}


SOURCE = (
    Item("src_name", "str", "1E 1740.7-2942"),
    Item("RA", "deg", 265.97845833, 0.0, 360.0),
    Item("DEC", "deg", -29.74516667, -90.0, 90.0),
    Item("T1", "isot", "2017-03-06T13:26:48.000"),
    Item("T2", "isot", "2017-03-06T15:32:27.000"),
    Item("T_format", "str", "isot"),
    Item("token", "str", None),
)
COMMON = (
    Item("user_catalog", "str", None),
    Item("selected_catalog", "str", None),
    Item("scw_list", "names_list", []),
    Item("radius", "deg", 15.0, 0.0, 180.0),
    Item("max_pointings", "int", 50, 1.0, 10000.0),
    Item("osa_version", "str", "OSA11.2", allowed=OSA_VERSIONS),
    Item("integral_data_rights", "str", "public", allowed=("public",)),
    Item("E1_keV", "keV", 20.0, LOWEST_KEV, HIGHEST_KEV),
    Item("E2_keV", "keV", 40.0, LOWEST_KEV, HIGHEST_KEV),
)
OWN: dict[str, tuple[Item, ...]] = {
    IMAGE: (Item("detection_threshold", "sigma", 7.0, LOWEST_THRESHOLD, 1e6),),
    SPECTRUM: (),
    LIGHT_CURVE: (
        Item("time_bin", "sec", 1000.0, SHORTEST_BIN, LONGEST_BIN),
        Item("time_bin_format", "str", "sec", allowed=("sec", "jd")),
    ),
}
# What clients send besides, which is no part of a question.
CONTROL = frozenset(
    [
        *("instrument", "product_type", "query_type", "query_status", "session_id", "job_id"),
        *("api", "oda_api_version", "off_line", "verbose", "dry_run", "client-name", "token"),
        *("async_dispatcher", "run_asynch", "return_progress", "use_scws", "allow_unknown_args"),
        *("catalog_selected_objects", "user_catalog_file", "user_scw_list_file", "user_catalog"),
        *("image_scale_min", "image_scale_max", "T_format"),
    ]
)


def items_of(product: str) -> tuple[Item, ...]:
    """Return the parameters of a product."""
    return (*SOURCE, *COMMON, *OWN[product])


def names_of(product: str) -> list[str]:
    """Return the names of the parameters of a product."""
    return [item.name for item in items_of(product) if item.name != "user_catalog"]


def description(product: str | None) -> list[Any]:
    """Return the nested list that describes the instrument, with one product or all."""
    offered = {product: QUERIES[product]} if product else QUERIES
    groups: list[Any] = [
        {"instrumet": INSTRUMENT},  # the dispatcher's spelling
        {"prod_dict": offered},
        [{"query_name": "src_query"}, *(item.document for item in SOURCE)],
        [{"query_name": "isgri_parameters"}, *(item.document for item in COMMON)],
    ]
    for name, query in offered.items():
        own = [item.document for item in OWN[name]]
        groups.append([{"query_name": query}, {"product_name": name}, *own])
    return [groups]
