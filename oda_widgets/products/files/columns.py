"""Write columns of FITS tables without loss, and read them in any case of letters."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
from astropy.io import fits
from numpy.typing import ArrayLike, NDArray

from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.cards import card_value, float_value
from oda_widgets.products.files.text import from_ascii, to_ascii

# Names of data types of numpy in messages.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "c": "complex numbers",
        "b": "truths or bits",
        "S": "text",
        "U": "text",
        "O": "arrays of different lengths",
    }
)
_AS_NUMBERS = "Write the column as numbers (TFORM 1D, 1E, 1J or 1I)."


def float_column(name: str, values: ArrayLike, unit: str | None = None) -> fits.Column:
    """Return a column of 8-byte numbers, which are written without rounding."""
    return fits.Column(name, "1D", unit, array=np.asarray(values, dtype=np.float64))


def compact_column(name: str, values: ArrayLike, unit: str | None = None) -> fits.Column:
    """Return a column of 4-byte numbers if that loses nothing, else of 8-byte numbers.

    Half the size of the large tables of a response is worth a format that depends on the data.

    Parameters
    ----------
    name, unit
        Name and unit for the header.
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
    """Return a column of integers of 2 bytes if possible, else of 4 or 8."""
    numbers = np.asarray(values).astype(np.int64)
    largest = np.max(np.abs(numbers), initial=0)
    code, dtype = next(
        (code, dtype)
        for code, dtype in (("1I", np.int16), ("1J", np.int32), ("1K", np.int64))
        if largest <= np.iinfo(dtype).max or dtype is np.int64
    )
    return fits.Column(name, code, array=numbers.astype(dtype))


def text_column(name: str, values: list[str], width: int = 1) -> fits.Column:
    """Return a column of text (see `to_ascii`), of at least a given width."""
    encoded = [to_ascii(value) for value in values]
    width = max([width, *(len(value) for value in encoded)])
    return fits.Column(name, f"{width}A", array=np.array(encoded, dtype=f"S{width}"))


def column_position(table: fits.BinTableHDU, name: str) -> int:
    """Return the number of a column from 1, ignoring case; 0 if it is missing."""
    known = [column.casefold() for column in table.columns.names]
    return known.index(name.casefold()) + 1 if name.casefold() in known else 0


def has_column(table: fits.BinTableHDU, name: str) -> bool:
    """Return whether a table has a column, ignoring case."""
    return column_position(table, name) > 0


def needed_column(table: fits.BinTableHDU, name: str) -> Any:
    """Return the values of a column as stored in the table.

    Use `needed_floats` or `needed_integers` for numbers.

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


def needed_floats(
    table: fits.BinTableHDU, name: str, *, lists: bool = False
) -> NDArray[np.float64]:
    """Return a column of numbers as 8-byte floats in the byte order of this machine.

    Parameters
    ----------
    table, name
        Table and column of the numbers.
    lists
        True if a row may hold several numbers.

    Returns
    -------
    numbers
        Shape (n_rows,), or (n_rows, ...) for lists; NaN for cells with the null of the column
        (TNULL).

    Raises
    ------
    DamagedFile
        If there is no such column, or it holds text, booleans, bits, complex numbers, or lists that
        are not allowed.
    """
    values = needed_column(table, name)
    _check_kind(table, name, values.dtype.kind)
    if not lists and values.ndim > 1 and values.size != len(values):
        each = values.size // max(len(values), 1)
        _refuse(table, name, f"a list of {each} numbers in each row", "one number in each row")
    numbers = np.array(values, dtype=np.float64)
    numbers[null_cells(table, name)] = np.nan
    return numbers if lists and values.size != len(values) else numbers.reshape(len(values))


def needed_integers(table: fits.BinTableHDU, name: str) -> NDArray[np.int64]:
    """Return a column of whole numbers.

    Raises
    ------
    DamagedFile
        As for `needed_floats`, or if a row does not hold a whole number.
    """
    numbers = needed_floats(table, name)
    known = np.isfinite(numbers) & (numbers == np.rint(numbers))
    check_rows(numbers, known, name, "a whole number is needed in each row")
    return numbers.astype(np.int64)


def needed_arrays(table: fits.BinTableHDU, name: str) -> list[NDArray[np.float64]]:
    """Return the arrays of a column, whose lengths may differ between rows.

    Raises
    ------
    DamagedFile
        As for `needed_floats`.
    """
    values = needed_column(table, name)
    if values.dtype != object:
        numbers = needed_floats(table, name, lists=True)
        return list(map(np.ravel, numbers))
    null = _null(table, name)
    return [_array(table, name, row, null) for row in values]


def _array(
    table: fits.BinTableHDU, name: str, values: Any, null: int | None
) -> NDArray[np.float64]:
    """Return one row of a column of arrays."""
    cells = np.ravel(np.asarray(values))
    if cells.size:  # an empty array may have any type
        _check_kind(table, name, cells.dtype.kind)
    numbers = cells.astype(np.float64)
    if null is not None and cells.dtype.kind in "iu":
        numbers[cells == null] = np.nan
    return numbers


def cell_of(table: fits.BinTableHDU, name: str, row: int) -> Any:
    """Return one cell of a column as stored, but NaN for nulls."""
    value = table.data[name][row]
    kind = np.asarray(value).dtype.kind
    if kind not in "iuf":
        return value
    if table.data[name].dtype == object:
        return _array(table, name, value, _null(table, name))
    null = null_cells(table, name)[row]
    return np.where(null, np.nan, value) if np.any(null) else value


def null_cells(table: fits.BinTableHDU, name: str) -> NDArray[np.bool_]:
    """Return the mask of the cells that hold the null of their column (TNULL, integers only).

    The null is compared with stored values, before TSCAL and TZERO.
    """
    rows = np.asarray(table.data)
    names = rows.dtype.names or ()
    stored = rows[names[column_position(table, name) - 1]]
    null = _null(table, name)
    if null is None or stored.dtype.kind not in "iu":
        return np.zeros(table.data[name].shape, dtype=bool)
    return np.asarray(stored == null)


def _null(table: fits.BinTableHDU, name: str) -> int | None:
    """Return the null of a column, or None; some programs write it in quotes."""
    stated = card_value(table.header, f"TNULL{column_position(table, name)}")
    with suppress(ValueError):
        return int(stated) if isinstance(stated, int | str) else None
    return None


def _check_kind(table: fits.BinTableHDU, name: str, kind: str) -> None:
    if kind not in "iuf":
        _refuse(table, name, KINDS.get(kind, "no numbers"), "numbers")


def _refuse(table: fits.BinTableHDU, name: str, content: str, needed: str) -> NoReturn:
    """Raise `DamagedFile` for the content of a column, with its name and format."""
    keyword = f"TFORM{column_position(table, name)}"
    form = table.header.get(keyword, table.columns[name].format)
    problem = f"The column {name} holds {content} ({keyword} = {form}) where it must hold {needed}."
    raise DamagedFile(problem, _AS_NUMBERS)


def floats_or(
    table: fits.BinTableHDU, name: str, default: float, *, lists: bool = False
) -> NDArray[np.float64]:
    """Return a column of numbers, or a keyword or a default repeated for each row.

    In OGIP files a keyword of the same name can replace a constant column.
    """
    if has_column(table, name):
        return needed_floats(table, name, lists=lists)
    constant = float_value(table.header, name)
    return np.full(len(table.data), default if constant is None else constant)


def texts(table: fits.BinTableHDU, name: str) -> list[str]:
    """Return a column of text."""
    return [from_ascii(str(value).rstrip()) for value in needed_column(table, name)]


def check_rows(
    values: NDArray[np.float64], sound: NDArray[np.bool_], column: str, rule: str
) -> None:
    """Check that all values of a column are valid.

    Parameters
    ----------
    values
        Values of the column, shape (n_rows,).
    sound
        Mask of the valid values.
    column
        Name of the column for the message.
    rule
        Rule for valid values, as a clause.

    Raises
    ------
    DamagedFile
        If some are not valid; the message names the first with its row, from 1.
    """
    if sound.all():
        return
    row = int(np.flatnonzero(~sound)[0])
    more = f" and in {np.sum(~sound) - 1} more rows" if np.sum(~sound) > 1 else ""
    problem = f"The column {column} holds {values[row]:g} in row {row + 1}{more}: {rule}."
    raise DamagedFile(problem, "Correct the file, or make it again.")
