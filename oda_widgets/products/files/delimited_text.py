"""Read text tables whose cells are separated by commas, tabs, bars, semicolons or blanks.

All cells stay text; `number_in` reads the numbers, for files of all formats.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from astropy.table import Column, Table

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.units import unread_unit
from oda_widgets.request.numbers import number_in

_ADVICE = "Give a line with the names of the columns, then a cell for each in every line."
_HEAD = 2  # lines after the names of columns that may be units and a rule
_DASHES = frozenset("- \t|")
_RULE = frozenset("|+-=: \t")  # characters of ruling lines


def delimited_table(lines: Iterable[str], mark: str) -> Table:
    """Return a table of text.

    Parameters
    ----------
    lines
        Names of the columns, then the rows; empty lines are left out.
    mark
        Separator of cells; " " stands for any number of blanks and tabs.

    Raises
    ------
    DamagedFile
        If there are no names, two names are equal, or a row has more cells than names.
    """
    rows = list(rows_of(without_comments(list(lines), mark), mark))
    names, rows = (rows[0], rows[1:]) if rows else ([], [])
    # VizieR underlines the names of columns, with their units between names and rule.
    ruled = next((n for n, row in enumerate(rows[:_HEAD]) if _is_rule(row)), None)
    if ruled is None or (ruled and any(number_in(cell) is not None for cell in rows[0])):
        return table_of_cells(names, [row for row in rows if not _is_rule(row)])
    units = dict(zip(names, rows[0], strict=False)) if ruled else {}
    return with_units(table_of_cells(names, rows[ruled + 1 :]), units)


def without_comments(lines: list[str], mark: str) -> list[str]:
    """Return lines without comments (#): all before the names, and later ones without a separator.

    A comment with as many cells as the numbers that follow holds the names of the columns.
    """
    first = next(
        (n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")),
        len(lines),
    )
    rows = [
        line for line in lines[first:] if not line.lstrip().startswith("#") or mark in line.strip()
    ]
    comments = [line.lstrip().removeprefix("#") for line in lines[:first] if line.strip(" \t#")]
    comments = [line.strip(" ") for line in comments if not _is_ruling_line(line)]
    cells = next(rows_of(rows[:1], mark), [])
    if not comments or all(number_in(cell) is None for cell in cells):
        return rows
    as_many = len(next(rows_of(comments[-1:], mark), [])) == len(cells)
    return [comments[-1], *rows] if as_many or len(comments) == 1 else rows


def _is_rule(row: list[str]) -> bool:
    return all(set(cell) == {"-"} for cell in row)


def table_of_cells(names: list[str], rows: Iterable[list[str]]) -> Table:
    """Return a table of text; short rows are filled with empty cells.

    Raises
    ------
    DamagedFile
        If there are no names, two names are equal, or a row has more cells than names.
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
    """Return a table of text whose separator is the one in its first line."""
    filled = [line for line in lines if line.strip()]
    mark = mark_of((line for line in filled if not _is_ruling_line(line)), " ")
    filled = [line for line in without_comments(filled, mark) if not line.startswith("#")]
    start = next((n for n, line in enumerate(filled) if not _is_ruling_line(line)), len(filled))
    names, below = filled[start : start + 1], filled[start + 1 :]
    # Keep dashes just below the names: the line between the two holds units.
    kept = (n < _HEAD and set(line) <= _DASHES for n, line in enumerate(below))
    rows = [
        line for line, keep in zip(below, kept, strict=True) if keep or not _is_ruling_line(line)
    ]
    rows = [*names, *rows]
    if mark == "|":
        rows = [line.strip().removeprefix("|").removesuffix("|") for line in rows]
    return delimited_table(rows, mark)


def mark_of(lines: Iterable[str], default: str) -> str:
    """Return the separator of cells in the line with the names of the columns.

    Parameters
    ----------
    lines
        Lines of the table; the first one that is not a comment has the names.
    default
        Separator to return if the names contain it, or no other.
    """
    first = next((line.strip() for line in lines if line.strip(" \t#") and line[0] != "#"), "")
    if default.strip(" ") and default in first:
        return default
    return next((each for each in "|\t,;" if each in first), default)


def _is_ruling_line(line: str) -> bool:
    return set(line.strip()) <= _RULE


def with_units(table: Table, units: Mapping[str, Any]) -> Table:
    """Return a table with units of its columns, not yet interpreted."""
    for name, unit in units.items():
        table[name].unit = unread_unit(unit)
    return table


def _column(cells: list[str]) -> Column:
    """Return a column of Python strings, since one cell may be far longer than all others."""
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return Column(column)


def rows_of(lines: Iterable[str], mark: str) -> Iterator[list[str]]:
    """Yield the stripped cells of each row, leaving out empty rows.

    Raises
    ------
    DamagedFile
        If a cell does not end, or is too long.
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
