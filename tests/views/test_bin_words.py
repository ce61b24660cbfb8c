"""The lengths of bins in words, and the room that the last of them has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.views.bin_words import bins_in_words
from oda_widgets.views.light_curve import LightCurveView
from tests.views import handmade


@pytest.mark.parametrize(
    ("widths", "words"),
    [
        ([100.0] * 30 + [52.0], "100 s bins"),
        ([9804.0, 13878.6], "bins of 9.8 to 13.9 ks"),
        ([13878.6] * 3 + [9804.0], "bins of 9.8 to 13.9 ks"),
        ([20.0, 35.0, 50.0], "bins of 20 to 50 s"),
        ([86400.0 * n for n in (20, 60, 100)], "bins of 20 to 100 d"),
    ],
)
def test_bins_of_unequal_length_are_not_called_by_one(widths: list[float], words: str) -> None:
    assert bins_in_words(np.array(widths)) == words


def test_the_last_bin_ends_within_the_frame_though_it_is_longer() -> None:
    curve = handmade.light_curve(bins=6)
    width, time = curve.width.copy(), curve.time.copy()
    width[-1] *= 40
    time[-1] += 19.5 * curve.width[0] / 86400
    view = LightCurveView(replace(curve, width=width, time=time))
    assert view._bins.data["stop"].max() < view.figure.x_range.end
    assert view._bins.data["start"].min() > view.figure.x_range.start
