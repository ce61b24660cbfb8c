"""Packing a science window loses nothing."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from oda_widgets.archive.codec import decode, decode_window, encode, from_planes, to_planes
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.request.science_windows import ScienceWindow

COLUMNS = ("time", "energy", "dety", "detz", "select_flag", "height", "rise_time")
TEXT = st.text('a "µ∞', max_size=8)
WINDOW = ScienceWindow("006600220010.001", 1200.5, 1200.75, 83.6, 22.0, 353.6, 0.0, 21600.0)


@st.composite
def windows(draw: st.DrawFn) -> RawWindow:
    """Return windows with any values at all: unsorted, negative, infinite, NaN."""
    count = draw(st.integers(0, 30))

    def column(kind: type[np.generic]) -> NDArray[Any]:
        size = count * np.dtype(kind).itemsize
        return np.frombuffer(draw(st.binary(min_size=size, max_size=size)), kind)

    pairs = st.lists(st.tuples(st.floats(), st.floats()), max_size=4)
    intervals = draw(st.none() | pairs.map(lambda rows: np.array(rows, float).reshape(-1, 2)))
    return RawWindow(
        window=WINDOW,
        time=column(np.float64),
        energy=column(np.float32),
        dety=column(np.uint8),
        detz=column(np.uint8),
        select_flag=column(np.uint8),
        intervals=intervals,
        keywords=draw(st.dictionaries(st.sampled_from(["SWID", "REVOL"]), TEXT | st.integers())),
        height=column(np.int16),
        rise_time=column(np.uint8),
    )


def packed(raw: RawWindow) -> RawWindow:
    """Return a window that went through a compressed file."""
    file = BytesIO()
    np.savez_compressed(file, **encode(raw))
    file.seek(0)
    with np.load(file, allow_pickle=False) as content:
        return decode(content)


@given(windows())
@settings(deadline=None)
def test_every_bit_of_every_window_comes_back(raw: RawWindow) -> None:
    back = packed(raw)
    for name in COLUMNS:
        assert getattr(back, name).dtype == getattr(raw, name).dtype
        assert getattr(back, name).tobytes() == getattr(raw, name).tobytes()
    assert (back.window, dict(back.keywords)) == (raw.window, dict(raw.keywords))
    # No list of good time is something else than an empty one.
    assert (back.intervals is None) == (raw.intervals is None)
    if raw.intervals is not None:
        assert back.intervals.tobytes() == raw.intervals.tobytes()


@given(arrays.arrays(np.uint64, st.integers(0, 20)))
def test_numbers_come_back_from_their_planes(numbers: NDArray[np.uint64]) -> None:
    assert np.array_equal(from_planes(to_planes(numbers), np.uint64), numbers)


def test_a_window_without_pulses_stays_without() -> None:
    empty = RawWindow(WINDOW, *([np.empty(0)] * 5), intervals=None)
    back = packed(replace(empty, energy=np.empty(0, np.float32)))
    assert back.height is None
    assert back.rise_time is None


def test_small_numbers_need_few_planes() -> None:
    assert to_planes(np.array([3, 255], np.uint32)).shape == (1, 2)
    assert to_planes(np.array([3, 256], np.uint32)).shape == (2, 2)


def test_the_window_is_known_without_its_events() -> None:
    nothing = RawWindow(WINDOW, *([np.empty(0)] * 5), intervals=None)
    content = encode(replace(nothing, energy=np.empty(0, np.float32)))
    assert decode_window({"facts": content["facts"]}) == WINDOW
