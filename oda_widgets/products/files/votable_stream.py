"""Count the rows of binary streams in VOTables; astropy silently drops an incomplete row."""

from __future__ import annotations

import base64
import re
from binascii import Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType

from oda_widgets.errors import DamagedFile

_BITS = MappingProxyType(
    {"bit": 1, "short": 16, "int": 32, "long": 64, "unicodeChar": 16, "float": 32, "double": 64}
    | {"floatComplex": 64, "doubleComplex": 128}
)
_BITS_OF_OTHERS = 8  # char, boolean, unsignedByte
_BYTES_OF_LENGTH = 4
_FETCH_AGAIN = "Fetch or make the file again."


@dataclass(frozen=True)
class _Cell:
    """The size of a cell in bits, or that of each element if its length precedes it."""

    bits: int
    variable: bool

    @classmethod
    def of(cls, field: Mapping[str, str]) -> _Cell:
        """Return the size of the cells of a column."""
        size = field.get("arraysize", "1")
        each = _BITS.get(field.get("datatype", ""), _BITS_OF_OTHERS)
        variable = size.strip().endswith("*")
        fixed = size.rpartition("x")[0] if variable else size  # "10*" is variable, at most 10
        return cls(each * prod(map(int, re.findall(r"\d+", fixed, re.ASCII))), variable)

    def after(self, content: bytes, place: int) -> int:
        """Return the end of the cell that begins at a place."""
        if not self.variable:
            return place + _bytes(self.bits)
        first = place + _BYTES_OF_LENGTH
        return first + _bytes(self.bits * int.from_bytes(content[place:first], "big"))


def rows_of_stream(text: str, fields: Sequence[Mapping[str, str]], *, null_flags: bool) -> int:
    """Return the number of rows in a stream.

    Parameters
    ----------
    text
        Stream in base64.
    fields
        Attributes of the columns.
    null_flags
        True if each row begins with a bit for each column (BINARY2).

    Raises
    ------
    DamagedFile
        If it ends within a row.
    """
    try:
        content = base64.b64decode(text)
    except (Error, ValueError):
        problem = "Its table is not in base64, or its end is missing."
        raise DamagedFile(problem, _FETCH_AGAIN) from None
    cells = [_Cell.of(field) for field in fields]
    flags = _bytes(len(cells)) if null_flags else 0
    place, rows = 0, 0
    while place < len(content):
        place += flags
        for cell in cells:
            place = cell.after(content, place)
        rows += 1
    if place > len(content):
        raise DamagedFile(f"Its table ends within row {rows}.", _FETCH_AGAIN)
    return rows


def _bytes(bits: int) -> int:
    return -(-bits // 8)
