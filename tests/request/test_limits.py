"""Queries that ask for nothing that can be measured, or for more than can be gone through."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, repeat
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter

WINDOW = "255900280010.001"


def windows_without_end() -> Iterator[str]:
    return (f"{number:012d}.001" for number in count(1))


@pytest.mark.parametrize(
    "field",
    [
        {"science_windows": windows_without_end()},
        {"science_windows": repeat(WINDOW)},
        {"energy": count(20)},
        {"intervals": ((time, time + 0.5) for time in count(1000))},
    ],
    ids=["windows", "one window", "energies", "intervals"],
)
def test_a_list_without_end_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        oda.ImageQuery(**{"science_windows": [WINDOW]} | field)


@pytest.mark.parametrize("high", [30.0000001, 30.1, 30.49])
def test_a_band_narrower_than_a_channel_is_refused(high: float) -> None:
    with pytest.raises(BadParameter, match=r"narrower than a channel of ISGRI, 0\.5 keV"):
        oda.ImageQuery(science_windows=[WINDOW], energy=(30, high))  # type: ignore[arg-type]


def test_a_band_of_one_channel_is_taken() -> None:
    query = oda.ImageQuery(science_windows=[WINDOW], energy=(30, 30.5))  # type: ignore[arg-type]
    assert query.energy.high == 30.5


def test_intervals_in_which_nothing_can_be_measured_are_refused() -> None:
    short = [(8320.64, 8320.64 + 1e-5 / 86400)]
    with pytest.raises(BadParameter, match=r"shorter than 0\.001 s"):
        oda.ImageQuery(science_windows=[WINDOW], intervals=short)  # type: ignore[arg-type]
