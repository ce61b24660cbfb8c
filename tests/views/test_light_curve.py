from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval, isot_utc
from oda_widgets.views.light_curve import LightCurveView, numbers_with_room
from tests.views import handmade
from tests.views.wire import change, happen, open_view


def seconds(view: LightCurveView, intervals: tuple[TimeInterval, ...]) -> list[tuple[float, float]]:
    return [
        (round((i.start - view.zero) * SECONDS_PER_DAY, 3), round(i.seconds, 3)) for i in intervals
    ]


def test_a_brush_becomes_intervals() -> None:
    brushed: list[tuple[TimeInterval, ...]] = []
    view = LightCurveView(handmade.light_curve(), on_select=brushed.append)
    open_view(view.pane)
    change(view.pane, view._bins.selected, "indices", [600, 601, 602, 1210])
    assert seconds(view, brushed[-1]) == [(600, 3), (1210, 1)]
    assert len(brushed) == 1


def test_clearing_the_brush_clears_the_intervals() -> None:
    brushed: list[tuple[TimeInterval, ...]] = []
    view = LightCurveView(handmade.light_curve(), on_select=brushed.append)
    change(view.pane, view._bins.selected, "indices", [600])
    change(view.pane, view._bins.selected, "indices", [])
    assert brushed[-1] == ()


def test_intervals_from_elsewhere_are_marked_exactly_and_silently() -> None:
    brushed: list[tuple[TimeInterval, ...]] = []
    view = LightCurveView(handmade.light_curve(), on_select=brushed.append)
    start = view.zero + 600.25 / SECONDS_PER_DAY
    view.select([(start, start + 2 / SECONDS_PER_DAY)])
    assert seconds(view, view.intervals) == [(600.25, 2)]
    assert view._chosen.data["start"] == pytest.approx([600.25], abs=1e-4)
    assert view._bins.selected.indices == [600, 601]
    assert brushed == []


def test_wrong_intervals_are_refused() -> None:
    with pytest.raises(BadParameter):
        LightCurveView(handmade.light_curve()).select([("yesterday", "today")])


def test_a_zoom_shows_the_true_bins_and_keeps_the_selection() -> None:
    brushed: list[tuple[TimeInterval, ...]] = []
    view = LightCurveView(handmade.light_curve(bins=40_000), on_select=brushed.append)
    assert "drawn in 10 s bins" in view.figure.above[0].text
    start = view.zero + 601 / SECONDS_PER_DAY
    view.select([(start, start + 2 / SECONDS_PER_DAY)])
    happen(view.pane, "rangesupdate", x0=500.0, x1=700.0, y0=0.0, y1=1.0)
    assert "1 s bins" in view.figure.above[0].text
    assert np.ptp(np.diff(view._bins.data["start"])) == pytest.approx(0, abs=1e-4)
    assert len(view._bins.selected.indices) == 2
    assert seconds(view, view.intervals) == [(601, 2)]
    assert brushed == []


def test_the_axis_names_the_start_and_the_title_the_data() -> None:
    view = LightCurveView(handmade.light_curve())
    assert view.figure.xaxis[0].axis_label == "Seconds since 2022-10-12T15:23:50.806 UTC"
    subtitle, title = (item.text for item in view.figure.above[:2])
    assert title == "SGR 1935+2154 · 28–150 keV"
    assert "ISGRI" in subtitle


def test_the_tooltip_names_an_instant_over_any_leap_second() -> None:
    curve = handmade.light_curve(bins=4)
    years = np.array([0.0, 3000.0, 6000.0, 8320.642361])  # IJD; UTC lost five seconds meanwhile
    view = LightCurveView(replace(curve, time=years))
    assert list(view._bins.data["when"]) == [
        isot_utc(float(ijd)).replace("T", " ")
        for ijd in view.zero + np.asarray(view._bins.data["middle"]) / SECONDS_PER_DAY
    ]
    assert view.figure.hover.tooltips[0] == ("time", "@when UTC")


def test_two_views_share_nothing() -> None:
    first, second = (LightCurveView(handmade.light_curve()) for _ in range(2))
    change(first.pane, first._bins.selected, "indices", [5])
    assert second.intervals == ()
    assert second._bins.selected.indices == []


@pytest.mark.parametrize(("width", "word"), [(1.0, "Seconds"), (10.0, "Hours"), (3600.0, "Days")])
def test_the_unit_of_time_suits_the_length(width: float, word: str) -> None:
    curve = handmade.light_curve()
    zero = curve.observation.start
    time = zero + (curve.time - zero) * width
    view = LightCurveView(replace(curve, time=time, width=curve.width * width), time="elapsed")
    assert view.figure.xaxis[0].axis_label.startswith(f"{word} since 2022-10-12")


def test_the_line_breaks_where_there_are_no_data() -> None:
    curve = handmade.light_curve()
    keep = np.ones(len(curve), dtype=bool)
    keep[100:150] = False
    columns = {name: getattr(curve, name)[keep] for name in ("time", "width", "rate", "error")}
    columns["exposed_fraction"] = curve.exposed_fraction[keep]
    view = LightCurveView(replace(curve, **columns))
    assert np.isnan(view._line.data["time"]).sum() == 1


def test_numbers_of_bursts_in_a_forest_do_not_overlap() -> None:
    place = np.array([100.0, 101.0, 102.0, 500.0])
    strength = np.array([5.0, 9.0, 6.0, 7.0])
    assert numbers_with_room(place, strength, (0.0, 1000.0), 700.0) == ["", "2", "", "4"]
    assert numbers_with_room(place, strength, (99.0, 104.0), 700.0) == ["1", "2", "3", "4"]
    many = np.linspace(0, 1000, 400)
    shown = numbers_with_room(many, np.arange(400.0), (0.0, 1000.0), 700.0)
    left = [x * 0.7 for x, number in zip(many, shown, strict=True) if number]
    assert 20 < len(left) < 50
    assert min(np.diff(left)) > 14


def test_numbers_of_bursts_come_back_where_the_zoom_gives_them_room() -> None:
    view = LightCurveView(handmade.light_curve())
    starts = [view.zero + second / SECONDS_PER_DAY for second in (100, 102, 104)]
    forest: Any = [
        SimpleNamespace(
            trigger=start,
            interval=TimeInterval(start, start + 1 / SECONDS_PER_DAY),
            t90_interval=None,
            significance=10.0 + number,
        )
        for number, start in enumerate(starts)
    ]
    view.mark(forest)
    assert list(view._bursts.data["number"]) == ["", "", "3"]
    view.zoom(starts[0] - 1e-4, starts[2] + 1e-4)
    assert list(view._bursts.data["number"]) == ["1", "2", "3"]
    view.mark(())
    assert list(view._bursts.data["number"]) == []
