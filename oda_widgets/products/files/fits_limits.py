"""Check the sizes that the headers of a FITS file announce.

A header of 2,880 bytes can announce a table of any size. None of its numbers is used before it is
known to agree with the size of the file.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from astropy.io import fits

from oda_widgets.errors import DamagedFile, shorten

_BLOCK, _CARD = 2880, 80
_END = b"END".ljust(_CARD)
_FIRST, _NEXT = b"SIMPLE  =", b"XTENSION="
_MOST_HEADER_BYTES = 8 << 20  # of all HDUs together
_MOST_UNITS = 10_000
_MOST_AXES = 999  # limit of the standard
_MOST_TEXT_CELLS = 2_000_000  # of a text table, whose cells are read one by one
_MOST_COLUMNS = 999  # limit of the standard
_MOST_ROWS = 5_000_000
_MOST_PIXELS = 1 << 25  # as 8-byte numbers 268 MB
_MOST_BYTES_OF_ARRAYS = 256 << 20
_FETCH_AGAIN = "Fetch or make the file again."
_FORM = re.compile(r"\s*(?P<repeat>\d*)(?P<code>[LXBIJKAEDCMPQ])(?P<of>[LXBIJKAEDCM]?)")
_BITS = {"L": 8, "X": 1, "B": 8, "I": 16, "J": 32, "K": 64, "A": 8, "E": 32, "D": 64, "C": 64}
_BITS |= {"M": 128, "P": 64, "Q": 128}
_POINTERS = {"P": ">i4", "Q": ">i8"}


@dataclass(frozen=True)
class _Unit:
    """A header, and the position of its data in the file."""

    number: int
    header: fits.Header
    start: int
    size: int

    @property
    def label(self) -> str:
        """Name of the HDU in messages."""
        return f"Its HDU {self.number}"


def sound_part(content: bytes) -> int:
    """Return the number of bytes of a file, from its beginning, that are FITS.

    Parameters
    ----------
    content
        Bytes of the file.

    Raises
    ------
    DamagedFile
        If the file does not begin with a FITS header, an HDU is truncated, or a header announces
        more data than the file holds or than the limits allow.
    """
    end = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about cards; the reader of the file reports what matters
        for unit in _units(content):
            _check_axes(unit)
            if _kind(unit.header) == "BINTABLE":
                _check_table(unit, content)
            elif _kind(unit.header) == "TABLE":
                _check_text_table(unit)
            end = unit.start + -(-unit.size // _BLOCK) * _BLOCK
    return min(end, len(content))


def _units(content: bytes) -> Iterator[_Unit]:
    start, number, header_bytes = 0, 0, 0
    while content.startswith(_NEXT if number else _FIRST, start):
        data = _after_header(content, start)
        if data is None:
            break
        header_bytes += data - start
        if header_bytes > _MOST_HEADER_BYTES or number >= _MOST_UNITS:
            problem = f"It has more than {_MOST_HEADER_BYTES >> 20} MB of headers."
            raise DamagedFile(problem, "Give the HDUs that are needed in a file of their own.")
        header = fits.Header.fromstring(content[start:data].decode("latin-1"))
        unit = _Unit(number, header, data, _data_size(header, f"Its HDU {number}"))
        if data + unit.size > len(content):
            problem = f"{unit.label} is truncated: it announces {unit.size:,} bytes."
            raise DamagedFile(problem, _FETCH_AGAIN)
        yield unit
        start, number = data + -(-unit.size // _BLOCK) * _BLOCK, number + 1
    if not number:
        raise DamagedFile("It is not a FITS file.", _FETCH_AGAIN)


def _after_header(content: bytes, start: int) -> int | None:
    """Return the end of a header, or None if it does not end."""
    place = content.find(_END, start, start + _MOST_HEADER_BYTES)
    while place >= 0 and (place - start) % _CARD:
        place = content.find(_END, place + 1, start + _MOST_HEADER_BYTES)
    if place < 0:
        return None
    end = start + -(-(place + _CARD - start) // _BLOCK) * _BLOCK
    return end if end <= len(content) else None


def _data_size(header: fits.Header, label: str) -> int:
    """Return the size of the data of an HDU in bytes."""
    axes = [
        _whole_number(header, f"NAXIS{axis}", label)
        for axis in range(1, _whole_number(header, "NAXIS", label, most=_MOST_AXES) + 1)
    ]
    if header.get("GROUPS") is True and axes and axes[0] == 0:
        raise DamagedFile(f"{label} holds random groups.", "Give an image or a table.")
    if not axes:
        return 0
    groups = _whole_number(header, "GCOUNT", label, default=1)
    heap = _whole_number(header, "PCOUNT", label, default=0)
    bits = abs(_whole_number(header, "BITPIX", label, least=-64, most=64))
    return bits // 8 * groups * (heap + prod(axes))


def _kind(header: fits.Header) -> str:
    """Return XTENSION of an HDU; the first HDU is an image."""
    return str(header.get("XTENSION", "IMAGE")).strip()


def _whole_number(
    header: fits.Header,
    keyword: str,
    label: str,
    *,
    default: int | None = None,
    least: int = 0,
    most: int = 1 << 62,
) -> int:
    """Check that a keyword is a whole number within limits, and return it."""
    try:
        value = header.get(keyword, default)
    except fits.VerifyError:
        value = "unreadable"
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        problem = f"{label} has {keyword} = {shorten(value)}, which cannot be."
        raise DamagedFile(problem, _FETCH_AGAIN)
    return value


def _check_axes(unit: _Unit) -> None:
    """Check the number of pixels of an image, compressed in tiles or not."""
    header, label = unit.header, unit.label
    if header.get("ZIMAGE") is True:
        names = range(1, _whole_number(header, "ZNAXIS", label, most=_MOST_AXES) + 1)
        pixels = prod(_whole_number(header, f"ZNAXIS{axis}", label) for axis in names)
    elif _kind(header) == "IMAGE":
        names = range(1, _whole_number(header, "NAXIS", label, most=_MOST_AXES) + 1)
        pixels = prod(_whole_number(header, f"NAXIS{axis}", label) for axis in names)
    else:
        return
    if pixels > _MOST_PIXELS:
        problem = f"{label} has {pixels:,} pixels, more than {_MOST_PIXELS:,}."
        raise DamagedFile(problem, "Cut out the part of the sky that is needed.")


def _check_table(unit: _Unit, content: bytes) -> None:
    """Check that rows, columns and arrays of a binary table are possible."""
    header, label = unit.header, unit.label
    width, rows = (_whole_number(header, f"NAXIS{axis}", label) for axis in (1, 2))
    fields = _whole_number(header, "TFIELDS", label)
    if rows > _MOST_ROWS or (rows and not width):
        problem = f"{label} has {rows:,} rows of {width:,} bytes."
        raise DamagedFile(problem, f"Give a table of {_MOST_ROWS:,} rows at most.")
    if fields > _MOST_COLUMNS:
        raise DamagedFile(f"{label} has {fields:,} columns (TFIELDS).", _FETCH_AGAIN)
    forms = [_form(header, number, label) for number in range(1, fields + 1)]
    if sum(size for size, _ in forms) != width:
        problem = f"The columns of {label.lower()} do not fill its rows (NAXIS1 = {width})."
        raise DamagedFile(problem, _FETCH_AGAIN)
    _check_arrays(unit, content, forms)


def _check_text_table(unit: _Unit) -> None:
    """Check the number of cells of a text table, whose columns may overlap."""
    rows = _whole_number(unit.header, "NAXIS2", unit.label)
    fields = _whole_number(unit.header, "TFIELDS", unit.label)
    if fields > _MOST_COLUMNS or rows * fields > _MOST_TEXT_CELLS:
        problem = f"{unit.label} has {rows:,} rows of {fields:,} columns of text."
        raise DamagedFile(problem, "Give a binary table.")


def _form(header: fits.Header, number: int, label: str) -> tuple[int, re.Match[str]]:
    """Return the number of bytes of a column in each row, and its format."""
    form = _FORM.match(str(header.get(f"TFORM{number}", "")).upper())
    if form is None:
        problem = f"{label} has a column {number} without a valid format (TFORM{number})."
        raise DamagedFile(problem, _FETCH_AGAIN)
    repeat = int(form["repeat"] or 1)
    return -(-repeat * _BITS[form["code"]] // 8), form


def _check_arrays(unit: _Unit, content: bytes, forms: list[tuple[int, re.Match[str]]]) -> None:
    """Check that arrays of variable length lie in the heap, and their total size."""
    width, rows = unit.header["NAXIS1"], unit.header["NAXIS2"]
    heap = unit.header.get("PCOUNT", 0)
    table = np.frombuffer(content, np.uint8, width * rows, unit.start).reshape(rows, width)
    offset, total = 0, 0
    for number, (size, form) in enumerate(forms, 1):
        if form["code"] in _POINTERS and size and rows:
            kind = np.dtype(_POINTERS[form["code"]])
            pointers = np.ascontiguousarray(table[:, offset : offset + 2 * kind.itemsize])
            lengths, starts = pointers.view(kind).astype(np.float64).T
            bytes_each = lengths * _BITS[form["of"] or "B"] / 8
            gap = unit.header.get("THEAP", width * rows) - width * rows
            inside = (lengths >= 0) & (starts >= 0) & (starts + bytes_each <= heap - gap)
            if not np.all(inside | (lengths == 0)):
                problem = f"Column {number} of {unit.label.lower()} points outside of its heap."
                raise DamagedFile(problem, _FETCH_AGAIN)
            total += int(bytes_each.sum())
        offset += size
    if total > _MOST_BYTES_OF_ARRAYS:
        problem = f"The arrays of {unit.label.lower()} have {total:,} bytes."
        raise DamagedFile(problem, "Give a table of less.")
