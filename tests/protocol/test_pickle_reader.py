"""Pickles of servers are read without being run."""

from __future__ import annotations

import os
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from oda_widgets.errors import DamagedFile
from oda_widgets.protocol.pickle_reader import FitsRows, read_pickle

KINDS = st.one_of(
    arrays.integer_dtypes(endianness="?"),
    arrays.unsigned_integer_dtypes(endianness="?"),
    arrays.floating_dtypes(endianness="?"),
    arrays.byte_string_dtypes(max_len=9),
)


@given(arrays.arrays(KINDS, arrays.array_shapes(min_dims=0, min_side=0)), st.integers(2, 5))
def test_any_array_is_read_to_the_last_bit(array: Any, protocol: int) -> None:
    found = read_pickle(pickle.dumps(array, protocol))
    assert isinstance(found, np.ndarray)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()


def test_a_table_of_fits_is_read_to_the_last_bit() -> None:
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("TIME", "D", array=[1.5, 2.5]),
            fits.Column("NAME", "5A", array=["Crab", "Vela"]),
            fits.Column("MATRIX", "PE()", array=np.array([[1.0, 2.0], [3.0]], dtype=object)),
        ]
    )
    written = fits.BinTableHDU.fromstring(_bytes(table))
    _ = written.data["MATRIX"]  # what a server sends are tables whose columns were looked at
    found = read_pickle(pickle.dumps(written.data))
    assert isinstance(found, FitsRows)
    assert found.number == 2
    assert found.rows == np.asarray(written.data).tobytes()
    assert [cell.tolist() for cell in found.cells["MATRIX"]] == [[1.0, 2.0], [3.0]]


class _Hostile:
    """An object whose pickle calls a function when it is loaded."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> Any:
        return self.call[0], tuple(self.call[1:])


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "call",
    [(os.system, "touch executed"), (eval, "open('executed', 'w')"), (exec, "x = 1"), (print, "x")],
    ids=["system", "eval", "exec", "print"],
)
def test_nothing_in_a_hostile_pickle_is_executed(
    call: tuple[Any, ...], protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DamagedFile, match="names something that is not allowed"):
        read_pickle(pickle.dumps(_Hostile(*call), protocol))
    assert not list(tmp_path.iterdir())


def test_a_hostile_object_inside_an_array_is_refused() -> None:
    array = np.array([_Hostile(print, "x")], dtype=object)
    with pytest.raises(DamagedFile):
        read_pickle(pickle.dumps(array))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b".",
        b"N.",
        b"\x80\x04N.",
        b"]" * 100_000 + b".",
        b"\x80\x04cnumpy\nndarray\n.",
        b"\x80\x02Nr\xff\xff\xff\x7f.",  # remember in place 2147483647
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",  # bytes of impossible length
        b"\x80\x05\x96\xff\xff\xff\xff\x00\x00\x00\x00.",  # a bytearray of 4 GB
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"\x80\x04\x82\x01.",  # a name by number
        b"(lp0\n.",
    ],
)
def test_broken_and_greedy_pickles_are_refused_at_once(content: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(DamagedFile):
        read_pickle(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 << 20  # whatever lengths it claims


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_refused(content: bytes) -> None:
    with pytest.raises(DamagedFile):
        read_pickle(content)


@given(st.data())
def test_a_flipped_byte_is_refused_or_gives_an_array(data: st.DataObject) -> None:
    table = fits.BinTableHDU.from_columns([fits.Column("RATE", "E", array=[1.0, 2.0])])
    content = bytearray(pickle.dumps(fits.BinTableHDU.fromstring(_bytes(table)).data))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_pickle(bytes(content))
    except DamagedFile:
        return
    assert isinstance(found, np.ndarray | FitsRows)


def test_a_dtype_that_reaches_beyond_its_rows_is_refused() -> None:
    content = pickle.dumps(np.zeros(2, dtype=[("RATE", ">f4"), ("ERROR", ">f4")]))
    # The second column is moved from offset 4 to 200, outside of a row of 8 bytes.
    moved = content.replace(b"K\x04\x86", b"K\xc8\x86")
    assert moved != content
    with pytest.raises(DamagedFile):
        read_pickle(moved)


def _bytes(hdu: Any) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(buffer)
    return buffer.getvalue()[2880:]
