"""The figure of a burst: its rate, the level below it, T90 and the label of simulated data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bokeh.models import VStrip
from matplotlib.figure import Figure
from PIL import Image

import oda_widgets as oda
from oda_widgets.archive.simulated.shield import SimulatedShield
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products.burst import Burst
from oda_widgets.products.shield_curve import shield_curve
from oda_widgets.request.timespan import to_ijd
from oda_widgets.views.burst import burst_view
from oda_widgets.views.curve_figure import _RATES
from tests.real_data import GRB_230307A
from tests.views.wire import in_javascript


@pytest.fixture(scope="module")
def grb() -> Burst:
    """Give GRB 230307A as SPI-ACS saw it."""
    return oda.LightCurve.read(GRB_230307A).burst()


def words_of(drawing: Figure) -> str:
    """Return all that is written in a figure."""
    (axes,) = drawing.axes
    legend = [text.get_text() for text in drawing.legends[0].get_texts()]
    titles = [axes.get_title("left"), axes.get_xlabel(), axes.get_ylabel()]
    return " ".join([*titles, *legend, *(text.get_text() for text in axes.texts)])


def test_it_shows_t90_where_it_is_and_the_level(grb: Burst) -> None:
    drawing = grb.figure()
    (axes,) = drawing.axes
    (shade,) = axes.patches
    corners = shade.get_extents().transformed(axes.transData.inverted())
    wanted = [float(grb.seconds(each)) for each in (grb.t90_interval.start, grb.t90_interval.stop)]
    assert (corners.x0, corners.x1) == pytest.approx(wanted, abs=0.01)
    words = words_of(drawing)
    assert "$T_{90}$ = 28." in words
    assert "level, 90,6" in words
    assert "2023-03-07T15:44:07" in words
    assert "10$^3$ counts" in words
    highest = max(line.get_ydata().max() for line in axes.lines if len(line.get_ydata()) > 50)
    assert highest == pytest.approx(1_743_640, rel=0.01)


def test_before_and_after_are_seconds_around_the_trigger(grb: Burst) -> None:
    (axes,) = grb.figure(before=5, after=100, time_bin=1).axes
    assert axes.get_xlim() == (-5, 100)


def test_simulated_bursts_are_labelled() -> None:
    time = to_ijd("2020-04-15T08:48:05")
    data = SimulatedShield().data(time - 60 / 86400, time + 60 / 86400)
    burst = shield_curve(data.counts, simulated=True).burst()
    assert "SIMULATED" in words_of(burst.figure())


def test_it_is_saved_and_shown_in_notebooks(grb: Burst, tmp_path: Path) -> None:
    grb.save(tmp_path / "grb.png", columns=2, dpi=100)
    with Image.open(tmp_path / "grb.png") as picture:
        assert picture.size[0] == pytest.approx(709, abs=2)
        assert np.asarray(picture.convert("L")).std() > 10
    assert "image/png" in grb._repr_mimebundle_()
    with pytest.raises(BadParameter, match="unknown file extension"):
        grb.save(tmp_path / "grb.fits")


def test_on_the_page_t90_is_selected(grb: Burst) -> None:
    chosen: list[object] = []
    view = grb.plot(on_select=chosen.append, height=300)
    (selected,) = view.intervals
    assert selected == grb.t90_interval
    assert not chosen  # nobody brushed
    assert view.curve.observation.start == pytest.approx(grb.interval.start, abs=0.01)
    with pytest.raises(BadParameter, match="colour"):
        grb.plot(colour="red")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"before": -1}, BadParameter, "before"),
        ({"after": "soon"}, BadParameter, "after"),
        ({"before": 0, "after": 0}, BadParameter, "no time is left"),
        ({"time_bin": 0}, BadParameter, "seconds"),
        ({"colour": "red"}, BadParameter, "colour"),
        ({"after": 0.01, "before": 0.01}, EmptySelection, "No bin"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    grb: Burst, options: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        grb.figure(**options)


def test_on_the_page_it_fills_the_figure_and_all_is_a_reset_away(grb: Burst) -> None:
    view = burst_view(grb)
    axis, t90 = view.figure.x_range, grb.t90_interval
    assert t90 is not None
    share = t90.seconds / (axis.end - axis.start)
    assert 0.3 < share < 0.7
    assert axis.reset_end - axis.reset_start > 400
    assert axis.start < view._seconds(t90.start) < view._seconds(t90.stop) < axis.end
    assert view.figure.above[-1].text == "SPI-ACS · above 80 keV"
    marks = [r for r in view.figure.renderers if getattr(r.glyph, "marker", None) is not None]
    shade, _of_marks = (
        r.glyph.fill_color for r in view.figure.renderers if isinstance(r.glyph, VStrip)
    )
    assert {r.selection_glyph.fill_color for r in marks if r.selection_glyph != "auto"} != {shade}


@pytest.mark.parametrize(
    ("ticks", "written"),
    [
        ([0, 5e5, 1e6, 1.5e6], ["0", "0.5 × 10⁶", "1 × 10⁶", "1.5 × 10⁶"]),
        ([-20, 0, 20], ["−20", "0", "20"]),
        ([0, 0.05, 0.1], ["0", "0.05", "0.1"]),
        ([0, 90000], ["0", "90000"]),
        ([-2e-7, 0, 4e-7], ["−2 × 10⁻⁷", "0", "4 × 10⁻⁷"]),
    ],
)
def test_rates_are_written_as_in_print(ticks: list[float], written: list[str]) -> None:
    all_ticks = "return ticks.map(tick => { " + _RATES + " })"
    assert in_javascript(all_ticks, ticks=ticks) == written
