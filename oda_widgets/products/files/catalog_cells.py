"""Read the names of columns and the cells of a table of sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import numpy as np
from astropy.table import Table

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.columns import KINDS
from oda_widgets.products.files.text import from_ascii
from oda_widgets.products.files.units import unit_of, unread_unit
from oda_widgets.request.numbers import number_in

# A name with its unit, or with its epoch: "ra [h]", "Dec (deg)", "RA (J2000)".
_SUFFIX = re.compile(r"(?P<name>[^\[\](){}]{1,60}?)\s{0,9}[\[(](?P<suffix>[^\[\](){}]{1,40})[\])]")
_EPOCH = re.compile(r"j2000(\.0)?|b1950(\.0)?|icrs|2000(\.0)?", re.IGNORECASE)


def with_plain_names(table: Table) -> Table:
    """Return a table with units moved from the names of columns to the columns.

    "ra [h]" becomes "ra" in hours, "RA (J2000)" becomes "RA_J2000".
    """
    names, units = list(table.colnames), dict[str, str]()
    for n, name in enumerate(names):
        plain, unit = _name_and_unit(name)
        if plain not in names:
            names[n] = plain
            if unit and table[name].unit is None:
                units[plain] = unit
    if names == list(table.colnames):
        return table
    renamed = table.copy(copy_data=False)
    renamed.rename_columns(list(table.colnames), names)
    for name, unit in units.items():
        renamed[name].unit = unread_unit(unit)
    return renamed


def _name_and_unit(name: str) -> tuple[str, str]:
    """Return the name of a column and the unit in brackets after it; "" if none."""
    found = _SUFFIX.fullmatch(name.strip())
    if found is None:
        return name, ""
    suffix = found["suffix"].strip()
    if _EPOCH.fullmatch(suffix):
        return f"{found['name']}_{suffix.removesuffix('.0')}", ""
    with suppress(DamagedFile):
        return found["name"], suffix if unit_of(suffix, name) is not None else ""
    return name, ""


def known_columns(table: Table) -> dict[str, str]:
    """Return the columns of a table by their names in lower case, with _ for blanks.

    Columns with several values in a row (fluxes per band in OSA) are left out.
    """
    single = [name for name in table.colnames if table[name].ndim == 1]
    blanks = {"_".join(name.casefold().split()): name for name in reversed(single)}
    return blanks | {name.casefold(): name for name in single}


def find_column(table: Table, aliases: Sequence[str]) -> str | None:
    """Return the column with the first alias that the table has, or None."""
    known = known_columns(table)
    return next((known[alias] for alias in aliases if alias in known), None)


def refuse_without(table: Table, field: str, name: str) -> NoReturn:
    """Raise `DamagedFile` for a table without a column that is needed."""
    problem = f"The table has no column for {field} (it has: {', '.join(table.colnames)})."
    raise DamagedFile(problem, f"Name one of its columns {name}.")


def check_numbers(table: Table, column: str) -> None:
    """Check that a column holds numbers, or text that may be numbers."""
    values = table[column]
    kind = KINDS.get(values.dtype.kind, "")
    if values.dtype.kind == "O" and not any(np.ndim(value) for value in values):
        return
    if values.dtype.kind not in "iufSU":
        problem = f"The column {column} holds {kind or 'no numbers'} where it must hold numbers."
        raise DamagedFile(problem, "Write the column as numbers, or rename it.")


def number_of(value: Any, column: str, default: float) -> float:
    """Return the number in a cell, or the default if it is empty."""
    if value is None or value is np.ma.masked or (isinstance(value, str) and not value.strip()):
        return default
    with suppress(TypeError, ValueError, OverflowError):
        number = (
            float(value) if not isinstance(value, str | bytes) else number_in(text_of_cell(value))
        )
        if number is not None:
            return number
    problem = f"The column {column} holds {shorten(value)}, which is not a number."
    raise DamagedFile(problem, "Give numbers; positions in degrees, J2000.")


def text_of_cell(value: Any) -> str:
    """Return the text in a cell, "" if it is empty."""
    if value is None or value is np.ma.masked:
        return ""
    plain = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return from_ascii(plain)
