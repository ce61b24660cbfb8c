"""Several light curves or spectra in one figure: told apart, named, and of bounded size."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from bokeh.embed import json_item
from bokeh.models import BoxAnnotation
from matplotlib.lines import Line2D

from oda_widgets.errors import BadParameter
from oda_widgets.products.by_source import BySource
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval
from oda_widgets.request.words import with_error
from oda_widgets.views import paper
from oda_widgets.views.curve_series import bins_of, series_of
from oda_widgets.views.grouping import channel_groups, holes
from oda_widgets.views.labels import distinct_labels, full_labels
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.palette import MOST, on_paper, on_screen
from oda_widgets.views.paper.frame_grid import MOST_TOGETHER
from oda_widgets.views.rate_range import rate_range
from oda_widgets.views.show import show
from oda_widgets.views.spectrum import SpectrumView
from tests.views import handmade

TWO_MEGABYTES = 2_000_000


def years(
    rate: Any = 100.0, name: str = "Crab", error: Any = 2.0, start: float = 1500.0, **changes: Any
) -> LightCurve:
    """Return windows of half an hour over some years."""
    curve = handmade.light_curve(bins=40)
    time = start + np.arange(40) * 50.0
    flat = np.ones(40)
    observation = replace(curve.observation, start=start, stop=float(time[-1]) + 0.1)
    return replace(
        curve,
        source=Source(name, 83.6, 22.0, "by hand"),
        time=time,
        width=1800 * flat,
        rate=rate * flat,
        error=error * flat,
        observation=observation,
        **changes,
    )


def legend(product: Any, **options: Any) -> list[str]:
    drawing = paper.figure(product, **options)
    shown = [*drawing.legends, *filter(None, [drawing.axes[0].get_legend()])]
    return [text.get_text() for one in shown for text in one.get_texts()]


def frame(curve: LightCurve) -> tuple[float, float]:
    """Return the range of the axis of rates of a figure."""
    return rate_range([bins_of(series_of(curve)[0], 1500.0, 1000)])


def test_a_legend_names_what_differs() -> None:
    crab, hard = years(), years(energy=EnergyBand(100, 300))
    assert distinct_labels([crab, years(name="Cyg X-1")]) == ("Crab", "Cyg X-1")
    assert distinct_labels([crab, hard]) == ("28–150 keV", "100–300 keV")
    later = years(start=5000.0)
    assert distinct_labels([crab, later]) == ("2004-02 to 2009-06", "2013-09 to 2019-01")
    assert distinct_labels([crab, crab]) == ("2004-02 to 2009-06 (1)", "2004-02 to 2009-06 (2)")
    jemx = replace(crab, observation=replace(crab.observation, instrument="jemx1"))
    assert distinct_labels([crab, jemx]) == ("ISGRI", "JEM-X1")


def test_several_years_of_one_spectrum_have_names_and_colours_of_their_own() -> None:
    spectrum = handmade.spectrum()
    seen = spectrum.observation
    spectra = [
        replace(spectrum, observation=replace(seen, start=365.0 * year, stop=365.0 * year + 1))
        for year in range(4, 9)
    ]
    assert len(set(legend(spectra))) == 5
    view = show(spectra)
    assert len({item.label.value for item in view.figure.legend[0].items}) == 5


def test_many_products_are_told_apart_by_colour_and_marker() -> None:
    for look in (on_paper, on_screen):
        assert len({(look(n).colour, look(n).marker) for n in range(MOST**2)}) == MOST**2


def test_a_mapping_by_source_is_one_figure() -> None:
    curves = BySource((years(), years(name="Cyg X-1"), years(name="GRS 1915+105")))
    assert legend(curves) == ["Crab", "Cyg X-1", "GRS 1915+105"]
    view = curves.plot(fit="constant")
    names = [item.label.value for item in view.figure.legend[0].items]
    assert names[:3] == list(curves)
    assert names[3].startswith("Crab, constant: 100")
    assert "3 sources" in view.figure.above[1].text


@pytest.mark.parametrize(("norm", "factor"), [(2, 2), ([3], 3), ("mean", 4)])
def test_outside_light_curves_have_a_norm_that_the_legend_names(norm: Any, factor: float) -> None:
    first, other = years(100.0), years(25.0, name="Swift BAT")
    drawn = series_of(first, other, norm=norm)
    np.testing.assert_allclose(drawn[1].rate, 25 * factor)
    np.testing.assert_allclose(drawn[1].error, 2 * factor)
    assert drawn[1].label == f"Swift BAT × {factor}"


@pytest.mark.parametrize(
    "options",
    [
        {"others": "curve.fits"},
        {"others": [5]},
        {"others": years(), "norm": "peak"},
        {"others": years(), "norm": [1, 2]},
        {"others": years(0.0), "norm": "mean"},
        {"labels": ["one", "two"]},
        {"fit": "parabola"},
        {"time": "year"},
        {"limit_below": -1},
    ],
)
def test_options_that_mean_nothing_are_refused_by_name(options: dict[str, Any]) -> None:
    for draw in (paper.figure, show):
        with pytest.raises(BadParameter):
            draw(years(), **options)


def test_sizes_in_inches_and_dots() -> None:
    figure = paper.figure(years(), width=5, height=2)
    assert tuple(figure.get_size_inches()) == (5, 2)
    for wrong in ({"width": 0}, {"height": 1000}, {"width": "wide"}):
        with pytest.raises(BadParameter):
            paper.figure(years(), **wrong)
    with pytest.raises(BadParameter, match="dpi"):
        paper.render(years(), "png", dpi=1e6)


def test_the_axis_shows_the_rates_and_zero_only_where_it_is_near() -> None:
    noise = np.random.default_rng(1).normal(0, 2, 40)
    for rate, lowest, highest in ((100, 85, 99), (3, -8, 0), (-50, -62, -50)):
        low, high = frame(years(rate + noise))
        assert lowest < low < highest
        assert (low < 0 < high) or not (rate + noise).min() < 0 < (rate + noise).max()
    flare = np.where(np.arange(40) == 7, 900.0, 100.0)
    assert frame(years(flare, error=np.sqrt(flare)))[1] > 900


def test_a_second_of_good_time_does_not_stretch_the_axis_but_is_marked() -> None:
    vague = np.arange(40) == 5
    curve = years(np.where(vague, -700.0, 100.0), error=np.where(vague, 500.0, 2.0))
    assert frame(curve)[0] > 50
    view = LightCurveView(curve)
    assert list(view._layers[0].edges.data["marker"]) == ["inverted_triangle"]


def test_a_few_good_bins_among_many_vague_ones_set_the_axis() -> None:
    good = np.arange(40) % 8 == 0
    noise = np.random.default_rng(2).normal(0, 1, 40)
    error = np.where(good, 0.5, 60.0)
    low, high = frame(years(8 + noise * error, error=error))
    assert -3 < low < 8 < high < 13


def test_the_axis_suits_the_bins_that_are_drawn() -> None:
    curve = handmade.light_curve(bins=3600)
    noise = np.random.default_rng(3).normal(0, 60, 3600)
    vague = replace(curve, rate=8 + noise, error=np.full(3600, 60.0))
    series = series_of(vague)[0]
    joined = rate_range([bins_of(series, curve.time[0], 10)])
    assert joined[1] < 40 < rate_range([bins_of(series, curve.time[0], 4000)])[1]


def test_many_light_curves_have_a_frame_each_and_the_brightest_if_they_are_too_many() -> None:
    def drawn(number: int) -> Any:
        return paper.figure([years(10.0 + i, name=f"source {i}") for i in range(number)])

    def titles(drawing: Any) -> set[str]:
        return {axes.get_title(loc="left") for axes in drawing.axes}

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        twenty, forty = drawn(20), drawn(40)
        twenty.draw_without_rendering()
    assert titles(twenty) == {f"source {i}" for i in range(20)}
    assert len({axes.get_xlim() for axes in twenty.axes}) == 1
    assert min(axes.get_position().height for axes in twenty.axes) > 0.03
    assert "source 9" not in titles(forty)
    assert "the brightest 30 (10 light curves left out)" in forty.get_suptitle()


def spectrum_of(number: int) -> Spectrum:
    """Return the spectrum of one of many sources, each fainter than the one before."""
    spectrum = handmade.spectrum()
    source = replace(spectrum.source, name=f"IGR J17464-321{number}")
    return replace(spectrum, source=source, rate=spectrum.rate * 0.8**number)


def unwarned(drawing: Any) -> Any:
    """Lay out a figure, in which all must have its room."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing.draw_without_rendering()
    return drawing


@pytest.mark.parametrize("number", [2, 6, 14, 27])
@pytest.mark.parametrize("options", [{}, {"columns": 1}])
def test_a_figure_of_any_number_of_spectra_has_room_for_each(
    number: int, options: dict[str, Any]
) -> None:
    drawing = unwarned(paper.figure([spectrum_of(i) for i in range(number)], **options))
    frames = [axes.get_window_extent() for axes in drawing.axes if axes.get_frame_on()]
    heading = [text.get_window_extent() for text in drawing.texts]
    for box in frames:
        assert box.height > 0.5 * 72  # half an inch
        assert not any(box.overlaps(text) for text in heading)
    if number <= MOST_TOGETHER:
        [shown] = drawing.legends
        assert len(shown.get_texts()) == number
        assert not shown.get_window_extent().overlaps(drawing.axes[0].get_tightbbox())
        assert drawing.bbox.height >= shown.get_window_extent().y1
    else:
        titles = {axes.get_title(loc="left") for axes in drawing.axes} - {""}
        assert titles == {f"IGR J17464-321{i}" for i in range(number)}
        assert len({(axes.get_xlim(), axes.get_ylim()) for axes in drawing.axes[:number]}) == 1


def test_spectra_share_a_frame_or_have_one_each_as_the_user_says() -> None:
    few, many = ([spectrum_of(i) for i in range(number)] for number in (3, 8))
    assert len(paper.figure(few, panels=True).axes) == 3
    assert len(paper.figure(many, panels=False).axes) == 1
    with pytest.raises(BadParameter, match="panels"):
        paper.figure(few, panels="yes")


@pytest.mark.parametrize("number", [7, 26, 27])
def test_frames_side_by_side_leave_no_hole_between_rows(number: int) -> None:
    for products in (
        [years(10.0 + i, name=f"source {i}") for i in range(number)],
        [spectrum_of(i) for i in range(number)],
    ):
        drawing = unwarned(paper.figure(products))
        frames = [axes.get_position() for axes in drawing.axes if axes.get_frame_on()]
        rows = sorted({round(box.y0, 4) for box in frames})
        assert len(frames) == number
        assert len(rows) == -(-number // (2 if isinstance(products[0], LightCurve) else 3))
        assert max(np.diff(rows)) < 1.2 * min(np.diff(rows))


@pytest.mark.parametrize("number", [2, 4, 6])
def test_the_legend_covers_no_data(number: int) -> None:
    curves = [years(10.0 + i, name=f"IGR J17464-321{i}") for i in range(number)]
    drawing = unwarned(paper.figure(curves, fit="constant"))
    shown = drawing.legends[0].get_window_extent()
    assert not shown.overlaps(drawing.axes[0].get_tightbbox())
    assert shown.x0 >= 0
    assert shown.x1 <= drawing.bbox.width


def test_bands_of_one_observation_keep_its_facts() -> None:
    drawing = paper.figure([years(), years(energy=EnergyBand(100, 300))])
    words = " ".join(text.get_text() for text in drawing.axes[0].texts)
    assert years().observation.label in words.replace("\n", " · ")


def test_the_frame_fills_the_page() -> None:
    drawing = paper.figure(years(), columns=2)
    drawing.draw_without_rendering()
    assert drawing.get_tightbbox().x0 < 0.1  # inches
    assert drawing.axes[0].get_position().x0 < 0.08


def test_upper_limits_stand_above_the_rate_or_zero() -> None:
    rate = np.where(np.arange(40) % 2, -1.0, 10.0)
    bins = bins_of(series_of(years(rate), limit_below=3)[0], 1500.0, 1000)
    np.testing.assert_array_equal(bins.limited, rate < 6)
    np.testing.assert_allclose(bins.rate[bins.limited], 6.0)
    assert LightCurveView(years(rate), limit_below=3)._bins.data["words"][1] == "< 6.00"


def test_long_light_curves_are_drawn_against_mjd_or_the_date() -> None:
    view = LightCurveView(years())
    assert view.figure.xaxis[0].axis_label == "Time (MJD, TT)"
    assert "1800 s bins" in view.figure.above[0].text
    assert "bins of 50 to 100 d" in LightCurveView(years().rebin(days=140)).figure.above[0].text
    assert view._bins.data["mjd"][0] == pytest.approx(51544 + 1500)
    view.time.value = "date"
    assert view.figure.xaxis[0].axis_label == "Date (UTC)"
    assert view.figure.xgrid[0].ticker is view.figure.xaxis[0].ticker
    axes = paper.figure(years(), time="date").axes[0]
    days = axes.containers[0].lines[0].get_xdata()
    # 69.184 s before TT, as days since 1970
    assert days[0] == pytest.approx(1500 + 51544 - 40587 - 64.184 / 86400, abs=1e-9)


@pytest.mark.parametrize("length", [0, 5])
def test_a_light_curve_without_data_says_so(length: int) -> None:
    curve = handmade.light_curve(bins=length)
    curve = replace(curve, rate=np.full(length, np.nan))
    texts = [text.get_text() for text in paper.figure(curve).axes[0].texts]
    assert "no data" in texts
    view = LightCurveView(curve)
    assert "no data" in [item.text for item in view.figure.center if hasattr(item, "text")]
    view.select([(8320.65, 8320.66)])


def test_a_million_bins_are_drawn_small_with_their_burst() -> None:
    bins = 1_000_000
    rng = np.random.default_rng(1)
    curve = handmade.light_curve(bins=10)
    flat = np.ones(bins)
    for gap in (1.0, 3.0):  # bins that touch, and bins that all stand alone
        rate = rng.normal(0, 1, bins)
        rate[500_000] = 80.0
        time = 8320.7 + np.arange(bins) * gap * 0.004 / 86400
        many = replace(curve, time=time, width=0.004 * flat, rate=rate, error=flat,
                       exposed_fraction=flat, total_counts=flat, background=flat,
                       background_error=flat)  # fmt: skip
        view = LightCurveView(many)
        assert len(view._bins.data["rate"]) <= 8000
        assert max(view._bins.data["peak"]) == 80.0
        assert len(str(json_item(view.figure))) < TWO_MEGABYTES
        assert len(paper.render(many, "svg")) < TWO_MEGABYTES
        assert len(many.rebin(days=1 / 86400)) == pytest.approx(bins * 0.004 * gap, rel=0.01)


def test_bins_of_milliseconds_keep_their_shape() -> None:
    curve = handmade.light_curve(bins=500)
    time = 8320.7 + np.arange(500) * 0.002 / 86400
    view = LightCurveView(replace(curve, time=time, width=np.full(500, 0.002)))
    lengths = view._bins.data["stop"] - view._bins.data["start"]
    np.testing.assert_allclose(lengths, 0.002, rtol=1e-3)
    assert np.isnan(view._line.data["time"]).sum() == 0


def test_a_hole_in_the_channels_is_drawn_and_named() -> None:
    spectrum = handmade.spectrum()
    quality = spectrum.quality.copy()
    middle = (spectrum.channel_low > 80) & (spectrum.channel_low < 160)
    quality[middle] = 1
    holed = replace(spectrum, quality=quality)
    [(low, high)] = holes(holed)
    assert 78 < low < 90
    assert 155 < high < 175
    assert holes(holed, spectrum) == []
    view = SpectrumView(holed)
    [box] = [item for item in view.figure.center if isinstance(item, BoxAnnotation)]
    assert (box.left, box.right) == (low, high)
    assert "grey: no data" in view.figure.above[0].text
    assert "no data" in [text.get_text() for text in paper.figure(holed).axes[0].texts]


def test_no_narrow_channel_stands_among_wide_groups() -> None:
    spectrum = handmade.spectrum()
    rate, error = spectrum.rate.copy(), spectrum.error.copy()
    faint = np.flatnonzero(spectrum.channel_low > 200)
    rate[faint] = 0.0
    rate[faint[len(faint) // 2]] = 3.5 * error[faint[len(faint) // 2]]
    groups = channel_groups(replace(spectrum, rate=rate), 3.0)
    widths = [
        np.log(spectrum.channel_high[last - 1] / spectrum.channel_low[first])
        for first, last in groups
    ]
    assert all(after >= before / 2 for before, after in pairwise(widths[:-1]))


def test_ticks_of_short_logarithmic_axes_are_plain_numbers() -> None:
    spectrum = handmade.spectrum()
    flat = replace(spectrum, rate=6.0 * (spectrum.channel_high - spectrum.channel_low))
    figure = paper.figure(flat)
    figure.draw_without_rendering()
    texts = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert {"5", "7"} <= set(texts)
    assert not any("times" in text or "^" in text for text in texts)


def test_spectra_say_which_seconds_they_show_and_what_their_arrows_mean() -> None:
    spectrum = handmade.spectrum()
    start = spectrum.observation.start
    second = TimeInterval(start, start + 1 / 86400)
    short = replace(spectrum, observation=replace(spectrum.observation, intervals=(second,)))
    words = " ".join(text.get_text() for text in paper.figure(short).axes[0].texts)
    assert re.search(r"2022-10-12 [\d:]{8} to [\d:]{8} UTC", words)
    assert "upper limits, 2σ" in words


def of_jemx(curve: LightCurve) -> LightCurve:
    """Return a light curve as if JEM-X had made it."""
    return replace(curve, observation=replace(curve.observation, instrument="jemx1"))


def test_instruments_stand_one_above_the_other_unless_a_norm_or_the_user_joins_them() -> None:
    jemx, isgri = of_jemx(years(128.0)), years(188.0)
    upper, lower = paper.figure(jemx, others=[isgri], fit="constant").axes
    assert "JEM-X1; constant: 128" in upper.get_title(loc="left")
    assert lower.get_title(loc="left") == "ISGRI"
    assert upper.get_xlim() == lower.get_xlim()
    assert upper.get_ylim()[1] < 188 * 0.9 < lower.get_ylim()[0] * 1.1
    assert upper.get_ylabel() == lower.get_ylabel() != ""
    assert len(paper.figure(jemx, others=[isgri], norm="mean").axes) == 1
    assert len(paper.figure(jemx, others=[isgri], panels=False).axes) == 1
    assert len(paper.figure(isgri, others=[years(3.0, name="GX 5-1")]).axes) == 1
    assert len(paper.figure(isgri, others=[years(3.0, name="GX 5-1")], panels=True).axes) == 2
    with pytest.raises(BadParameter, match="panels"):
        paper.figure(isgri, others=[jemx], panels="yes")


def test_bins_that_cover_little_of_years_have_markers_which_the_legend_shows() -> None:
    time = np.concatenate([1500 + 200 * year + np.arange(60) / 288 for year in range(4)])
    flat = np.ones(len(time))
    curve = handmade.light_curve(bins=len(time))
    few = replace(curve, time=time, width=300 * flat, rate=90 * flat, error=flat)
    other = replace(few, rate=40 * flat, energy=EnergyBand(100, 300))
    drawing = paper.figure(few, others=[other])
    signs = {line.get_marker() for line in drawing.legends[0].findobj(Line2D)}
    assert {"o", "s"} <= signs


@pytest.mark.parametrize(
    ("days", "unit"), [(0.7, "hour"), (17.0, "day"), (700.0, "day"), (3000.0, "year")]
)
def test_a_slope_is_told_per_time_that_the_light_curve_lasts(days: float, unit: str) -> None:
    curve = handmade.light_curve(bins=40)
    time = 1500 + np.linspace(0, days, 40)
    sloped = replace(curve, time=time, width=np.full(40, 60.0), error=np.full(40, 2.0))
    sloped = replace(sloped, rate=100 + 8.0 * (time - 1500) / days)
    fit = sloped.fit("linear")
    length = {"hour": 1 / 24, "day": 1.0, "year": 365.25}[unit]
    assert fit.slope_in_words.endswith(f" counts/s per {unit}")
    assert with_error(fit.slope * length, fit.slope_error * length) in fit.slope_in_words
    assert fit.slope_in_words in repr(fit)
    [item] = LightCurveView(sloped, fit=fit).figure.legend[0].items
    assert f"counts/s per {unit}" in item.label.value
    assert any(f"per {unit}" in text for text in legend(sloped, fit=fit))


def test_a_fit_beside_other_light_curves_is_named_and_drawn_over_them_in_its_own_colour() -> None:
    view = LightCurveView(years(), fit="constant", others=[years(20.0, name="GX 5-1")])
    *_, last = view.figure.legend[0].items
    assert last.label.value.startswith("Crab, constant: ")
    assert view.figure.renderers[-1] is last.renderers[0]
    colours = {on_screen(number).colour for number in range(MOST)}
    assert last.renderers[0].glyph.line_color not in colours
    assert any(
        text.startswith("Crab, constant: ")
        for text in legend([years(), years(20.0, name="GX 5-1")], fit="constant")
    )


def test_a_light_curve_of_spi_acs_is_not_named_twice_in_a_list() -> None:
    curve = years(90_000.0, name="SPI-ACS", energy=EnergyBand(80, 1e5))
    shield = replace(curve, observation=replace(curve.observation, instrument="spi_acs"))
    [listed] = full_labels([(shield, "")])
    assert listed.startswith("SPI-ACS · above 80 keV · ")
    assert listed.count("SPI-ACS") == 1


def test_a_constant_and_a_line_are_drawn_together() -> None:
    both = ["constant", "linear"]
    view = LightCurveView(years(), fit=both)
    labels = [item.label.value for item in view.figure.legend[0].items]
    assert [label.partition(":")[0] for label in labels] == both
    shown = legend([years(), years(20.0, name="GX 5-1")], fit=both)
    assert sum("constant" in text for text in shown) == sum("linear" in text for text in shown) == 1


def test_eight_spectra_have_eight_colours_and_none_hides_another() -> None:
    spectra = [handmade.spectrum() for _ in range(8)]
    labels = [f"year {number}" for number in range(8)]
    view = SpectrumView(spectra[0], others=spectra[1:], labels=labels)
    marks = [item.renderers[0].glyph for item in view.figure.legend[0].items]
    assert len({mark.line_color for mark in marks}) == len({mark.marker for mark in marks}) == 8
    assert all(mark.fill_color is None for mark in marks)
