"""Columns of FITS tables: written without loss, read by whatever name they have."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import ArrayLike, NDArray

from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.cards import float_value
from oda_widgets.products.files.text import from_ascii, to_ascii


def float_column(name: str, values: ArrayLike, unit: str | None = None) -> fits.Column:
    """Return a column of 8-byte numbers, so that writing rounds nothing."""
    return fits.Column(name, "1D", unit, array=np.asarray(values, dtype=np.float64))


def compact_column(name: str, values: ArrayLike, unit: str | None = None) -> fits.Column:
    """Return a column of 4-byte numbers where that loses nothing, and else of 8-byte ones.

    For the large tables of a response, half the size is worth a format that depends on the data.

    Parameters
    ----------
    name, unit
        As they stand in the header.
    values
        Shape (n_rows,) or (n_rows, n_elements).
    """
    exact = np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        short = exact.astype(np.float32)
    lossless = np.array_equal(short.astype(np.float64), exact, equal_nan=True)
    repeat = exact.shape[1] if exact.ndim == 2 else 1
    return fits.Column(
        name, f"{repeat}{'E' if lossless else 'D'}", unit, array=short if lossless else exact
    )


def integer_column(name: str, values: ArrayLike) -> fits.Column:
    """Return a column of integers: of 2 bytes where that is enough, else of 4 or 8."""
    numbers = np.asarray(values).astype(np.int64)
    largest = np.max(np.abs(numbers), initial=0)
    code, dtype = next(
        (code, dtype)
        for code, dtype in (("1I", np.int16), ("1J", np.int32), ("1K", np.int64))
        if largest <= np.iinfo(dtype).max or dtype is np.int64
    )
    return fits.Column(name, code, array=numbers.astype(dtype))


def text_column(name: str, values: list[str], width: int = 1) -> fits.Column:
    """Return a column of text (see `to_ascii`), at least as wide as the standard has it."""
    encoded = [to_ascii(value) for value in values]
    width = max([width, *(len(value) for value in encoded)])
    return fits.Column(name, f"{width}A", array=np.array(encoded, dtype=f"S{width}"))


def column_position(table: fits.BinTableHDU, name: str) -> int:
    """Return the number of a column, from 1, in any case of letters; 0 if it is missing."""
    known = [column.casefold() for column in table.columns.names]
    return known.index(name.casefold()) + 1 if name.casefold() in known else 0


def has_column(table: fits.BinTableHDU, name: str) -> bool:
    """Return whether a table has a column, in any case of letters."""
    return column_position(table, name) > 0


def needed_column(table: fits.BinTableHDU, name: str) -> Any:
    """Return the values of a column.

    Raises
    ------
    DamagedFile
        If the table has no such column.
    """
    if not has_column(table, name):
        known = ", ".join(table.columns.names)
        problem = (
            f"The table {table.name or 'without a name'} has no column {name} (it has: {known})."
        )
        raise DamagedFile(problem, "Use a file made for this purpose, or add the column.")
    return table.data[name]


def needed_floats(table: fits.BinTableHDU, name: str) -> NDArray[np.float64]:
    """Return a column of numbers as 8-byte floats in the byte order of this machine."""
    return np.asarray(needed_column(table, name), dtype=np.float64)


def floats_or(table: fits.BinTableHDU, name: str, default: float) -> NDArray[np.float64]:
    """Return a column of numbers, or a header value, or a default, one for each row.

    OGIP lets a file state a constant column by a keyword of the same name.
    """
    if has_column(table, name):
        return needed_floats(table, name)
    constant = float_value(table.header, name)
    return np.full(len(table.data), default if constant is None else constant)


def texts(table: fits.BinTableHDU, name: str) -> list[str]:
    """Return a column of text."""
    return [from_ascii(str(value).rstrip()) for value in needed_column(table, name)]


def check_rows(
    values: NDArray[np.float64], sound: NDArray[np.bool_], column: str, rule: str
) -> None:
    """Refuse a column of which some values cannot be.

    Parameters
    ----------
    values
        Values of the column, shape (n_rows,).
    sound
        Mask of the valid values.
    column
        Name of the column, with that of the table if the file has several.
    rule
        Rule of valid values, as a clause.

    Raises
    ------
    DamagedFile
        If some are not sound; the first is named with its row, from 1.
    """
    if sound.all():
        return
    row = int(np.flatnonzero(~sound)[0])
    more = f" and in {np.sum(~sound) - 1} more rows" if np.sum(~sound) > 1 else ""
    problem = f"The column {column} holds {values[row]:g} in row {row + 1}{more}: {rule}."
    raise DamagedFile(problem, "Correct the file, or make it again.")
