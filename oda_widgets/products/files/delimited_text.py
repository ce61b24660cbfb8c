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
from oda_widgets.request.numbers import number_in

_ADVICE = "Give a line with the names of the columns, then a cell for each in every line."
_HEAD = 2  # lines below the names of columns that may be units and a rule
_DASHES = frozenset("- \t|")
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
    rows = list(rows_of(without_comments(list(lines), mark), mark))
    names, rows = (rows[0], rows[1:]) if rows else ([], [])
    # VizieR underlines the names of columns and, between the two, states their units.
    ruled = next((n for n, row in enumerate(rows[:_HEAD]) if _is_rule(row)), None)
    if ruled is None or (ruled and any(number_in(cell) is not None for cell in rows[0])):
        return table_of_cells(names, [row for row in rows if not _is_rule(row)])
    units = dict(zip(names, rows[0], strict=False)) if ruled else {}
    return with_units(table_of_cells(names, rows[ruled + 1 :]), units)


def without_comments(lines: list[str], mark: str) -> list[str]:
    """Return lines without comments (#): those before the names, and others without a mark.

    A comment that has as many cells as the numbers behind it holds the names of the columns.
    """
    first = next(
        (n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")),
        len(lines),
    )
    behind = [
        line for line in lines[first:] if not line.lstrip().startswith("#") or mark in line.strip()
    ]
    told = [line.lstrip().removeprefix("#") for line in lines[:first] if line.strip(" \t#")]
    told = [line.strip(" ") for line in told if not _is_line(line)]
    cells = next(rows_of(behind[:1], mark), [])
    if not told or all(number_in(cell) is None for cell in cells):
        return behind
    as_many = len(next(rows_of(told[-1:], mark), [])) == len(cells)
    return [told[-1], *behind] if as_many or len(told) == 1 else behind


def _is_rule(row: list[str]) -> bool:
    return all(set(cell) == {"-"} for cell in row)


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
    told = [line for line in lines if line.strip()]
    mark = mark_of((line for line in told if not _is_line(line)), " ")
    told = [line for line in without_comments(told, mark) if not line.startswith("#")]
    start = next((n for n, line in enumerate(told) if not _is_line(line)), len(told))
    plain = told[start:]
    below = plain[1:]
    # Dashes just below the names tell what stands between the two.
    kept = (n < _HEAD and set(line) <= _DASHES for n, line in enumerate(below))
    rows = [line for line, keep in zip(below, kept, strict=True) if keep or not _is_line(line)]
    rows = [*plain[:1], *rows]
    if mark == "|":
        rows = [line.strip().removeprefix("|").removesuffix("|") for line in rows]
    return delimited_table(rows, mark)


def mark_of(lines: Iterable[str], usual: str) -> str:
    """Return the mark between the cells of a table: the usual one, or another that its names have.

    Parameters
    ----------
    lines
        Of which the first that is no comment has the names.
    usual
        Taken where the names hold it, or no other.
    """
    first = next((line.strip() for line in lines if line.strip(" \t#") and line[0] != "#"), "")
    if usual.strip(" ") and usual in first:
        return usual
    return next((each for each in "|\t,;" if each in first), usual)


def _is_line(line: str) -> bool:
    return set(line.strip()) <= _RULE


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
