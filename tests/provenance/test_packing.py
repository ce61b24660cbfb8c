"""Packed arrays come back bit for bit, and damage is noticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from oda_widgets.engine.rounding import shortened
from oda_widgets.provenance.packing import LEAST_BYTES, pack, unpack
from oda_widgets.provenance.payload import Payload, decoded, encoded

SIDE = 128


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint32, array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=9)))
def test_any_bits_of_floats_come_back(some: np.ndarray) -> None:
    times = 1 + LEAST_BYTES // some.nbytes
    words = np.concatenate([some] * times)
    packed = pack({"values": words.view(np.float32)})
    assert packed["values"].dtype == np.uint8
    assert np.array_equal(unpack(packed)["values"].view(np.uint32), words)


def test_a_smooth_map_takes_less_room_by_its_differences() -> None:
    row = np.arange(SIDE, dtype=np.float32)
    smooth = (row[:, None] + row[None, :] * 3).astype(np.float32)
    rough = np.random.default_rng(1).permutation(smooth.ravel()).reshape(smooth.shape)
    sizes = {n: len(pack({"values": v})["values"]) for n, v in [("a", smooth), ("b", rough)]}
    assert sizes["a"] < sizes["b"] / 10


def test_bits_that_a_smooth_map_does_not_use_take_no_room() -> None:
    row = 1 + np.arange(SIDE) / SIDE
    smooth = (row[:, None] * np.sqrt(row[None, :])).astype(np.float32)
    short = shortened(smooth)
    sizes = [len(pack({"values": values})["values"]) for values in (smooth, short)]
    assert sizes[1] < sizes[0] / 3
    assert np.array_equal(unpack(pack({"values": short}))["values"], short)


def test_small_and_other_arrays_stay_as_they_are() -> None:
    given_arrays = {"few": np.ones(8, np.float32), "whole": np.ones(9999, np.int64)}
    packed = pack(given_arrays)
    assert all(packed[name] is given_arrays[name] for name in given_arrays)


@pytest.mark.parametrize("kind", [np.int32, np.int16, np.bool_])
def test_counts_and_masks_are_packed_too(kind: type) -> None:
    values = np.random.default_rng(1).poisson(0.1, (SIDE, SIDE)).astype(kind)
    packed = pack({"values": values})
    assert len(packed["values"]) < values.nbytes / 2
    found = unpack(packed)["values"]
    assert found.dtype == values.dtype
    assert np.array_equal(found, values)


def test_results_are_packed_only_where_it_pays() -> None:
    values = np.zeros((SIDE, SIDE), np.float32)
    plain, compact = (Payload({}, {"map": values}, compact=pays) for pays in (False, True))
    assert len(encoded(compact)) < len(encoded(plain)) / 20
    for payload in (plain, compact):
        assert np.array_equal(decoded(encoded(payload))["map"], values)


@pytest.mark.parametrize("size", [SIDE - 1, SIDE + 1, 10**6])
def test_a_packed_array_of_another_size_is_damage(size: int) -> None:
    packed = pack({"map": np.zeros((SIDE, SIDE), np.float32)})
    how = packed["packing"].tobytes().replace(b"[128,", f"[{size},".encode())
    with pytest.raises(ValueError, match="should have"):
        unpack(packed | {"packing": np.frombuffer(how, np.uint8)})


def test_a_packed_array_of_another_kind_is_damage() -> None:
    packed = pack({"map": np.zeros((SIDE, SIDE), np.float32)})
    how = packed["packing"].tobytes().replace(b"<f4", b"|O8")
    with pytest.raises(ValueError, match="not in tuple"):
        unpack(packed | {"packing": np.frombuffer(how, np.uint8)})
