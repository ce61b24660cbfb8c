"""Computing times of steps, which plans add up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oda_widgets.provenance.node import Node
from oda_widgets.provenance.times import Times


@pytest.fixture
def times(tmp_path: Path) -> Times:
    return Times(tmp_path / "times.json")


def test_the_second_measurement_replaces_the_first_which_loaded_code(times: Times) -> None:
    times.measured("image", 9.0)
    assert times.expected("image") == 9.0
    times.measured("image", 1.0)
    assert times.expected("image") == 1.0


def test_the_mean_follows_a_machine_that_becomes_faster(times: Times) -> None:
    for seconds in [9.0, *[4.0] * 10, *[1.0] * 20]:
        times.measured("image", seconds)
    assert times.expected("image") == pytest.approx(1.0, abs=0.1)


def test_steps_that_start_from_other_steps_have_times_of_their_own(times: Times) -> None:
    stored, events = Node("fits", "v"), Node("events", "v")
    sums, read = Node("curves", "v", inputs=(stored,)), Node("curves", "v", inputs=(events,))
    times.measured(sums.kind, 0.1)
    assert times.expected(read.kind) is None


@pytest.mark.parametrize("took", [3.0, [3.0], ["3", 1], [3.0, 0], [-1.0, 2], [1e300, 2], None])
def test_what_is_no_mean_time_counts_as_not_measured(times: Times, took: object) -> None:
    times._path.write_text(json.dumps({"image": took}))
    assert times.expected("image") is None
