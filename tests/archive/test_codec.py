"""Packing a science window loses nothing."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from oda_widgets.archive.byte_planes import from_planes, to_planes
from oda_widgets.archive.codec import decode, decode_window, encode
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.request.science_windows import ScienceWindow

COLUMNS = ("time", "energy", "dety", "detz", "select_flag")
WINDOW = ScienceWindow("006600220010.001", 1200.5, 1200.75, 83.6, 22.0, 353.6, 0.0, 21600.0)


@st.composite
def windows(draw) -> RawWindow:
    """Return windows with any values at all: unsorted, negative, infinite, NaN."""
    count = draw(st.integers(0, 50))
    bits = st.integers(0, 2**64 - 1)
    return RawWindow(
        window=WINDOW,
        time=draw(arrays.arrays(np.uint64, count, elements=bits)).view(np.float64),
        energy=draw(arrays.arrays(np.uint32, count)).view(np.float32),
        dety=draw(arrays.arrays(np.uint8, count)),
        detz=draw(arrays.arrays(np.uint8, count)),
        select_flag=draw(arrays.arrays(np.uint8, count)),
        intervals=draw(st.none() | arrays.arrays(np.float64, st.tuples(st.integers(0, 4), st.just(2)))),
        keywords=draw(st.dictionaries(st.text("ABC", min_size=1), st.text() | st.integers())),
    )


def packed(raw: RawWindow) -> RawWindow:
    """Return a window that went through a compressed file."""
    file = BytesIO()
    np.savez_compressed(file, **encode(raw))
    file.seek(0)
    with np.load(file, allow_pickle=False) as content:
        return decode(content)


@given(windows())
def test_every_bit_of_every_window_comes_back(raw):
    back = packed(raw)
    for name in COLUMNS:
        assert getattr(back, name).dtype == getattr(raw, name).dtype
        assert getattr(back, name).tobytes() == getattr(raw, name).tobytes()
    assert (back.window, dict(back.keywords)) == (raw.window, dict(raw.keywords))


@given(windows())
def test_an_absent_list_of_good_time_stays_absent_and_an_empty_one_empty(raw):
    back = packed(raw)
    assert (back.intervals is None) == (raw.intervals is None)
    if raw.intervals is not None:
        assert back.intervals.tobytes() == raw.intervals.tobytes()


@given(arrays.arrays(np.uint64, st.integers(0, 20)))
def test_numbers_come_back_from_their_planes(numbers):
    assert np.array_equal(from_planes(to_planes(numbers)), numbers)


def test_small_numbers_need_few_planes():
    assert to_planes(np.array([3, 255], np.uint32)).shape == (1, 2)
    assert to_planes(np.array([3, 256], np.uint32)).shape == (2, 2)


def test_the_window_is_known_without_its_events():
    nothing = RawWindow(WINDOW, *([np.empty(0)] * 5), intervals=None)
    content = encode(replace(nothing, energy=np.empty(0, np.float32)))
    assert decode_window({"facts": content["facts"]}) == WINDOW
