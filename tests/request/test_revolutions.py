"""Revolutions and the software of their epoch."""

from __future__ import annotations

from typing import Any

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.request.revolutions import (
    FIRST_REVOLUTION,
    LAST_REVOLUTION,
    osa_version,
    revolution_at,
    revolution_start,
)
from oda_widgets.request.timespan import to_ijd


@pytest.mark.parametrize(
    ("revolution", "ijd"),
    [
        (97, 1306.652),  # orbit files
        (98, 1309.642),
        (1626, to_ijd("2015-12-26T02:03:13")),  # handbook of OSA
    ],
)
def test_known_starts(revolution: Any, ijd: float) -> None:
    assert revolution_start(revolution) == pytest.approx(ijd, abs=0.01)


@pytest.mark.parametrize(
    ("revolution", "ijd"),
    [
        (10, 1046.7), (338, 2028.550), (453, 2371.548), (457, 2385.058), (665, 3006.0),
        (695, 3096.371), (699, 3108.017), (1259, 4782.567), (1555, 5649.933), (2559, 8320.632),
        (2831, 9045.5),
    ],
)  # fmt: skip
def test_windows_lie_in_their_revolutions(revolution: Any, ijd: float) -> None:
    assert revolution_start(revolution) <= ijd < revolution_start(revolution + 1)
    assert revolution_at(ijd) == revolution


def test_each_revolution_begins_at_its_start() -> None:
    every = range(FIRST_REVOLUTION, LAST_REVOLUTION + 1)
    assert [revolution_at(revolution_start(number)) for number in every] == list(every)


def test_the_orbit_was_shortened_in_january_2015() -> None:
    lengths = {
        revolution: revolution_start(revolution + 1) - revolution_start(revolution)
        for revolution in (100, 1490, 1510, 2500)
    }
    assert lengths == pytest.approx({100: 2.991, 1490: 2.991, 1510: 2.660, 2500: 2.660}, abs=1e-3)
    assert to_ijd("2015-01-01") < revolution_start(1500) < to_ijd("2015-02-15")


@pytest.mark.parametrize(
    ("revolution", "version"),
    [(50, "OSA10.2"), (1625, "OSA10.2"), (1626, "OSA11.2"), (2559, "OSA11.2")],
)
def test_osa_11_is_for_revolution_1626_and_later(revolution: Any, version: str) -> None:
    assert osa_version(revolution) == version


@pytest.mark.parametrize("revolution", [0, -1, 2887, float("nan"), "a"])
def test_revolutions_before_launch_and_after_the_end_do_not_exist(revolution: Any) -> None:
    with pytest.raises(BadParameter, match="revolution"):
        revolution_start(revolution)
