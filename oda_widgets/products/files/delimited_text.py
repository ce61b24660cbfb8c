"""Tables in text whose cells stand between marks: commas, tabulators, bars, semicolons, blanks.

All cells stay text. What a number is, `number_in` says, for files of every format.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from astropy.table import Column, Table

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.units import unread_unit

_ADVICE = "Give a line with the names of the columns, then a cell for each in every line."
_RULE = frozenset("|+-=: \t")  # what lines between rows consist of


def delimited_table(lines: Iterable[str], mark: str) -> Table:
    """Return a table of text.

    Parameters
    ----------
    lines
        Names of the columns, and then the rows; those without anything are left out.
    mark
        What stands between cells. Any number of blanks and tabulators is one " ".

    Raises
    ------
    DamagedFile
        If it has no names, two are equal, or a row has more cells than there are names.
    """
    rows = rows_of(lines, mark)
    names = next(rows, [])
    return table_of_cells(names, rows)


def table_of_cells(names: list[str], rows: Iterable[list[str]]) -> Table:
    """Return a table of text; rows with fewer cells than columns end with empty ones.

    Raises
    ------
    DamagedFile
        If there are no names, two are equal, or a row has more cells than there are names.
    """
    if not any(names):
        raise DamagedFile("It has no line with the names of columns.", _ADVICE)
    if len(set(names)) < len(names):
        twice = next(name for n, name in enumerate(names) if name in names[:n])
        problem = f"Two of its columns have one name, {shorten(twice)}."
        raise DamagedFile(problem, "Rename one of them.")
    cells = []
    for number, row in enumerate(rows, 1):
        if len(row) > len(names):
            problem = f"Its row {number} has {len(row)} cells for {len(names)} columns."
            raise DamagedFile(problem, _ADVICE)
        cells.append(row + [""] * (len(names) - len(row)))
    columns = [list(column) for column in zip(*cells, strict=True)] or [[] for _ in names]
    return Table(list(map(_column, columns)), names=names)


def guessed_table(lines: list[str]) -> Table:
    """Return a table of text whose mark is that which its first line holds."""
    plain = [line for line in lines if line.strip() and not set(line.strip()) <= _RULE]
    if plain:  # names behind a "#", as programs comment them
        plain[0] = plain[0].lstrip().removeprefix("#")
    first = plain[0] if plain else ""
    mark = next((each for each in "|\t,;" if each in first.strip()), " ")
    rows = [plain[0], *(line for line in plain[1:] if not line.startswith("#"))] if plain else []
    if mark == "|":
        rows = [line.strip().removeprefix("|").removesuffix("|") for line in rows]
    return delimited_table(rows, mark)


def with_units(table: Table, units: Mapping[str, Any]) -> Table:
    """Return a table with the units of its columns, unread."""
    for name, unit in units.items():
        table[name].unit = unread_unit(unit)
    return table


def _column(cells: list[str]) -> Column:
    """Return a column whose cells each have their own length: one may be far longer than all."""
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return Column(column)


def rows_of(lines: Iterable[str], mark: str) -> Iterator[list[str]]:
    """Yield the cells of each row, without blanks around them; rows without any are left out.

    Raises
    ------
    DamagedFile
        If a cell has no end, or is longer than any.
    """
    blank = mark == " "
    plain = (line.replace("\t", " ").strip() if blank else line for line in lines)
    try:
        for row in csv.reader(plain, delimiter=mark, skipinitialspace=True):
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield cells
    except csv.Error as error:
        raise DamagedFile(f"It is no table ({error}).", _ADVICE) from None
