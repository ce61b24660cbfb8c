"""Source catalogues as FITS tables, with MMODA's columns and then our own."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import MaskedColumn, Table

from oda_widgets.products.files.cards import append_cards
from oda_widgets.products.files.columns import (
    float_column,
    integer_column,
    null_cells,
    text_column,
)
from oda_widgets.products.files.observation_keywords import label_simulated
from oda_widgets.products.files.source_keywords import FRAME_CARDS
from oda_widgets.products.files.units import unread_unit
from oda_widgets.request.catalog import SourceCatalog

# OSA's names of the source lists of mosaics and of single windows.
CATALOG_NAMES = (
    "ISGR-MOSA-RES",
    "ISGR-SKY.-RES",
    *(f"JMX{number}-{kind}-RES" for number in (1, 2) for kind in ("MOSA", "SKY.", "SRCL")),
)


def catalog_table(catalog: SourceCatalog) -> Table:
    """Return `SourceCatalog.table` with the selection as its last column."""
    table = catalog.table
    table["selected"] = np.array([source.selected for source in catalog], dtype=int)
    # Keywords that MMODA needs in an uploaded catalogue.
    table.meta |= {"FRAME": "fk5", "COORD_UNIT": "deg", "LON_NAME": "ra", "LAT_NAME": "dec"}
    return table


def catalog_hdu(catalog: SourceCatalog, name: str = CATALOG_NAMES[0]) -> fits.BinTableHDU:
    """Return a catalogue as a FITS table."""
    table = catalog_table(catalog)
    columns = [_column(name, table[name]) for name in table.colnames]
    hdu = fits.BinTableHDU.from_columns(columns, name=name)
    if catalog.simulated:
        label_simulated(hdu.header)
    append_cards(
        hdu.header,
        [
            ("FRAME", "fk5", "frame of the positions"),
            ("LON_NAME", "ra", "column of longitudes"),
            ("LAT_NAME", "dec", "column of latitudes"),
            *FRAME_CARDS,
        ],
    )
    return hdu


def read_table(hdu: fits.BinTableHDU) -> Table:
    """Return a table of a FITS file, with its units not yet interpreted (see `unread_unit`)."""
    units = [column.unit for column in hdu.columns]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for column in hdu.columns:
            column.unit = None
        try:
            table = Table.read(hdu)
        finally:
            for column, unit in zip(hdu.columns, units, strict=True):
                column.unit = unit
    for name, unit in zip(table.colnames, units, strict=True):
        null = null_cells(hdu, name)  # astropy would compare nulls with scaled numbers
        if null.any():
            table[name] = MaskedColumn(table[name], mask=null)
        table[name].unit = unread_unit(unit)
    return table


def _column(name: str, values: Any) -> fits.Column:
    if values.dtype.kind in "US":
        return text_column(name, [str(value) for value in values], width=20)
    if values.dtype.kind == "i":
        return integer_column(name, values)
    # "ct / s" is astropy's spelling; FITS tables of INTEGRAL say count/s.
    unit = {"ct / s": "count/s"}.get(str(values.unit), str(values.unit or ""))
    return float_column(name, values, unit or None)
