"""Several products in one figure: split a mapping or a list into the first and the others."""

from __future__ import annotations

from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.products.by_source import BySource


def first_and_others(value: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the first product of a figure, and its options with the further products.

    Parameters
    ----------
    value
        A product, a mapping of products by source, or a list of products.
    options
        Options of the figure.

    Raises
    ------
    BadParameter
        If the mapping or the list is empty.
    """
    if not isinstance(value, BySource | list | tuple):
        return value, options
    first, *rest = list(value.values() if isinstance(value, BySource) else value) or [None]
    if first is None:
        limit = "there is nothing in it"
        raise BadParameter("product", value, limit, "Give at least one light curve or spectrum.")
    if not rest:
        return first, options
    more = options.get("others", ())
    further = list(more) if isinstance(more, list | tuple) else [more]
    return first, {**options, "others": [*rest, *further]}
