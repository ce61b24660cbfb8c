"""Turn the arguments of the methods of a site into parts of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source

Catalog = SourceCatalog | Sequence[CatalogSource | Source | str] | str
Windows = ScienceWindowList | ScienceWindow | Iterable[str] | str


def as_catalog(value: Any, resolve: Callable[[Any], Source]) -> SourceCatalog:
    """Return a catalogue of one source or several.

    Parameters
    ----------
    value
        A catalogue, a source or a name, a list of these, or None for no sources.
    resolve
        Returns the source of a name or a position.

    Raises
    ------
    BadParameter
        If it is something else.
    """
    if value is None:
        return SourceCatalog()
    if isinstance(value, str | Source | CatalogSource):
        value = [value]
    if isinstance(value, SourceCatalog):
        return value
    if not isinstance(value, list | tuple):
        advice = 'Take image.catalog, or write catalog=["Crab"].'
        raise BadParameter("catalog", value, "not a source catalogue", advice)
    return SourceCatalog.of(
        source if isinstance(source, CatalogSource) else resolve(source) for source in value
    )


def as_query(value: Any) -> Query:
    """Check that a value is a query, and return it.

    Raises
    ------
    BadParameter
        If it is something else.
    """
    if isinstance(value, ImageQuery | SpectrumQuery | LightCurveQuery):
        return value
    advice = "Build an ImageQuery, a SpectrumQuery or a LightCurveQuery."
    raise BadParameter("query", value, "not a query", advice)
