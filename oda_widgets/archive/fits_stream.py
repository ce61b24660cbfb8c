"""Read FITS in one pass: parse the headers, and keep only the wanted columns of tables.

`astropy.io.fits` parses only headers with unusual cards: it takes 7 ms for a hundred cards, longer
than reading the beginning of a file. It does not read the tables, because it unpacks gzip more
slowly and converts every column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite, prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.byte_stream import ByteStream
from oda_widgets.archive.damage import ContentError, naming
from oda_widgets.files import open_regular

Header = Mapping[str, Any]
Columns = dict[str, NDArray[Any]]

_BLOCK = 2880
_CARD = 80
_END = "END".ljust(_CARD)
_ROWS_OF_BYTES = 1 << 18
_MOST_HEADER_BLOCKS = 1000
_MOST_BYTES = 1 << 30  # of one unit; ten times the longest science windows
_LAST_CARD = re.compile(rb"(?:.{80})*?END {77}", re.DOTALL)
_PLAIN_CARD = re.compile(
    r"(?P<name>[A-Z][A-Z0-9_-]*) *(?<=^.{8})= +"
    r"(?:'(?P<text>[ -%(-~]*)'|(?P<truth>[TF])|(?P<whole>[+-]?\d+)|"
    r"(?P<real>[+-]?\d+\.\d*(?:E[+-]?\d+)?))"
    r" *(?:/[ -~]*)?"
)
_WITHOUT_VALUE = ("        ", "COMMENT ", "HISTORY ")
_FORMAT = re.compile(r"(?P<repeat>\d*)(?P<letter>[LXBIJKAEDCMPQ])")
_BITS = {"X": 1, "L": 8, "B": 8, "A": 8, "I": 16, "J": 32, "E": 32} | dict.fromkeys("KDCP", 64)
_BITS |= dict.fromkeys("MQ", 128)
_NUMPY = {"1B": "u1", "1I": ">i2", "1E": ">f4", "1D": ">f8"}


def headers(stream: ByteStream) -> Iterator[Header]:
    """Yield the header of each unit; its data must be read or skipped before the next.

    Raises
    ------
    ContentError
        If the stream is not FITS.
    EOFError
        If it ends inside a header.
    """
    start = b"SIMPLE  ="
    while not stream.at_end():
        block = stream.read(_BLOCK)
        if not block.startswith(start):
            if start == b"SIMPLE  =":
                message = "is not a FITS file"
                raise ContentError(message)
            break  # the standard allows special records after the last unit
        yield _parse(_complete(stream, block))
        start = b"XTENSION="
    stream.drain()


def check_whole(path: Path) -> None:
    """Check that a file, plain or gzip, is FITS and holds all data that its headers announce.

    Raises
    ------
    ArchiveError
        If the file is not there or may not be read.
    DamagedFile
        If it is incomplete, or announces a unit of more than 1 GB.
    """
    with naming(path), open_regular(path) as file:
        stream = ByteStream(file)
        for header in headers(stream):
            skip_data(stream, header)


def skip_data(stream: ByteStream, header: Header) -> None:
    """Skip the data of a unit."""
    stream.skip(_padded(_data_bytes(header)))


def holds_data(length: int, stream: ByteStream, header: Header) -> bool:
    """Return True if a file of `length` bytes can hold the data that come next in the stream."""
    return length % _BLOCK == 0 and length >= stream.position + _padded(_data_bytes(header))


def read_columns(stream: ByteStream, header: Header, formats: Mapping[str, str]) -> Columns:
    """Return some columns of a table as arrays in the byte order of this machine.

    Parameters
    ----------
    stream
        Positioned at the data of the table.
    header
        Header of the table.
    formats
        Wanted columns and the FITS format each must have: "1B", "1I", "1E" or "1D".

    Raises
    ------
    ContentError
        If a column is missing or has another format.
    EOFError
        If the data end before the last row.
    """
    dtype = _row_type(header, formats)
    count = whole_number(header, "NAXIS2")
    size = _data_bytes(header)
    columns: Columns = {name: np.empty(count, dtype[name].newbyteorder("=")) for name in formats}
    at_once = max(_ROWS_OF_BYTES // max(dtype.itemsize, 1), 1)
    for first in range(0, count, at_once):
        # Few enough to stay in the cache of the processor.
        part = slice(first, min(first + at_once, count))
        number = part.stop - part.start
        rows = np.ndarray(number, dtype, stream.read(number * dtype.itemsize))
        for name, values in columns.items():
            values[part] = rows[name]
    stream.skip(_padded(size) - count * dtype.itemsize)
    return columns


def check_columns(header: Header, formats: Mapping[str, str]) -> None:
    """Raise `ContentError` if a column is missing or has another format than wanted."""
    _row_type(header, formats)


def usable_columns(header: Header, formats: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that a table has in the wanted format."""
    offsets = _offsets(header)
    return {name: code for name, code in formats.items() if offsets.get(name, (0, ""))[1] == code}


def whole_number(header: Header, keyword: str) -> int:
    """Return a keyword that must be a whole number, zero or above."""
    value = header.get(keyword)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        message = f"has no valid keyword {keyword} ({value!r})"
        raise ContentError(message)
    return value


def real_number(header: Header, keyword: str) -> float:
    """Return a keyword that must be a finite number."""
    value = header.get(keyword)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        message = f"has no valid keyword {keyword} ({value!r})"
        raise ContentError(message)
    return float(value)


def _complete(stream: ByteStream, header: bytearray) -> bytes:
    while not _LAST_CARD.match(header, max(0, len(header) - _BLOCK)):
        if len(header) > _MOST_HEADER_BLOCKS * _BLOCK:
            message = "has a header without end"
            raise ContentError(message)
        header += stream.read(_BLOCK)
    return bytes(header)


def _parse(block: bytes) -> Header:
    plain = _parse_plain(block)
    return _parse_unusual(block) if plain is None else plain


def _parse_plain(block: bytes) -> Header | None:
    """Return a header of plain cards only; None if any card is unusual."""
    header: dict[str, Any] = {}
    text = block.decode("ascii", "replace")
    for first in range(0, len(text), _CARD):
        card = text[first : first + _CARD]
        if card.startswith(_WITHOUT_VALUE):
            continue
        if card == _END:
            return header
        found = _PLAIN_CARD.fullmatch(card)
        if found is None:
            return None
        header.setdefault(found["name"], _plain_value(found))
    return None


def _plain_value(card: re.Match[str]) -> Any:
    if card["text"] is not None:
        return card["text"].rstrip()
    if card["truth"]:
        return card["truth"] == "T"
    return int(card["whole"]) if card["whole"] else float(card["real"])


def _parse_unusual(block: bytes) -> Header:
    from astropy.io import fits  # noqa: PLC0415 - heavy import

    try:
        header = fits.Header.fromstring(block.decode("ascii"))
        return {name: header[name] for name in header if name not in {"", "COMMENT", "HISTORY"}}
    except (UnicodeDecodeError, ValueError, fits.VerifyError) as error:
        message = f"has an unreadable header ({error})"
        raise ContentError(message) from None


def _data_bytes(header: Header) -> int:
    axes = [whole_number(header, f"NAXIS{n + 1}") for n in range(whole_number(header, "NAXIS"))]
    if not axes:
        return 0
    counts = {"GCOUNT": 1, "PCOUNT": 0, **header}  # a primary unit may lack them
    groups, heap = whole_number(counts, "GCOUNT"), whole_number(counts, "PCOUNT")
    size = abs(int(real_number(header, "BITPIX"))) // 8 * groups * (heap + prod(axes))
    if size > _MOST_BYTES:
        message = f"announces more data than there is memory for ({size:,} bytes in one unit)"
        raise ContentError(message)
    return size


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _row_type(header: Header, formats: Mapping[str, str]) -> np.dtype[Any]:
    """Return the type of a row in which only the wanted columns are visible."""
    _need_binary_table(header)
    offsets = _offsets(header)
    for name, expected in formats.items():
        found = offsets.get(name, (0, "missing"))[1]
        if found != expected:
            message = f"has no usable column {name} (it should be {expected}, it is {found})"
            raise ContentError(message)
    return np.dtype(
        {
            "names": list(formats),
            "formats": [_NUMPY[code] for code in formats.values()],
            "offsets": [offsets[name][0] for name in formats],
            "itemsize": whole_number(header, "NAXIS1"),
        }
    )


def _need_binary_table(header: Header) -> None:
    expected = {"XTENSION": "BINTABLE", "BITPIX": 8, "NAXIS": 2, "GCOUNT": 1}
    for keyword, value in expected.items():
        if header.get(keyword) != value:
            name = header.get("EXTNAME")
            message = f"has no binary table {name} ({keyword} is {header.get(keyword)!r})"
            raise ContentError(message)


def _offsets(header: Header) -> dict[str, tuple[int, str]]:
    """Return, for each column, where it starts in a row and its format ("scaled" if scaled)."""
    found: dict[str, tuple[int, str]] = {}
    offset = 0
    for number in range(1, whole_number(header, "TFIELDS") + 1):
        code = _FORMAT.match(str(header.get(f"TFORM{number}", "")))
        if code is None:
            message = f"has no valid keyword TFORM{number}"
            raise ContentError(message)
        repeat = int(code["repeat"] or 1)
        name = str(header.get(f"TTYPE{number}", "")).strip().upper()
        found.setdefault(name, (offset, _plain_format(header, number, repeat, code["letter"])))
        offset += -(-repeat * _BITS[code["letter"]] // 8)
    if offset != whole_number(header, "NAXIS1"):
        message = f"has rows of {header['NAXIS1']} bytes whose columns need {offset}"
        raise ContentError(message)
    return found


def _plain_format(header: Header, number: int, repeat: int, letter: str) -> str:
    scaled = header.get(f"TSCAL{number}", 1) != 1 or header.get(f"TZERO{number}", 0) != 0
    return "scaled" if scaled else f"{repeat}{letter}"
