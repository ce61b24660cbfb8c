"""Read the dispatcher's data units, each the content of one HDU, as HDUs of FITS."""

from __future__ import annotations

import ast
import base64
import binascii
import json
import re
import warnings
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.protocol.pickle_reader import FitsRows, read_pickle
from oda_widgets.protocol.reply import LARGEST_REPLY, unusable

_LONGEST_DTYPE = 20_000  # characters
_RECORD = re.compile(r"\(\s*(?:numpy\.|np\.)?record\s*,\s*(?P<fields>\[.*\])\s*\)", re.DOTALL)
_ITEM = re.compile(r"[<>|=]?[biufSU]\d{1,4}|\?|(?:float|int|uint)\d{1,2}|bool")
_LAYOUT = """
    SIMPLE XTENSION BITPIX NAXIS NAXIS1 NAXIS2 NAXIS3 PCOUNT GCOUNT EXTEND CHECKSUM DATASUM
    EXTNAME COMMENT HISTORY
"""
_STRUCTURE = frozenset(_LAYOUT.split()) | {""}
_BLOCK = 2880

_TROUBLE = (
    AttributeError,
    IndexError,
    KeyError,
    MemoryError,
    OSError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    fits.VerifyError,
)


def read_hdus(product: Any) -> fits.HDUList:
    """Return the data units of a product as the HDUs of a file.

    Raises
    ------
    DamagedFile
        If they cannot be read.
    """
    units = product.get("data_unit_list") if isinstance(product, dict) else None
    if not isinstance(units, list) or not units:
        raise unusable("a product without data")
    with warnings.catch_warnings():
        # Headers of the ISDC violate the FITS standard in harmless ways.
        warnings.simplefilter("ignore")
        hdus = [read_hdu(unit) for unit in units]
        if not isinstance(hdus[0], fits.PrimaryHDU):
            hdus.insert(0, fits.PrimaryHDU())
        return fits.HDUList(hdus)


def read_hdu(unit: Any) -> Any:
    """Return a data unit as an HDU."""
    if isinstance(unit, str):  # some servers send each unit as JSON within JSON
        unit = _json(unit)
    if not isinstance(unit, dict) or not isinstance(unit.get("header"), dict):
        raise unusable("a data unit without a header")
    try:
        hdu = _make_hdu(unit, unit["header"])
        hdu.name = str(unit.get("name") or unit["header"].get("EXTNAME") or "")
        for column, name in (unit.get("units_dict") or {}).items():
            hdu.columns.change_unit(column, str(name))
    except _TROUBLE as error:
        what = f"the data unit {unit.get('name')!r} is no part of a FITS file"
        raise unusable(what, f"{type(error).__name__}: {error}") from error
    return hdu


def _make_hdu(unit: Mapping[str, Any], header: Mapping[str, Any]) -> Any:
    data = _data(unit)
    if isinstance(data, FitsRows):
        return _table_from_rows(data, header)
    if data is not None and data.dtype.names:
        return fits.BinTableHDU(data, _header(header, drop_columns=True))
    if unit.get("hdu_type") == "primary":
        return fits.PrimaryHDU(data, _header(header))
    return fits.ImageHDU(data, _header(header))


def _header(cards: Mapping[str, Any], *, drop_columns: bool = False) -> fits.Header:
    """Return a header without the cards for the layout of the data, which astropy adds."""
    header = fits.Header()
    for keyword, value in cards.items():
        if keyword in _STRUCTURE or (drop_columns and _describes_column(keyword)):
            continue
        if isinstance(value, str | bool | int) or _is_finite(value):
            header[keyword] = value
    return header


def _describes_column(keyword: str) -> bool:
    return bool(re.fullmatch(r"(TFIELDS|THEAP|(TFORM|TTYPE|TDIM|TZERO|TSCAL|TNULL)\d+)", keyword))


def _is_finite(value: Any) -> bool:
    return isinstance(value, float) and bool(np.isfinite(value))


def _table_from_rows(table: FitsRows, cards: Mapping[str, Any]) -> fits.BinTableHDU:
    """Return a table, by letting astropy read its bytes as those of a FITS file."""
    width = table.dtype.itemsize
    heap = _heap(table, cards)
    header = _header(cards)
    leading = fits.Header(
        [
            ("XTENSION", "BINTABLE"),
            ("BITPIX", 8),
            ("NAXIS", 2),
            ("NAXIS1", width),
            ("NAXIS2", table.number),
            ("PCOUNT", len(heap)),
            ("GCOUNT", 1),
            ("TFIELDS", len(table.dtype.names or ())),
        ]
    )
    header.remove("TFIELDS", ignore_missing=True)
    header.remove("THEAP", ignore_missing=True)
    leading.extend(header, end=True)
    content = table.rows + heap
    text = leading.tostring().encode("ascii")
    return fits.BinTableHDU.fromstring(text + content + bytes(-len(content) % _BLOCK))


def _heap(table: FitsRows, cards: Mapping[str, Any]) -> bytes:
    """Return the heap: cells of variable length, at the offsets that the rows state."""
    if not table.cells:
        return b""
    size = int(cards.get("PCOUNT", 0))
    if not 0 <= size <= LARGEST_REPLY:
        raise unusable("a table with a heap of impossible size", size)
    heap = bytearray(size)
    rows = np.frombuffer(table.rows, table.dtype)
    for name, cells in table.cells.items():
        for (number, place), cell in zip(rows[name].tolist(), cells, strict=True):
            content = cell.astype(cell.dtype.newbyteorder(">")).tobytes()
            if not (number == cell.size and 0 <= place <= size - len(content)):
                raise unusable(f"cells of column {name} that are not where the table says")
            heap[place : place + len(content)] = content
    return bytes(heap)


def _data(unit: Mapping[str, Any]) -> NDArray[Any] | FitsRows | None:
    if unit.get("raw") is not None:
        return _array_from_bytes(unit)
    if unit.get("binarys") is not None:
        return read_pickle(decode_base64(unit["binarys"]))
    if unit.get("data") is None:
        return None
    return _array_from_text(unit["data"], _dtype(unit.get("dt")))


def _array_from_bytes(unit: Mapping[str, Any]) -> NDArray[Any]:
    """Return an array from the bytes that our own servers send."""
    shape, dtype = unit.get("shape"), _dtype(unit.get("dt"))
    if not (isinstance(shape, list) and all(type(n) is int and n >= 0 for n in shape)):
        raise unusable("an array without a shape", shape)
    content = unit["raw"]
    if not isinstance(content, memoryview):
        raise unusable("an array whose bytes are not there")
    if len(content) != dtype.itemsize * prod(shape):
        raise unusable("an array that is not as long as it says", shape)
    return np.frombuffer(content, dtype).reshape(shape).copy()


def decode_base64(text: Any) -> bytes:
    """Return bytes that were sent in base 64, standard or URL-safe.

    Raises
    ------
    DamagedFile
        If the text is not in base 64.
    """
    if not isinstance(text, str):
        raise unusable("data that are no text", type(text).__name__)
    if "-" in text or "_" in text:
        text = text.translate(_URLSAFE)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise unusable("data that are not in base 64") from error


_URLSAFE = str.maketrans("-_", "+/")


def _array_from_text(text: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return an array from rows written as JSON; null is NaN."""
    rows = _json(text) if isinstance(text, str) else text
    if not isinstance(rows, list):
        raise unusable("data that are no list of rows")
    if not dtype.names:
        # Read floats as float64 first, so that null becomes NaN.
        array: NDArray[Any] = np.array(rows, dtype=np.float64 if dtype.kind == "f" else dtype)
        return array.astype(dtype)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(dtype.names)
    table = np.empty(len(rows), dtype)
    for name, values in zip(dtype.names, columns, strict=True):
        table[name] = _column(values, dtype[name])
    return table


def _column(values: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.base.kind == "S":
        return np.array([str(value).encode("utf-8") for value in values])
    if dtype.base.kind == "f":
        return np.array(values, dtype=np.float64)
    return np.array(values)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unusable("data that are not in JSON", text[:80]) from error


def _dtype(text: Any) -> np.dtype[Any]:
    """Return a data type from its name, or from a list of columns in Python's notation."""
    if not isinstance(text, str) or len(text) > _LONGEST_DTYPE:
        raise unusable("data without a type", text)
    plain = text.strip()
    if _ITEM.fullmatch(plain):
        return np.dtype(plain)
    record = _RECORD.fullmatch(plain)
    try:
        fields = ast.literal_eval(record["fields"] if record else plain)
        return np.dtype([_field(*item) for item in fields])
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise unusable("data of a type that is not known", plain) from error


def _field(name: Any, item: Any, shape: Any = ()) -> tuple[str, str, tuple[int, ...]]:
    if not (isinstance(name, str) and isinstance(item, str) and _ITEM.fullmatch(item)):
        raise unusable("a column of a type that is not known", (name, item))
    if not (isinstance(shape, tuple) and all(type(n) is int and 0 <= n < 1 << 24 for n in shape)):
        raise unusable("a column with an impossible shape", shape)
    return name, item, shape
