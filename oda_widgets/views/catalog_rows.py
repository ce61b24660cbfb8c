"""A catalogue as the texts of a table, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.words import degrees_texts, significance_text, typeset, with_error

Rows = dict[str, list[Any]]

_EDITABLE = ("selected", "name", "ra", "dec")


def to_rows(catalog: SourceCatalog) -> Rows:
    """Return one column of texts per field, and of booleans for the tick."""
    return {
        "selected": [source.selected for source in catalog],
        "name": [source.name for source in catalog],
        "ra": [degrees_texts(source.ra, source.dec)[0] for source in catalog],
        "dec": [degrees_texts(source.ra, source.dec)[1] for source in catalog],
        "significance": [significance_text(source.significance) for source in catalog],
        "flux": [_flux(source) for source in catalog],
        "kind": ["new" if source.new else "" for source in catalog],
    }


def from_rows(catalog: SourceCatalog, rows: Rows) -> SourceCatalog:
    """Return the catalogue with the edits of its table.

    Parameters
    ----------
    catalog
        Catalogue that the table showed before.
    rows
        The table as it is now, same sources in the same order. Positions may be typed in degrees or
        in sexagesimal notation.

    Raises
    ------
    BadParameter
        If a name is empty or given twice, or a position cannot be read.
    """
    before = to_rows(catalog)
    edited = [
        _edited(source, _row(before, index), _row(rows, index))
        for index, source in enumerate(catalog)
    ]
    return SourceCatalog.of(edited)


def _row(rows: Rows, index: int) -> dict[str, Any]:
    return {field: rows[field][index] for field in _EDITABLE}


def _edited(source: CatalogSource, before: dict[str, Any], after: dict[str, Any]) -> CatalogSource:
    """Change only the fields whose text changed: the table shows rounded numbers."""
    readers: dict[str, Callable[[Any], Any]] = {
        "selected": bool,
        "name": _name,
        "ra": _ra,
        "dec": _dec,
    }
    changes = {
        field: readers[field](after[field]) for field in _EDITABLE if before[field] != after[field]
    }
    return replace(source, **changes)


def _name(text: str) -> str:
    return text.strip()


def _ra(text: str) -> float:
    return _angle("ra", text, "hourangle")


def _dec(text: str) -> float:
    return _angle("dec", text, "deg")


def _angle(parameter: str, text: Any, unit: str) -> float:
    """Read degrees, or sexagesimal text in the unit of its first number."""
    plain = str(text).replace("\N{MINUS SIGN}", "-").strip().removesuffix("°")
    try:
        return finite_number(parameter, plain)
    except BadParameter:
        return _sexagesimal(parameter, plain, unit)


def _sexagesimal(parameter: str, text: str, unit: str) -> float:
    from astropy.coordinates import Angle  # noqa: PLC0415 - heavy import

    try:
        return float(Angle(text, unit=unit).degree)
    except ValueError:
        example = "293.73 or 19:34:55.6" if unit == "hourangle" else "+21.90 or +21:53:48"
        advice = f"Write it as {example}."
        raise BadParameter(parameter, text, "not an angle", advice) from None


def _flux(source: CatalogSource) -> str:
    if not isfinite(source.flux):
        return ""
    return typeset(with_error(source.flux, source.flux_error)).replace(",", "")
