"""Names of products and instruments at dispatchers.

Both units of JEM-X are the instrument "jemx" there; the parameter ``jemx_num`` chooses one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.instrument import IMAGE, KINDS, LIGHT_CURVE, SPECTRUM, Instrument
from oda_widgets.request.instruments import described, instruments, on_the_wire
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery

QUERIES: Mapping[str, type[ImageQuery | SpectrumQuery | LightCurveQuery]] = MappingProxyType(
    {IMAGE: ImageQuery, SPECTRUM: SpectrumQuery, LIGHT_CURVE: LightCurveQuery}
)
"""Classes of queries by kind of product."""


def product_of(query: Query) -> str:
    """Return the dispatcher's name for the product of a query.

    Examples
    --------
    >>> product_of(oda.ImageQuery(science_windows="066500220010.001", instrument="jemx1"))
    'jemx_image'
    """
    return described(query.instrument).wire.product(query.kind)


def wire_instruments() -> tuple[str, ...]:
    """Return the names of the instruments at a dispatcher.

    Examples
    --------
    >>> wire_instruments()
    ('isgri', 'jemx', 'spi_acs')
    """
    return tuple(dict.fromkeys(one.wire.instrument for one in instruments()))


def products_of(instrument: str) -> dict[str, str]:
    """Return the products of an instrument at a dispatcher, with their kinds.

    Examples
    --------
    >>> products_of("spi_acs")
    {'spi_acs_lc': 'light_curve'}
    """
    return {
        one.wire.product(kind): kind
        for one in instruments()
        if one.wire.instrument == instrument
        for kind in KINDS
        if one.wire.product(kind)
    }


def all_products() -> dict[str, str]:
    """Return the products of all instruments at a dispatcher, with their kinds."""
    found: dict[str, str] = {}
    for name in wire_instruments():
        found |= products_of(name)
    return found


def kind_of(product: Any) -> str:
    """Return the kind of a product.

    Raises
    ------
    BadParameter
        If no instrument has it.

    Examples
    --------
    >>> kind_of("jemx_lc")
    'light_curve'
    """
    known = all_products()
    if not isinstance(product, str) or product not in known:
        advice = f"Write one of: {', '.join(known)}."
        raise BadParameter("product_type", product, "not a product offered here", advice)
    return known[product]


def instrument_of(parameters: Mapping[str, Any]) -> Instrument:
    """Return the instrument that parameters of a dispatcher choose.

    Parameters
    ----------
    parameters
        Parameters with ``product_type`` and, if the instrument has several units, the one that
        chooses a unit; ``instrument`` may be absent, since its products have distinct names.

    Raises
    ------
    BadParameter
        If there is no such instrument, or it does not have the product.

    Examples
    --------
    >>> instrument_of({"product_type": "jemx_image", "jemx_num": "1"}).name
    'jemx1'
    """
    product = parameters.get("product_type")
    kind_of(product)
    owner = next(name for name in wire_instruments() if product in products_of(name))
    given = parameters.get("instrument")
    if given not in (None, "", owner):
        limit = f"{product} is a product of {owner}"
        raise BadParameter("instrument", given, limit, f"Write instrument={owner}.")
    found = on_the_wire(owner, parameters)
    if found is None:
        name, value, known = _unit_parameter(owner, parameters)
        raise BadParameter(name, value, f"no unit of {owner}", f"Write one of: {known}.")
    return found


def _unit_parameter(owner: str, parameters: Mapping[str, Any]) -> tuple[str, Any, str]:
    """Return the parameter that chooses a unit, its given value, and its possible values."""
    units = [dict(one.wire.parameters) for one in instruments() if one.wire.instrument == owner]
    name = next(iter(units[0]))
    return name, parameters.get(name), ", ".join(unit[name] for unit in units)
