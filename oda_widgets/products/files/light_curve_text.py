"""Read light curves from text: keywords of FITS in comments, then columns between commas.

::

    # TELESCOP = Swift
    # INSTRUME = BAT
    # OBJECT = Crab
    # E_MIN = 15
    # E_MAX = 50
    MJD,WIDTH,RATE,ERROR
    53464.0,4320000,0.2231,0.0012

MJD is in days, from 0 unless MJDREF says otherwise; widths are in seconds. TIME may hold dates, in
UTC unless TIMESYS says otherwise. Columns may be separated by commas, semicolons, tabs, bars or
blanks. Names and cells may be in quotes, and the line of names may begin with "#".
"""

from __future__ import annotations

import re
from math import nan

import numpy as np
from astropy.io import fits

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.dates import is_date
from oda_widgets.products.files.delimited_text import rows_of
from oda_widgets.products.files.light_curve_choice import is_rate
from oda_widgets.products.files.text import to_ascii
from oda_widgets.products.files.text_limits import check_lines, check_text
from oda_widgets.request.numbers import number_in

_KEYWORD = re.compile(r"^#\s*(?P<name>[A-Z][A-Z0-9_-]{0,7})\s*=\s*(?P<value>\S.*)$")
_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$")
_BEGINNING = 8000  # characters that must show what the file is
_MOST_KEYWORDS = 1000  # astropy compares each with all others
_TIMES = frozenset({"MJD", "TIME", "BARYTIME"})
_ENDS = (frozenset({"TIME_MIN", "TIME_MAX"}), frozenset({"TSTART", "TSTOP"}))
_POSITIONS = frozenset({"RA", "DEC", "RAJ2000", "DEJ2000"})  # of catalogues
_MARKS = ",;\t|"
_STATED = re.compile(r"(?P<number>\S+)\s+(?:keV|s|d)$")  # a number with its expected unit
_ADVICE = "Give a line with the names of the columns, then a number for each in every line."


def is_curve_text(content: bytes) -> bool:
    """Return whether a file looks like a light curve in text."""
    text = content[:_BEGINNING].decode("utf-8-sig", "replace")
    return _heads([line for line in text.splitlines() if line.strip()]) is not None


def read_curve_text(content: bytes) -> fits.HDUList:
    """Return a light curve in text as HDUs of FITS.

    Raises
    ------
    DamagedFile
        If it is too large, or a line does not have one number for each column.
    """
    check_text(content)
    check_lines(content)
    text = content.decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    heads = _heads(lines)
    if heads is None:
        raise DamagedFile("It has no line with the names of columns.", _ADVICE)
    names, mark, place = heads
    rows = list(rows_of((line for line in lines[place + 1 :] if not line.startswith("#")), mark))
    for row, cells in enumerate(rows, 1):
        if len(cells) != len(names):
            problem = f"Its row {row} has {len(cells)} cells for {len(names)} columns."
            raise DamagedFile(problem, _ADVICE)
    columns = [
        _column(name, [cells[number] for cells in rows]) for number, name in enumerate(names)
    ]
    table = fits.BinTableHDU.from_columns(columns)
    table.header["HDUCLAS1"] = "LIGHTCURVE"
    if "MJD" in names:
        table.header["MJDREF"] = 0.0
    table.header.update(_keywords(lines))
    return fits.HDUList([fits.PrimaryHDU(), table])


def _heads(lines: list[str]) -> tuple[list[str], str, int] | None:
    """Return the names of the columns, their separator and the index of their line.

    They are in the first line that is not a comment, or else in the last comment before it.
    """
    first = next(
        (place for place, line in enumerate(lines) if not line.startswith("#")), len(lines)
    )
    commented = [place for place in range(first) if not _KEYWORD.match(lines[place])]
    for place in [*range(first, min(first + 1, len(lines))), *commented[::-1]]:
        line = lines[place].lstrip("# ")
        mark = next((each for each in _MARKS if each in line), " ")
        try:
            names = next(rows_of([line], mark), [])
        except DamagedFile:
            continue
        names = [name.upper() for name in names]
        if _are_of_curve(set(names)):
            return names, mark, place
    return None


def _are_of_curve(names: set[str]) -> bool:
    timed = bool(names & _TIMES) or any(names >= ends for ends in _ENDS)
    rated = any(is_rate(name) or name == "COUNTS" for name in names)
    return timed and rated and not names & _POSITIONS


def _keywords(lines: list[str]) -> dict[str, str | float]:
    """Return the keywords in comments; the last one if repeated."""
    found = {one["name"]: one["value"] for one in map(_KEYWORD.match, lines) if one}
    if len(found) > _MOST_KEYWORDS:
        raise DamagedFile(f"It has more than {_MOST_KEYWORDS:,} keywords.", "Give those of FITS.")
    return {name: _value(value.strip()) for name, value in found.items()}


def _column(name: str, cells: list[str]) -> fits.Column:
    """Return a column of numbers or of dates; empty cells become NaN."""
    if any(map(is_date, cells)) and name != "RATE":
        return fits.Column(name, f"{max(map(len, cells))}A", array=[to_ascii(c) for c in cells])
    found = [number_in(cell) if cell else nan for cell in cells]
    if None in found:
        wrong = found.index(None)
        problem = f"The column {name} holds {shorten(cells[wrong])} in row {wrong + 1}, which"
        raise DamagedFile(f"{problem} is no number.", _ADVICE)
    return fits.Column(name, "D", unit=_unit(name), array=np.array(found, dtype=np.float64))


def _unit(name: str) -> str:
    return {"MJD": "d", "WIDTH": "s"}.get(name, "")


def _value(text: str) -> str | float:
    plain = text.strip("'\"").strip()
    stated = _STATED.match(plain)
    number = stated["number"] if stated else plain
    return float(number) if _NUMBER.match(number) else to_ascii(plain)
