"""Where the time bins of a science window begin and end."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.time_bins import TimeBins
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval


@pytest.mark.parametrize(
    ("seconds", "lengths"),
    [
        (3000.0, [1000, 1000, 1000]),
        (3000.4, [1000, 1000, 1000.4]),
        (3099.0, [1000, 1000, 1099]),
        (3101.0, [1000, 1000, 1000, 101]),
        (600.0, [600]),
        (40.0, [40]),
    ],
)
def test_a_short_remainder_belongs_to_the_last_bin(seconds: float, lengths: list[float]) -> None:
    good = [TimeInterval(8000.0, 8000.0 + seconds / SECONDS_PER_DAY)]
    bins = TimeBins.of(good, 1000.0)
    assert bins.width == pytest.approx(lengths, abs=1e-4)
    assert bins.exposure == pytest.approx(lengths, abs=1e-4)
    instants = 8000.0 + np.array([0.0, seconds - 0.01]) / SECONDS_PER_DAY
    assert bins.numbers(instants).tolist() == [0, len(lengths) - 1]
