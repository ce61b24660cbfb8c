"""Choose the column of rates of a light curve, and the component of a vector by its band."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.products.files.band_keywords import read_band
from oda_widgets.products.files.cards import text_value
from oda_widgets.products.files.choosing import listed, numbered
from oda_widgets.products.files.columns import has_column, needed_floats
from oda_widgets.products.files.container import damage_reported, label_of, tables
from oda_widgets.products.files.units import floats_in
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.paths import PathLike

# RATE, RATE1 (XRONOS), COUNT_RATE and NET_RATE (CIAO), RATE_SOFT; not the rate of a background.
_RATE = re.compile(r"(NET_|COUNT_|SRC_|SOURCE_)?RATES?(\d+|_[A-Z0-9]+)?$")
_NOT_RATES = ("_ERR", "_ERROR", "_BKG", "_BACK", "_BACKGROUND", "_UNIT", "_UPLIM")
_CLOSE = 1e-4  # largest relative difference of equal edges of bands


@dataclass(frozen=True)
class Choice:
    """A column of rates, or one component of it, with the band that the file states."""

    table: fits.BinTableHDU
    column: str
    component: int | None = None
    band: EnergyBand | None = None

    def of(self, values: Floats) -> Floats:
        """Return the chosen component of values, which have one row for each bin."""
        if values.ndim == 1 or self.component is None:
            return values
        return np.ascontiguousarray(values[:, self.component])

    @property
    def label(self) -> str:
        """Name of the choice in messages."""
        part = "" if self.component is None else f"[{self.component + 1}]"
        return f"{self.column}{part}" if self.band is None else f"{self.column}{part}, {self.band}"


def is_rate(name: str) -> bool:
    """Return whether a column with this name, in capitals, holds rates."""
    return _RATE.match(name) is not None and not name.endswith(_NOT_RATES)


def rate_columns(table: fits.BinTableHDU) -> list[str]:
    """Return the columns of rates; if there are none, the column of counts of an OGIP table."""
    names = [name.upper() for name in table.columns.names]
    if "RATE" in names:
        return ["RATE"]
    found = [name for name in names if is_rate(name)]
    stated = (text_value(table.header, "HDUCLAS1") or "").upper()
    counts = ["COUNTS"] if has_column(table, "COUNTS") and stated == "LIGHTCURVE" else []
    return found or counts


def chosen_column(
    hdus: fits.HDUList,
    table: fits.BinTableHDU,
    column: Any,
    energy: EnergyBand | None,
    path: PathLike | fits.HDUList,
) -> Choice:
    """Return the column of rates, and the component if it holds several.

    Parameters
    ----------
    hdus
        HDUs of the file; a table EBOUNDS states the bands of a vector of rates (Swift/BAT).
    table
        Table of the light curve.
    column
        Number of the column from 1, or its name; None if there is only one, or `energy` chooses it.
    energy
        Band to choose, or None.
    path
        File for the message.

    Raises
    ------
    BadParameter
        If there are several and none is chosen, or none has this number, name or band.
    """
    names = rate_columns(table)
    with damage_reported(path):
        choices = [choice for name in names for choice in _components(hdus, table, name)]
    if isinstance(column, str):
        if column.upper() not in names:
            limit = f"{label_of(path)} has no such column of rates"
            raise BadParameter("column", column, limit, f"It has: {listed(names)}.")
        choices, column = [each for each in choices if each.column == column.upper()], None
    if column is None and energy is not None:
        choices = _of_band(choices, energy, path)
    stated = len({choice.band for choice in choices}) > 1
    found = numbered(
        choices,
        column,
        path,
        what="columns of rates",
        describe=lambda choice: choice.label,
        parameter="energy" if stated and energy is None else "column",
        by="column",
    )
    if energy is not None:
        _of_band([found], energy, path)
    return found


def same_band(band: EnergyBand | None, other: EnergyBand) -> bool:
    """Return whether two bands are equal but for rounding; a band of None equals all others."""
    return band is None or all(
        isclose(edge, edge_of_other, rel_tol=_CLOSE)
        for edge, edge_of_other in ((band.low, other.low), (band.high, other.high))
    )


def band_of(hdus: fits.HDUList, table: fits.BinTableHDU) -> EnergyBand | None:
    """Return the common band of all rates of a table; None if not stated or if they differ."""
    names = rate_columns(table)
    vector = names and np.ndim(table.data[names[0]]) == 2
    own = vector and _bands(hdus, table.data[names[0]].shape[1])[0] is not None
    return None if own else read_band(table.header)


def _of_band(
    choices: Sequence[Choice], energy: EnergyBand, path: PathLike | fits.HDUList
) -> list[Choice]:
    found = [choice for choice in choices if same_band(choice.band, energy)]
    if not found:
        limit = f"{label_of(path)} has no column of rates of this energy band"
        known = listed(str(choice.band) for choice in choices)
        raise BadParameter("energy", energy, limit, f"Choose one of: {known}.")
    return found


def _components(hdus: fits.HDUList, table: fits.BinTableHDU, name: str) -> list[Choice]:
    values = needed_floats(table, name, lists=True)
    if values.ndim == 1:
        return [Choice(table, name)]
    if values.ndim > 2:  # bins and components
        problem = f"The column {name} holds an array for each bin."
        raise DamagedFile(problem, "Give a table with one rate, or a list of rates, a bin.")
    bands = _bands(hdus, values.shape[1])
    return [Choice(table, name, number, bands[number]) for number in range(values.shape[1])]


def _bands(hdus: fits.HDUList, number: int) -> list[EnergyBand | None]:
    """Return the bands of the components of a vector from a table EBOUNDS."""
    for table in tables(hdus):
        named = "EBOUNDS" in {table.name, (text_value(table.header, "HDUCLAS2") or "").upper()}
        if named and len(table.data) == number:
            edges = floats_in(table, "E_MIN", "keV"), floats_in(table, "E_MAX", "keV")
            return [EnergyBand(*sorted(pair)) for pair in zip(*edges, strict=True)]
    return [None] * number
