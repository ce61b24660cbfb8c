"""Light curves as text: keywords of FITS in comments, then columns between commas.

::

    # TELESCOP = Swift
    # INSTRUME = BAT
    # OBJECT = Crab
    # E_MIN = 15
    # E_MAX = 50
    MJD,WIDTH,RATE,ERROR
    53464.0,4320000,0.2231,0.0012

MJD is in days, unless MJDREF says otherwise from 0; widths are in seconds.
"""

from __future__ import annotations

import re
from math import nan

import numpy as np
from astropy.io import fits

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.delimited_text import rows_of
from oda_widgets.products.files.text import to_ascii
from oda_widgets.products.files.text_limits import check_lines, check_text
from oda_widgets.request.numbers import number_in

_KEYWORD = re.compile(r"^#\s*(?P<name>[A-Z][A-Z0-9_-]{0,7})\s*=\s*(?P<value>\S.*)$")
_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$")
_BEGINNING = 8000  # characters in which it shows what a text is
_MOST_KEYWORDS = 1000  # astropy compares each with all others
_TIMES = frozenset({"MJD", "TIME"})
_ADVICE = "Give a line with the names of the columns, then a number for each in every line."


def is_curve_text(content: bytes) -> bool:
    """Return whether a file looks like a light curve between commas."""
    text = content[:_BEGINNING].decode("utf-8", "replace")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    names = {name.strip().upper() for name in next(lines, "").split(",")}
    return bool(names & _TIMES) and "RATE" in names


def read_curve_text(content: bytes) -> fits.HDUList:
    """Return the table of such a file as FITS would hold it.

    Raises
    ------
    DamagedFile
        If it is too large, or a line has other than one number for each column.
    """
    check_text(content)
    check_lines(content)
    lines = [line for line in content.decode("utf-8", "replace").splitlines() if line.strip()]
    heads, *rows = rows_of((line for line in lines if not line.startswith("#")), ",")
    names = [name.upper() for name in heads]
    numbers = [_numbers(row, names, number) for number, row in enumerate(rows, 1)]
    columns = np.array(numbers, dtype=np.float64).reshape(len(rows), len(names)).T
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(name, "D", unit=_unit(name), array=values)
            for name, values in zip(names, columns, strict=True)
        ]
    )
    if "MJD" in names:
        table.header["MJDREF"] = 0.0
    table.header.update(_keywords(lines))
    return fits.HDUList([fits.PrimaryHDU(), table])


def _keywords(lines: list[str]) -> dict[str, str | float]:
    """Return the keywords in comments; of one that occurs twice the last counts."""
    found = {one["name"]: one["value"] for one in map(_KEYWORD.match, lines) if one}
    if len(found) > _MOST_KEYWORDS:
        raise DamagedFile(f"It has more than {_MOST_KEYWORDS:,} keywords.", "Give those of FITS.")
    return {name: _value(value.strip()) for name, value in found.items()}


def _numbers(cells: list[str], names: list[str], row: int) -> list[float]:
    """Return the numbers of a row; an empty cell holds none: NaN."""
    if len(cells) != len(names):
        problem = f"Its row {row} has {len(cells)} cells for {len(names)} columns."
        raise DamagedFile(problem, _ADVICE)
    found = [number_in(cell) if cell else nan for cell in cells]
    if None in found:
        wrong = found.index(None)
        problem = f"The column {names[wrong]} holds {shorten(cells[wrong])} in row {row}, which"
        raise DamagedFile(f"{problem} is no number.", _ADVICE)
    return [number for number in found if number is not None]


def _unit(name: str) -> str:
    return {"MJD": "d", "WIDTH": "s"}.get(name, "")


def _value(text: str) -> str | float:
    return float(text) if _NUMBER.match(text) else to_ascii(text)
