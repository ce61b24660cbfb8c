"""Queries that ask for nothing that can be measured, or for more than can be gone through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count, repeat
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import whole_number
from oda_widgets.request.survey_query import SurveyQuery, checked_nside

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


@pytest.mark.parametrize(("least", "most"), [(0, 5), (1, 1), (1, 2), (16, 1024), (3, 10**6)])
def test_the_example_in_the_advice_on_a_whole_number_is_within_its_limits(
    least: int, most: int
) -> None:
    for wrong in (least - 1, "x", most + 1):
        with pytest.raises(BadParameter) as caught:
            whole_number("steps", wrong, least, most)
        (advised,) = re.findall(r"[\d,]*\d", caught.value.advice)
        number = int(advised.replace(",", ""))
        assert whole_number("steps", number, least, most) == number


@pytest.mark.parametrize("wrong", [0, -1, 8, 500, 2048, 10**9, [64], {}, "x", None])
def test_the_resolution_that_is_advised_for_a_survey_is_one(wrong: Any) -> None:
    with pytest.raises(BadParameter, match="nside=") as caught:
        SurveyQuery(science_windows=("255900280010.001",), nside=wrong)
    first, *_ = re.findall(r"\d[\d,]*", caught.value.advice)
    assert checked_nside(int(first.replace(",", "")))
