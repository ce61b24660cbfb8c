"""The parameters that the server offers, with their defaults and limits."""

from __future__ import annotations

from typing import Any

from oda_widgets.protocol.meta_data import (
    ParameterDescription,
    write_group,
    write_meta_data,
)
from oda_widgets.protocol.parameters import LONGEST_BIN
from oda_widgets.protocol.product_names import all_products, kind_of, products_of
from oda_widgets.request.instrument import IMAGE, LIGHT_CURVE, Instrument
from oda_widgets.request.instruments import instruments
from oda_widgets.request.queries import LOWEST_THRESHOLD

OSA_VERSIONS = ("OSA10.2", "OSA11.0", "OSA11.1", "OSA11.2")
DEFAULT_POINTINGS = 50

_SOURCE = (
    ParameterDescription("src_name", "str", "1E 1740.7-2942"),
    ParameterDescription("RA", "deg", 265.97845833, 0.0, 360.0),
    ParameterDescription("DEC", "deg", -29.74516667, -90.0, 90.0),
    ParameterDescription("T1", "isot", "2017-03-06T13:26:48.000"),
    ParameterDescription("T2", "isot", "2017-03-06T15:32:27.000"),
    ParameterDescription("T_format", "str", "isot"),
    ParameterDescription("token", "str", None),
)
_WINDOWS = (
    ParameterDescription("user_catalog", "str", None),
    ParameterDescription("selected_catalog", "str", None),
    ParameterDescription("scw_list", "names_list", []),
    ParameterDescription("max_pointings", "int", DEFAULT_POINTINGS, 1.0, 10000.0),
    ParameterDescription("osa_version", "str", "OSA11.2", allowed=OSA_VERSIONS),
    ParameterDescription("integral_data_rights", "str", "public", allowed=("public",)),
)
_THRESHOLD = ParameterDescription("detection_threshold", "sigma", 7.0, LOWEST_THRESHOLD, 1e6)
# Parameters that control a request and do not belong to the query.
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
    one = _instrument_with(product)
    return (*_SOURCE, *_instrument_parameters(one), *_product_parameters(one, kind_of(product)))


def names_of(product: str) -> list[str]:
    """Return the names of the parameters of a product."""
    return [p.name for p in parameters_of(product) if p.name != "user_catalog"]


def source_description() -> list[Any]:
    """Return the description of the parameters that all instruments share."""
    return [write_group("src_query", _SOURCE)]


def description(instrument: str, product: str | None) -> list[Any]:
    """Return the description of an instrument, with one product or all products."""
    products = [product] if product else list(products_of(instrument))
    one = _instrument_with(products[0])
    common = {"src_query": _SOURCE, f"{instrument}_parameters": _instrument_parameters(one)}
    own = {name: _product_parameters(one, kind_of(name)) for name in products}
    return write_meta_data(instrument, common, {name: f"{name}_query" for name in products}, own)


def label_with(product: str) -> str:
    """Return the instrument of a product for messages, without the number of its unit."""
    return _instrument_with(product).label.rstrip("0123456789")


def shortest_bin(product: str) -> float:
    """Return the shortest time bin of a product, seconds."""
    return _instrument_with(product).time_bins[0]


def _instrument_with(product: str) -> Instrument:
    """Return the instrument of a product; of several units, the default one."""
    units = [one for one in instruments() if one.wire.product(all_products()[product]) == product]
    return next((one for one in units if one.wire.usual), units[0])


def _instrument_parameters(one: Instrument) -> tuple[ParameterDescription, ...]:
    """Return the parameters that all products of an instrument share."""
    if not one.sources:
        return ()
    low, high = one.wire.energy
    edges = zip(("E1_keV", "E2_keV"), one.wire.band, strict=True)
    return (
        *_WINDOWS,
        ParameterDescription("radius", "deg", one.wire.radius, 0.0, 180.0),
        *(ParameterDescription(name, "keV", edge, low, high) for name, edge in edges),
        *(_unit_parameter(one, name) for name, _ in one.wire.parameters),
    )


def _unit_parameter(one: Instrument, name: str) -> ParameterDescription:
    """Return the parameter that chooses one unit of several."""
    units = [each for each in instruments() if each.wire.instrument == one.wire.instrument]
    numbers = [int(dict(each.wire.parameters)[name]) for each in units]
    default = int(dict(one.wire.parameters)[name])
    return ParameterDescription(name, "int", default, float(min(numbers)), float(max(numbers)))


def _product_parameters(one: Instrument, kind: str) -> tuple[ParameterDescription, ...]:
    """Return the parameters that only this kind of product has."""
    if kind == IMAGE:
        return (_THRESHOLD,)
    if kind != LIGHT_CURVE:
        return ()
    return (
        ParameterDescription("time_bin", "sec", 1000.0, one.time_bins[0], LONGEST_BIN),
        ParameterDescription("time_bin_format", "str", "sec", allowed=("sec", "jd")),
    )
