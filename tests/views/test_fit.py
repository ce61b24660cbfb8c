"""Figures of fits show the fitted data and model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import Legend

import oda_widgets as oda
from oda_widgets.views.contours import ContourView
from oda_widgets.views.corner import ChainView, Scaled
from oda_widgets.views.fit_curves import curves
from oda_widgets.views.fit_view import FitView
from oda_widgets.views.log_range import log_range
from tests.fitting.instruments import isgri, jemx, ngc_2110, simulated

RANGE = (22, 200)


def test_data_model_and_deviations_are_those_of_the_fit() -> None:
    fit = ngc_2110().fit("powerlaw", energy=RANGE)
    [curve] = curves(fit.problem, fit.minimum.values, 0.0, unfolded=False)
    data = fit.datasets[0]
    width = data.high - data.low
    np.testing.assert_allclose(curve.rate, data.gaussian.rate / width)
    np.testing.assert_allclose(curve.model, fit.folded[0] / width)
    assert np.square(curve.deviation).sum() == pytest.approx(fit.statistic)


def test_grouping_is_for_display_only() -> None:
    fit = ngc_2110().fit("powerlaw", energy=RANGE)
    fine, coarse = (
        curves(fit.problem, fit.minimum.values, significance, unfolded=False)[0]
        for significance in (0.0, 30.0)
    )
    assert len(coarse.rate) < len(fine.rate)
    for curve in (fine, coarse):
        width = curve.high - curve.low
        assert curve.rate @ width == pytest.approx(fit.datasets[0].gaussian.rate.sum())
        assert curve.model @ width == pytest.approx(fit.folded[0].sum())


def test_an_unfolded_power_law_is_that_power_law() -> None:
    fit = ngc_2110().fit("powerlaw", energy=RANGE)
    [curve] = curves(fit.problem, fit.minimum.values, 0.0, unfolded=True)
    index, norm = fit.parameters["PhoIndex"].value, fit.parameters["norm"].value
    power = 3 - index
    mean = norm * (curve.high**power - curve.low**power) / power / (curve.high - curve.low)
    np.testing.assert_allclose(curve.model, mean, rtol=2e-3)
    np.testing.assert_allclose(curve.deviation, (curve.rate - curve.model) / curve.error)


def test_terms_add_up_to_the_model() -> None:
    fit = oda.fit(
        ngc_2110(), "constant*(cutoffpl + bbodyrad)", energy=RANGE, freeze={"kT": 10, "factor": 1}
    )
    for unfolded in (False, True):
        [curve] = curves(fit.problem, fit.minimum.values, 0.0, unfolded=unfolded)
        assert list(curve.terms) == ["cutoffpl", "bbodyrad"]
        np.testing.assert_allclose(sum(curve.terms.values()), curve.model, rtol=1e-9)


def test_a_joint_fit_has_a_curve_for_each_spectrum_and_follows_its_controls() -> None:
    truth = {"PhoIndex": 2.0, "norm": 1.0}
    spectra = [
        simulated(empty, "constant*powerlaw", truth, seed=1) for empty in (isgri(1e4, 8), jemx(1e4))
    ]
    fit = oda.fit(spectra, "constant*powerlaw", energy=[(30, 200), (3.5, 30)])
    view = fit.plot()
    assert isinstance(view, FitView)
    assert [len(points.data["rate"]) > 0 for points in view._sources.points] == [True, True]
    counts = view._sources.points[0].data["rate"].copy()
    view.kind.value = "E F(E)"
    assert not np.array_equal(view._sources.points[0].data["rate"], counts)
    view.residuals.value = "data / model"
    assert np.median(view._sources.points[0].data["residual"]) == pytest.approx(1, abs=0.1)
    assert "SIMULATED" in view.figure.above[0].text
    view.update(fit.minimum.values * 1.5)
    assert np.median(view._sources.points[0].data["residual"]) != pytest.approx(1, abs=0.1)


def test_a_chain_and_contours_are_shown() -> None:
    fit = ngc_2110().fit("cutoffpl", energy=RANGE)
    chain = fit.chain(100, walkers=20, progress=lambda _done, _wanted: None)
    view = chain.plot()
    assert isinstance(view, ChainView)
    assert chain.verdict in view.summary.value
    grid = fit.contour("PhoIndex", "HighECut", points=9)
    assert grid.rise.shape == (9, 9)
    assert grid.rise.min() < 1
    assert grid.rise[0, -1] > 9.21
    assert isinstance(oda_show(grid), ContourView)


def test_large_samples_are_shown_in_units_of_a_power_of_ten() -> None:
    chain = ngc_2110().fit("powerlaw", energy=RANGE).chain(50, walkers=20, progress=_quiet)
    samples = replace(chain.samples, values=chain.samples.values * [1, 1e10])
    large = replace(chain, samples=samples)
    shown = Scaled.of(large)
    assert shown.labels == ("PhoIndex", "norm\n(10⁸)")
    assert 1 < shown.lines[1, 1] < 10
    assert isinstance(ChainView(large), ChainView)


def test_samples_over_many_powers_have_a_logarithmic_axis_and_outliers_none() -> None:
    chain = ngc_2110().fit("powerlaw", energy=RANGE).chain(50, walkers=20, progress=_quiet)
    values = np.array(chain.samples.values)
    values[..., 1] = np.geomspace(1, 1e4, values[..., 1].size).reshape(values.shape[:-1])
    values[0, 0, 0] = 1e3 * values[..., 0].max()
    wide = replace(chain, samples=replace(chain.samples, values=values))
    shown = Scaled.of(wide)
    assert shown.kinds == ("linear", "log")
    assert shown.edges(0)[-1] < 10 * np.median(shown.values[:, 0])
    assert np.ptp(np.diff(np.log(shown.edges(1)))) < 1e-9
    first = wide.figure().axes[2]
    assert (first.get_xscale(), first.get_yscale()) == ("linear", "log")


def test_a_corner_plot_fills_its_column_labels_its_outer_axes_and_says_simulated() -> None:
    spectrum = ngc_2110()
    seen = replace(spectrum.observation, simulated=True)
    simulated = replace(spectrum, observation=seen)
    chain = simulated.fit("cutoffpl", energy=RANGE).chain(50, walkers=20, progress=_quiet)
    heading, grid = ChainView(chain).pane.document.roots[0].children
    assert "SIMULATED" in " ".join(title.text for title in heading.above)
    grid = getattr(grid, "grid", grid)
    panels = {(row, column): panel for panel, row, column, *_ in grid.children}
    assert sum(panels[2, column].width for column in range(3)) > 800
    for (row, column), panel in panels.items():
        assert panel.xaxis[0].visible is (row == 2)
        assert panel.yaxis[0].visible is (column == 0 and row > 0)


def _quiet(_done: int, _wanted: int) -> None:
    """Show no progress."""


def test_the_figure_of_a_contour_says_what_a_limit_cuts() -> None:
    grid = ngc_2110().fit("cutoffpl", energy=RANGE).contour("PhoIndex", "HighECut", points=9)
    view = ContourView(grid)
    assert not view.figure.center or all(not isinstance(x, Legend) for x in view.figure.center)
    assert grid.y.max() == 500
    assert view.figure.above[0].text.endswith("68 %, 90 %, 99 % open at HighECut 500 keV")


def oda_show(product: object) -> object:
    from oda_widgets.views.show import show

    return show(product)


def test_figures_for_the_paper() -> None:
    fit = oda.fit(ngc_2110(), "cutoffpl + bbodyrad", energy=RANGE, freeze={"kT": 10})
    for options in ({}, {"unfolded": True, "ratio": True, "columns": 2}):
        upper, lower = fit.figure(**options).axes
        assert upper.get_yscale() == "log"
        assert lower.get_xlabel() == "Energy (keV)"
    chain = fit.chain(50, walkers=20, progress=lambda _done, _wanted: None)
    assert len(chain.figure().axes) == len(chain.names) ** 2


def test_arrows_are_named_only_where_there_are_some() -> None:
    bright = FitView(ngc_2110().fit("powerlaw", energy=RANGE))
    assert not bright._sources.limits[0].data["limit"].size
    assert "arrows" not in bright.figure.above[0].text
    short = simulated(isgri(300, 8), "powerlaw", {"PhoIndex": 2.0, "norm": 1.0}, seed=1)
    faint = FitView(short.fit("powerlaw", energy=(30, 400)))
    assert faint._sources.limits[0].data["limit"].size
    assert faint.figure.above[0].text.endswith("arrows: 2 σ upper limits")


def test_data_are_drawn_over_the_model_that_would_hide_them() -> None:
    fit = ngc_2110().fit("powerlaw", energy=RANGE)
    upper = fit.figure().axes[0]
    [points] = [one for one in upper.containers if one.get_label() == "data"]
    data = [part.get_zorder() for part in points.get_children()]
    model = [line.zorder for line in upper.lines if line.get_label() == "model"]
    assert min(data) > max(model)
    drawn = FitView(fit).figure.renderers
    marks, lines = (
        [place for place, one in enumerate(drawn) if type(one.glyph).__name__ == kind]
        for kind in ("Scatter", "Line")
    )
    assert min(marks) > max(lines)


@pytest.mark.parametrize("decades", [0.3, 0.6, 3.0])
def test_data_fill_most_of_a_logarithmic_axis(decades: float) -> None:
    low, high = log_range(np.geomspace(1.0, 10**decades, 50))
    assert low < 1.0
    assert high > 10**decades
    assert decades / np.log10(high / low) > 0.7
