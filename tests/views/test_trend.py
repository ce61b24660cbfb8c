"""Figures of a trend: a frame for each quantity, dates below the last, SIMULATED where it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

import oda_widgets as oda
from oda_widgets.fitting.trend import Trend
from oda_widgets.views.trend import TrendView
from tests.fitting.test_trend import fit_of


@pytest.fixture(scope="module")
def trend() -> Trend:
    return oda.trend({year: fit_of(year) for year in (2003, 2008, 2015)}, ["PhoIndex", (20, 100)])


def test_on_paper_each_quantity_has_a_frame_with_its_points(trend: Trend) -> None:
    drawing = trend.figure(columns=2)
    upper, lower = drawing.axes
    assert upper.get_ylabel() == "PhoIndex"
    assert lower.get_ylabel() == "Flux 20-100 keV\n(10⁻¹⁰ erg cm⁻² s⁻¹)"
    points = [line for line in upper.lines if line.get_marker() == "o"]
    assert points[0].get_ydata() == pytest.approx(trend.quantities[0].value)
    drawing.canvas.draw()
    years = [label.get_text() for label in lower.get_xticklabels()]
    assert "2008" in years
    assert all(year.isdigit() and len(year) == 4 for year in years)


def test_on_the_page_each_quantity_has_a_figure_and_one_axis_of_time(trend: Trend) -> None:
    view = trend.plot()
    assert isinstance(view, TrendView)
    upper, lower = view.figures
    assert upper.x_range is lower.x_range
    assert (upper.xaxis[0].visible, lower.xaxis[0].visible) == (False, True)
    [marks] = [one for one in lower.renderers if hasattr(one.glyph, "marker")]
    assert list(marks.data_source.data["fit"]) == ["2003", "2008", "2015"]
    assert marks.data_source.data["value"][0] == pytest.approx(1.90, abs=0.02)  # 1e-10 erg/cm2/s


def test_a_trend_of_simulated_data_says_so(trend: Trend) -> None:
    fit = trend.fits[0]
    [data] = fit.datasets
    seen = replace(data.spectrum.observation, simulated=True)
    simulated = replace(data.spectrum, observation=seen).fit("powerlaw")
    drawing = oda.trend([simulated], ["PhoIndex"]).figure()
    assert any("SIMULATED" in text.get_text() for text in drawing.texts)
