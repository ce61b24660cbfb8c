"""Read text tables of unknown format: byte by byte (VizieR), IPAC, or separated columns."""

from __future__ import annotations

import re
from itertools import pairwise

from astropy.table import Table

from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.delimited_text import (
    guessed_table,
    table_of_cells,
    with_units,
)

_BY_BYTES = re.compile(r"Byte-by-byte Description", re.IGNORECASE)
_DESCRIBED = re.compile(
    r"\s*(?:(?P<start>\d{1,5})\s*-)?\s*(?P<end>\d{1,5})\s+[AIFELD]\d+(?:\.\d+)?\s+"
    r"(?P<unit>\S+)\s+(?P<name>\S+)",
    re.ASCII,
)
_RULE = re.compile(r"(-{20,}|={20,})\s*")
_NO_UNIT = "---"
_KINDS_OF_IPAC = re.compile(r"i(nt(eger)?)?|l(ong)?|d(ouble)?|f(loat)?|r(eal)?|c(har)?|date|t")
_NAMES, _KINDS, _UNITS = range(3)  # first lines of IPAC's tables, with bars between cells
_TRIED = (
    "byte by byte (VizieR, AAS), IPAC, and columns between bars, tabulators, commas, semicolons or "
    "blanks"
)


def table_of_any_format(lines: list[str]) -> Table:
    """Return the table in lines of text of unknown format; its cells stay text.

    Raises
    ------
    DamagedFile
        If it has none of the known formats.
    """
    try:
        if any(map(_BY_BYTES.search, lines)):
            return _table_by_bytes(lines)
        heads = [line for line in lines if line.startswith("|")]
        return _table_of_ipac(lines, heads) if _is_ipac(heads) else guessed_table(lines)
    except DamagedFile as error:
        advice = f"{error.advice} Formats that are tried: {_TRIED}."
        raise DamagedFile(error.problem, advice) from None


def _table_by_bytes(lines: list[str]) -> Table:
    """Return a table whose columns are given by their first and last bytes."""
    columns = [found for found in map(_DESCRIBED.match, lines) if found]
    last = max((n for n, line in enumerate(lines) if _RULE.fullmatch(line)), default=-1)
    places = [slice(int(one["start"] or one["end"]) - 1, int(one["end"])) for one in columns]
    rows = [[line[place].strip() for place in places] for line in lines[last + 1 :] if line.strip()]
    units = {one["name"]: one["unit"] for one in columns if one["unit"] != _NO_UNIT}
    return with_units(table_of_cells([one["name"] for one in columns], rows), units)


def _is_ipac(heads: list[str]) -> bool:
    """Return whether the second line between bars names types of columns."""
    kinds = [] if len(heads) <= _KINDS else _between_bars(heads[_KINDS])
    return bool(kinds) and all(_KINDS_OF_IPAC.fullmatch(kind.lower()) for kind in kinds)


def _table_of_ipac(lines: list[str], heads: list[str]) -> Table:
    """Return a table whose columns are aligned with the bars of its first lines."""
    bars = [place for place, letter in enumerate(heads[_NAMES].rstrip()) if letter == "|"]
    places = [slice(first, second) for first, second in pairwise(bars)]
    names = [heads[_NAMES][place].strip("| ") for place in places]
    rows = [
        [line[place].strip() for place in places]
        for line in lines
        if line.strip() and line[0] not in "\\|"
    ]
    units = heads[_UNITS] if len(heads) > _UNITS else ""
    stated = {name: units[place].strip("| ") for name, place in zip(names, places, strict=True)}
    return with_units(table_of_cells(names, rows), stated)


def _between_bars(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
