from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import Column
from bokeh.plotting import figure

from oda_widgets.views.spectrum import SpectrumView
from tests.views import handmade


def test_points_are_measured_and_the_rest_are_limits() -> None:
    view = SpectrumView(handmade.spectrum())
    points, limits = view._points.data, view._limits.data
    assert len(points["rate"]) > 10
    assert np.all(np.asarray(points["rate"]) >= 2 * np.asarray(points["error"]))
    assert np.all(np.asarray(points["below"]) > 0)
    assert np.all(np.asarray(limits["arrow"]) < np.asarray(limits["limit"]))


def test_the_axes_are_logarithmic_and_hold_everything() -> None:
    view = SpectrumView(handmade.spectrum())
    low, high = view.figure.y_range.start, view.figure.y_range.end
    assert 0 < low < min(view._points.data["rate"])
    assert high > max(view._points.data["above"])


def test_grouping_changes_the_display_only() -> None:
    view = SpectrumView(handmade.spectrum(), min_significance=3)
    fine = len(view._points.data["rate"])
    view.group(20)
    assert len(view._points.data["rate"]) < fine


def test_residuals_fit_below_on_the_same_energies() -> None:
    lower = figure(height=150)
    view = SpectrumView(handmade.spectrum(), lower=lower)
    assert isinstance(view.pane.root, Column)
    assert lower.x_range is view.figure.x_range
    assert lower.min_border_left == view.figure.min_border_left


def test_a_spectrum_without_good_channels_is_drawn_empty() -> None:
    spectrum = handmade.spectrum()
    view = SpectrumView(replace(spectrum, quality=np.full_like(spectrum.quality, 3)))
    assert len(view._points.data["rate"]) == len(view._limits.data["limit"]) == 0


def test_a_useless_channel_does_not_stretch_the_axis() -> None:
    good = handmade.spectrum()
    error = good.error.copy()
    rate = good.rate.copy()
    used = np.flatnonzero(good.quality == 0)
    width = good.channel_high[used[-1]] - good.channel_low[used[-1]]
    rate[used[-1]], error[used[-1]] = 0.0, 50.0 * width  # an upper limit of 100 counts/s/keV
    plain, useless = SpectrumView(good), SpectrumView(replace(good, rate=rate, error=error))
    top = plain.figure.y_range.end
    assert useless.figure.y_range.end == pytest.approx(top, rel=0.3)
    assert not len(plain._clipped.data["edge"])
    (edge,), (limit,) = useless._clipped.data["edge"], useless._clipped.data["limit"]
    assert limit > useless.figure.y_range.end > edge
