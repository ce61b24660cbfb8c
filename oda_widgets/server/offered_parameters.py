"""The parameters that the server offers, with their defaults and limits."""

from __future__ import annotations

from typing import Any

from oda_widgets.protocol.meta_data import (
    ParameterDescription,
    write_group,
    write_meta_data,
)
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
OSA_VERSIONS = ("OSA10.2", "OSA11.0", "OSA11.1", "OSA11.2")
DEFAULT_POINTINGS = 50

_QUERIES = {
    IMAGE: "isgri_image_query",
    SPECTRUM: "isgri_spectrum_query",
    LIGHT_CURVE: "isgri_lc_query",
}
_SOURCE = (
    ParameterDescription("src_name", "str", "1E 1740.7-2942"),
    ParameterDescription("RA", "deg", 265.97845833, 0.0, 360.0),
    ParameterDescription("DEC", "deg", -29.74516667, -90.0, 90.0),
    ParameterDescription("T1", "isot", "2017-03-06T13:26:48.000"),
    ParameterDescription("T2", "isot", "2017-03-06T15:32:27.000"),
    ParameterDescription("T_format", "str", "isot"),
    ParameterDescription("token", "str", None),
)
_COMMON = (
    ParameterDescription("user_catalog", "str", None),
    ParameterDescription("selected_catalog", "str", None),
    ParameterDescription("scw_list", "names_list", []),
    ParameterDescription("radius", "deg", 15.0, 0.0, 180.0),
    ParameterDescription("max_pointings", "int", DEFAULT_POINTINGS, 1.0, 10000.0),
    ParameterDescription("osa_version", "str", "OSA11.2", allowed=OSA_VERSIONS),
    ParameterDescription("integral_data_rights", "str", "public", allowed=("public",)),
    ParameterDescription("E1_keV", "keV", 20.0, LOWEST_KEV, HIGHEST_KEV),
    ParameterDescription("E2_keV", "keV", 40.0, LOWEST_KEV, HIGHEST_KEV),
)
_OWN: dict[str, tuple[ParameterDescription, ...]] = {
    IMAGE: (ParameterDescription("detection_threshold", "sigma", 7.0, LOWEST_THRESHOLD, 1e6),),
    SPECTRUM: (),
    LIGHT_CURVE: (
        ParameterDescription("time_bin", "sec", 1000.0, SHORTEST_BIN, LONGEST_BIN),
        ParameterDescription("time_bin_format", "str", "sec", allowed=("sec", "jd")),
    ),
}
# Parameters that control a request and are not part of the query.
CONTROL = frozenset(
    [
        *("instrument", "product_type", "query_type", "query_status", "session_id", "job_id"),
        *("api", "oda_api_version", "off_line", "verbose", "dry_run", "client-name", "token"),
        *("async_dispatcher", "run_asynch", "return_progress", "use_scws", "allow_unknown_args"),
        *("catalog_selected_objects", "user_catalog_file", "user_scw_list_file", "user_catalog"),
        *("image_scale_min", "image_scale_max", "T_format"),
    ]
)


def parameters_of(product: str) -> tuple[ParameterDescription, ...]:
    """Return the parameters of a product."""
    return (*_SOURCE, *_COMMON, *_OWN[product])


def names_of(product: str) -> list[str]:
    """Return the names of the parameters of a product."""
    return [p.name for p in parameters_of(product) if p.name != "user_catalog"]


def source_description() -> list[Any]:
    """Return the description of the parameters that all instruments share."""
    return [write_group("src_query", _SOURCE)]


def description(product: str | None) -> list[Any]:
    """Return the description of the instrument, with one product or all of them."""
    described = {product: _QUERIES[product]} if product else _QUERIES
    common = {"src_query": _SOURCE, "isgri_parameters": _COMMON}
    return write_meta_data(INSTRUMENT, common, described, _OWN)
