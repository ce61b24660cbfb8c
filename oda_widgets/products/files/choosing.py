"""Choose one of several tables of a file by name or number, never silently the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from astropy.io import fits

from oda_widgets.errors import BadParameter
from oda_widgets.products.files.cards import text_value
from oda_widgets.products.files.container import label_of
from oda_widgets.request.names import source_name
from oda_widgets.request.numbers import whole_number
from oda_widgets.request.paths import PathLike

T = TypeVar("T")
_NAMES = ("NAME", "OBJECT", "SOURCEID")
_MOST_LISTED = 40


def of_source(
    tables: Sequence[fits.BinTableHDU], source: str | None, path: PathLike | fits.HDUList
) -> list[fits.BinTableHDU]:
    """Return the tables of a source; all tables if `source` is None or no table names a source.

    Case and blanks are ignored. If no table names a source, they belong to the one that the user
    names.

    Raises
    ------
    BadParameter
        If no table belongs to the source, or its name is not valid.
    """
    source = None if source is None else source_name("source", source)
    if source is None or not any(map(_names, tables)):
        return list(tables)
    found = [table for table in tables if _comparable(source) in map(_comparable, _names(table))]
    if not found:
        limit = f"{label_of(path)} has no such source"
        raise BadParameter("source", source, limit, f"It has: {listed(map(name_of, tables))}.")
    return found


def numbered(
    values: Sequence[T],
    row: Any,
    path: PathLike | fits.HDUList,
    *,
    what: str,
    describe: Callable[[T], str],
    parameter: str = "row",
    by: str = "row",
) -> T:
    """Return the value with a number, or the only value.

    Parameters
    ----------
    values
        Values to choose from, at least one.
    row
        Number of the value, from 1, or None.
    path
        File for the message.
    what
        Name of the values in the message, in the plural.
    describe
        Function that returns a value as text for the message.
    parameter
        Parameter that the message names if there are several values and `row` is None.
    by
        Parameter whose value is `row`.

    Raises
    ------
    BadParameter
        If there are several values and no number, or no value with this number.
    """
    if row is None and len(values) == 1:
        return values[0]
    known = listed(f"{number}: {describe(value)}" for number, value in enumerate(values, 1))
    several = f"has {len(values)} {what}" if len(values) > 1 else f"has only one of these {what}"
    limit = f"{label_of(path)} {several}"
    if row is None:
        how = by if parameter == by else f"{parameter} or {by}"
        raise BadParameter(parameter, None, limit, f"Choose one by {how}: {known}.")
    number = whole_number(by, row, 1)
    if number > len(values):
        raise BadParameter(by, row, limit, f"There are: {known}.")
    return values[number - 1]


def telling(source: str | None, names: Sequence[Any], bands: Sequence[Any] = ()) -> str:
    """Return the parameter that distinguishes tables: "source", "energy" or "row".

    Parameters
    ----------
    source
        Source that the user chose, or None.
    names, bands
        Source and energy band of each table.
    """
    if source is None and len(set(names)) > 1:
        return "source"
    return "energy" if len(set(bands)) > 1 else "row"


def name_of(table: fits.BinTableHDU) -> str:
    """Return the name of the source of a table, by default the name of the table."""
    return text_value(table.header, *_NAMES) or table.name or "without a name"


def listed(names: Any) -> str:
    """Return names as a list for a message."""
    known = list(names)
    more = f"; and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    return "; ".join(known[:_MOST_LISTED]) + more


def _names(table: fits.BinTableHDU) -> list[str]:
    found = (text_value(table.header, keyword) for keyword in _NAMES)
    return [name for name in found if name]


def _comparable(name: str) -> str:
    return "".join(name.split()).casefold()
