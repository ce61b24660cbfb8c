"""Read pickles of a dispatcher without running them.

A pickle is a program. This reader accepts only the names and instructions listed here, and lets the
pickle build inert records only. It then checks the bytes in the records and makes arrays of them.
The pickle itself never builds an object of numpy or astropy.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.protocol.reply import LARGEST_REPLY, unusable

Array = NDArray[Any]

_MOST_INSTRUCTIONS = 2_000_000
_MOST_NESTED = 8  # dtypes within dtypes
_NUMBERS_TEXTS_BYTES = """
    PROTO FRAME STOP NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG1 FLOAT BINFLOAT
    STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8
    UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
"""
_LISTS_TUPLES_MAPPINGS = """
    MARK POP POP_MARK EMPTY_LIST APPEND APPENDS LIST EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3
    EMPTY_DICT DICT SETITEM SETITEMS MEMOIZE PUT BINPUT LONG_BINPUT GET BINGET LONG_BINGET
"""
_INERT_RECORDS = "GLOBAL STACK_GLOBAL REDUCE NEWOBJ BUILD"  # names, calls and states
_INSTRUCTIONS = frozenset(
    f"{_NUMBERS_TEXTS_BYTES} {_LISTS_TUPLES_MAPPINGS} {_INERT_RECORDS}".split()
)
_REMEMBER = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_ITEM = re.compile(r"[<>|=]?(?P<kind>[biufcSUVO])(?P<size>\d{1,6})")


class _Record:
    """An inert stand-in for a class in a pickle: it stores its arguments and does nothing."""

    def __new__(cls, *arguments: Any) -> Self:
        record = object.__new__(cls)
        record.arguments = arguments
        record.state = None
        return record

    arguments: tuple[Any, ...]
    state: Any

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Dtype(_Record):
    """A data type."""


class _Ndarray(_Record):
    """An array."""


class _FitsRecord(_Record):
    """A table of FITS: an array with columns."""


class _Other(_Record):
    """A definition of columns; not used, since the header repeats it."""


def _reconstruct(kind: Any, *_: Any) -> _Record:
    """Return an empty record for an array."""
    if not (isinstance(kind, type) and issubclass(kind, _Record)):
        raise unusable("it builds an array of another type")
    return kind()


def _bytes_from_text(text: Any, _: Any = None) -> bytes:
    """Return bytes, which pickles of protocol 2 hold as text."""
    if not isinstance(text, str):
        raise unusable("it holds bytes of another type")
    return text.encode("latin-1")


def _empty_bytes() -> bytes:
    """Return empty bytes, for which pickles of protocol 2 make a call."""
    return b""


def _array_from_buffer(content: Any, dtype: Any, shape: Any, order: Any) -> _Record:
    """Return the record of an array whose bytes pickles of protocol 5 hold beside its type."""
    if not isinstance(content, bytearray | bytes):
        raise unusable("it holds bytes of another type")
    array = _Ndarray()
    array.state = (1, shape, dtype, order == "F", bytes(content))
    return array


_MULTIARRAYS = ("numpy.core.multiarray", "numpy._core.multiarray")
_COLUMNS = "astropy.io.fits.column"
_NAMES: dict[tuple[str, str], Any] = {
    **{(module, "_reconstruct"): _reconstruct for module in _MULTIARRAYS},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _array_from_buffer for core in ("core", "_core")},
    ("_codecs", "encode"): _bytes_from_text,
    ("__builtin__", "bytes"): _empty_bytes,
    ("numpy", "ndarray"): _Ndarray,
    ("numpy", "dtype"): _Dtype,
    ("numpy", "record"): _Other,
    ("numpy", "recarray"): _Ndarray,
    ("astropy.io.fits.fitsrec", "FITS_rec"): _FitsRecord,
    **{(_COLUMNS, name): _Other for name in ("ColDefs", "Column", "_ColumnFormat", "_FormatP")},
    **{(_COLUMNS, name): _Other for name in ("_FormatQ", "_AsciiColDefs", "Delayed")},
    (_COLUMNS, "_VLF"): _Ndarray,
    ("astropy.utils.compat.numpycompat", "chararray"): _Ndarray,
    ("numpy", "chararray"): _Ndarray,
    ("numpy.char", "chararray"): _Ndarray,
    ("numpy.core.defchararray", "chararray"): _Ndarray,
    ("numpy._core.defchararray", "chararray"): _Ndarray,
}


@dataclass(frozen=True)
class FitsRows:
    """A table of FITS in the layout of a file.

    Parameters
    ----------
    rows
        Bytes of the rows, one after the other.
    number
        Number of rows.
    dtype
        Data type of a row.
    cells
        Arrays of the columns with cells of variable length, one for each row, by column.
    """

    rows: bytes
    number: int
    dtype: np.dtype[Any]
    cells: Mapping[str, tuple[Array, ...]] = field(default_factory=dict)


def read_pickle(content: bytes) -> Array | FitsRows:
    """Return the array or the table of FITS in a pickle.

    Raises
    ------
    DamagedFile
        If it holds anything else, or names or instructions that are not allowed.
    """
    if len(content) > LARGEST_REPLY:
        raise unusable(f"a pickle of {len(content)} bytes")
    _check_instructions(content)
    try:
        found = _Reader(io.BytesIO(content), encoding="latin-1").load()
    except (pickle.UnpicklingError, *_TROUBLE) as error:
        raise unusable(f"a damaged pickle: {type(error).__name__}") from error
    try:
        if isinstance(found, _FitsRecord):
            return _fits_rows(found)
        return _array(found)
    except _TROUBLE as error:
        raise unusable(f"a pickle that is no array: {type(error).__name__}") from error


_TROUBLE = (
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


class _Reader(pickle.Unpickler):
    """An unpickler that accepts the listed names only."""

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) not in _NAMES:
            raise unusable("a pickle names something that is not allowed", f"{module}.{name}")
        return _NAMES[module, name]

    def persistent_load(self, _: Any) -> Any:
        raise unusable("a pickle refers to something outside of it")


def _check_instructions(content: bytes) -> None:
    """Check that all instructions are allowed, and that memo positions do not exhaust memory."""
    number = 0
    try:
        for instruction, argument, _ in pickletools.genops(content):
            number += 1
            if instruction.name not in _INSTRUCTIONS or number > _MOST_INSTRUCTIONS:
                raise unusable("a pickle has an instruction that is not allowed", instruction.name)
            if instruction.name in _REMEMBER and int(argument or 0) > number:
                raise unusable("a pickle has a memo position out of order", argument)
    except (ValueError, IndexError, OverflowError, MemoryError, TypeError) as error:
        raise unusable(f"a damaged pickle: {type(error).__name__}") from error


def _fits_rows(record: _FitsRecord) -> FitsRows:
    """Check the state of a record of a FITS table, and return its rows."""
    version, shape, dtype, fortran, rows, *more = record.state
    row = _dtype(dtype)
    number = _shape(shape)[0]
    if len(shape) != 1 or fortran or not isinstance(rows, bytes):
        raise unusable("a table that is not made of rows", (version, shape))
    if row.hasobject or row.itemsize * number != len(rows):
        raise unusable("a table whose rows are not as long as it says", len(rows))
    return FitsRows(rows, number, row, _cells(more, number))


def _cells(more: list[Any], number: int) -> dict[str, tuple[Array, ...]]:
    """Return the cells of variable length, which the pickle holds beside the rows."""
    if not more:
        return {}
    states, names = more
    converted = dict(zip(names, states, strict=True)).get("_converted") or {}
    found = {}
    for name, column in converted.items():
        items = column.state[4] if isinstance(column, _Ndarray) and column.state else None
        if isinstance(items, list):
            if len(items) != number:
                raise unusable(f"column {name} has not as many cells as the table has rows")
            found[str(name)] = tuple(_array(item) for item in items)
    return found


def _array(record: Any) -> Array:
    """Check the state of a record of an array, and return the array."""
    if not isinstance(record, _Ndarray):
        raise unusable("an array is missing", type(record).__name__)
    _, shape, dtype, fortran, content = record.state
    kind = _dtype(dtype)
    if kind.hasobject or not isinstance(content, bytes):
        raise unusable("an array of objects")
    shape = _shape(shape)
    if kind.itemsize * prod(shape) != len(content):
        raise unusable("an array that is not as long as it says", shape)
    flat = np.frombuffer(content, kind)
    return flat.reshape(shape, order="F" if fortran else "C").copy()


def _shape(shape: Any) -> tuple[int, ...]:
    if not (isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)):
        raise unusable("an array without a shape", shape)
    return shape


def _dtype(record: Any, depth: int = 0) -> np.dtype[Any]:
    """Return a data type, built by numpy's constructor, which checks it."""
    if not isinstance(record, _Dtype) or depth > _MOST_NESTED:
        raise unusable("a type of data is missing", type(record).__name__)
    order, inner, names, fields, size = record.state[1:6] if record.state else (*"|", *[None] * 4)
    if inner is not None:
        base, shape = inner
        return np.dtype((_dtype(base, depth + 1), _shape(shape)))
    if names:
        formats, offsets = zip(*(fields[name][:2] for name in names), strict=True)
        types = [_dtype(item, depth + 1) for item in formats]
        return np.dtype(
            {"names": list(names), "formats": types, "offsets": list(offsets), "itemsize": size}
        )
    code = record.arguments[0]
    if not (isinstance(code, str) and _ITEM.fullmatch(code) and order in ("<", ">", "|", "=")):
        raise unusable("a type of data that is not known", code)
    # The order "=" is that of the machine that wrote the pickle: assume little-endian.
    return np.dtype(code).newbyteorder("<" if order == "=" else order)
