"""Reading catalogues of any origin: name, position, and the columns we know."""

from __future__ import annotations

from math import isfinite, nan
from typing import Any

import numpy as np
from astropy.table import Table

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.cards import SIMULATED_KEYWORD
from oda_widgets.products.files.text import from_ascii
from oda_widgets.request.catalog import CatalogSource, SourceCatalog

# For each field the names it goes by, the best first: ours, OSA's, those of archives.
_ALIASES = {
    "name": ("src_names", "name", "src_name", "source_name", "source", "object", "main_id"),
    "ra": ("ra", "ra_fin", "ra_obj", "raj2000", "_raj2000", "ra_icrs"),
    "dec": ("dec", "dec_fin", "dec_obj", "dej2000", "decj2000", "_dej2000", "de_icrs"),
    "significance": ("significance", "detsig", "snr"),
    "flux": ("flux",),
    "flux_error": ("flux_error", "flux_err"),
    "error_radius": ("err_rad", "error_radius", "fin_rd_err"),
    "ra_fit": ("ra_fit", "ra_fin"),
    "dec_fit": ("dec_fit", "dec_fin"),
    "new": ("new_source",),
    "selected": ("selected",),
}
_NEEDED = ("name", "ra", "dec")


def catalog_of(table: Table) -> SourceCatalog:
    """Return the catalogue in a table.

    Parameters
    ----------
    table
        With at least a name, a right ascension and a declination (degrees, J2000).

    Raises
    ------
    DamagedFile
        If one of the three is missing or is no number.
    BadParameter
        If a value cannot be accepted, for example a name that occurs twice.
    """
    columns = {field: _find(table, aliases) for field, aliases in _ALIASES.items()}
    for field in _NEEDED:
        if columns[field] is None:
            _refuse(table, field)
    sources = tuple(_source(row, columns) for row in table)
    return SourceCatalog(sources, simulated=bool(table.meta.get(SIMULATED_KEYWORD, False)))


def _find(table: Table, aliases: tuple[str, ...]) -> str | None:
    # A column with several values in a row (OSA's fluxes per band) is not one of ours.
    known = {name.casefold(): name for name in table.colnames if table[name].ndim == 1}
    return next((known[alias] for alias in aliases if alias in known), None)


def _refuse(table: Table, field: str) -> None:
    problem = f"The table has no column for {field} (it has: {', '.join(table.colnames)})."
    raise DamagedFile(problem, f"Name one of its columns {_ALIASES[field][0]}.")


def _source(row: Any, columns: dict[str, str | None]) -> CatalogSource:
    name = columns["name"]
    return CatalogSource(
        name=from_ascii(str(row[name])),
        ra=_number(row, columns["ra"], nan),
        dec=_number(row, columns["dec"], nan),
        significance=_number(row, columns["significance"], nan),
        flux=_number(row, columns["flux"], nan),
        flux_error=_number(row, columns["flux_error"], nan),
        error_radius=_error_radius(row, columns["error_radius"]),
        ra_fit=_number(row, columns["ra_fit"], nan),
        dec_fit=_number(row, columns["dec_fit"], nan),
        new=_number(row, columns["new"], 0.0) > 0,
        selected=_number(row, columns["selected"], 1.0) > 0,
    )


def _number(row: Any, column: str | None, default: float) -> float:
    value = None if column is None else row[column]
    if value is None or value is np.ma.masked:
        return default
    try:
        return float(value)
    except (TypeError, ValueError):
        problem = f"The column {column} holds {shorten(value)}, which is not a number."
        raise DamagedFile(problem, "Give numbers; positions in degrees, J2000.") from None


def _error_radius(row: Any, column: str | None) -> float:
    radius = _number(row, column, 0.0)
    return radius if isfinite(radius) else 0.0
