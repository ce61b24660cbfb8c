"""Bins of a light curve that span science windows."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.analysis.longer_bins import LongerBins

WINDOW = {
    "starts": 5000.0 + np.array([0, 2100, 4200, 9000, 86400]) / 86400,
    "time": 5000.0 + np.array([1000, 3000, 5200, 10400, 87400]) / 86400,
    "width": np.array([2000.0, 2000, 2000, 3000, 2000]),
    "exposed_fraction": np.array([1.0, 0.5, 1, 1, 1]),
    "total_counts": np.array([10.0, 20, 30, 40, 50]),
    "background": np.array([100.0, 110, 120, 130, 140]),
    "background_error": np.ones(5),
    "window": np.arange(5),
}
OWN = {"rate": np.array([1.0, 4.0, np.nan, np.nan, 2.0]), "error": np.array([3.0, 4, 1, 1, 1])}
OWN["error"][2:4] = np.nan
OWN["common_error"] = OWN["error"] / 2


def test_bins_span_windows_and_lie_inside_their_data() -> None:
    found = LongerBins.of(WINDOW, 10000.0).window_columns(WINDOW)
    since = (found["starts"] - 5000) * 86400
    np.testing.assert_allclose(since, [0, 9000, 86400], atol=1e-3)
    np.testing.assert_allclose(found["width"], [6200, 3000, 2000], atol=1e-3)
    middle = (1000 * 2000 + 3000 * 1000 + 5200 * 2000) / 5000
    np.testing.assert_allclose((found["time"] - 5000) * 86400, [middle, 10400, 87400], atol=1e-3)
    np.testing.assert_allclose(found["total_counts"], [60, 40, 50])
    np.testing.assert_allclose(found["width"] * found["exposed_fraction"], [5000, 3000, 2000])


def test_a_source_has_no_data_where_no_window_sees_it() -> None:
    bins = LongerBins.of(WINDOW, 10000.0)
    width = bins.window_columns(WINDOW)["width"]
    found = bins.source_columns(WINDOW, OWN, width)
    np.testing.assert_allclose(found["rate"], [(1 * 2000 + 4 * 1000) / 3000, np.nan, 2])
    np.testing.assert_allclose(found["error"], [np.hypot(6000, 4000) / 3000, np.nan, 1])
    np.testing.assert_allclose(found["exposed_fraction"] * width, [3000, 0, 2000])
    np.testing.assert_allclose(found["common_error"], [0, np.nan, 0.5])  # of one window only


@pytest.mark.parametrize("time_bin", [100.0, 2000.0, 3000.0])
def test_bins_as_short_as_a_window_stay_as_they_are(time_bin: float) -> None:
    bins = LongerBins.of(WINDOW, time_bin)
    found = bins.window_columns(WINDOW)
    found |= bins.source_columns(WINDOW, OWN, found["width"])
    assert len(found["rate"]) == 5
    for name in ("rate", "error", "common_error"):
        np.testing.assert_allclose(found[name], OWN[name])
    for name in ("starts", "time", "width", "background", "background_error"):
        np.testing.assert_allclose(found[name], WINDOW[name])
