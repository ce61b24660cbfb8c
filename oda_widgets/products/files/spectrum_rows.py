"""Read spectra of type II, one in each row of a table (OGIP 92-007)."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.choosing import numbered
from oda_widgets.products.files.columns import cell_of, has_column
from oda_widgets.products.files.units import column_unit
from oda_widgets.request.paths import PathLike

_MEASURED = ("COUNTS", "RATE")
_LONGEST_KEYWORD = 8


def is_type_two(table: fits.BinTableHDU) -> bool:
    """Return whether the rows of a table are spectra, not channels."""
    if not len(table.data):
        return False
    present = [name for name in _MEASURED if has_column(table, name)]
    measured = [
        name for name in present if table.data[name].dtype.kind != "b"
    ]  # bits look like lists
    return any(np.ndim(table.data[name][0]) > 0 for name in measured)


def row_of(
    table: fits.BinTableHDU,
    row: int | None,
    path: PathLike | fits.HDUList,
    what: str = "spectra",
) -> fits.BinTableHDU:
    """Return one row as a table of channels, or of bins of an effective area.

    Raises
    ------
    BadParameter
        If there are several rows and none is chosen, or there is no such row.
    """
    rows = range(len(table.data))
    number = numbered(rows, row, path, what=what, describe=lambda n: _label(table, n))
    values = {name: cell_of(table, name, number) for name in table.columns.names}
    n_channels = max(np.size(value) for value in values.values() if np.ndim(value) > 0)
    header = table.header.copy(strip=True)
    columns = []
    for name, value in values.items():
        if np.ndim(value) == 0:
            _set_keyword(header, name, value)
        elif np.size(value) == n_channels:
            columns.append(_column(name, value, column_unit(table, name)))
    return fits.BinTableHDU.from_columns(columns, header=header, name=table.name)


def _label(table: fits.BinTableHDU, row: int) -> str:
    """Return the name of a row, or its number."""
    for name in ("OBJECT", "NAME", "SRC_NAME", "SPEC_NUM"):
        if has_column(table, name):
            return f"{name} {str(table.data[name][row]).strip()}"
    return f"row {row + 1}"


def _set_keyword(header: fits.Header, name: str, value: Any) -> None:
    """Set a keyword from a single value of a row."""
    if len(name) > _LONGEST_KEYWORD:
        return
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not np.isfinite(plain):
        return
    header[name] = plain.strip() if isinstance(plain, str) else plain


def _column(name: str, value: Any, unit: Any) -> fits.Column:
    values = np.ravel(np.asarray(value))
    if values.dtype.kind not in "iuf":
        problem = f"The column {name} holds no numbers."
        raise DamagedFile(problem, "Give an OGIP spectrum (PHA file).")
    code = "D" if values.dtype.kind == "f" else "K"
    return fits.Column(name, code, unit, array=values.astype("f8" if code == "D" else "i8"))
