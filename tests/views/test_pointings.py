"""The map of pointings and the times beside it."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import Text

from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source
from oda_widgets.views.pointings import PointingsView

CRAB = Source("Crab", 83.63, 22.01)


def view_of(places: list[tuple[float, float]], source: Source = CRAB) -> PointingsView:
    windows = [
        ScienceWindow(f"{n:012d}", 1000.0 + n, 1000.5 + n, ra, dec, 0.0, 0.0, 3000.0)
        for n, (ra, dec) in enumerate(places)
    ]
    return PointingsView(windows, source, 15.0, [w.id for w in windows], lambda _ids: None)


def test_many_circles_never_hide_the_map() -> None:
    """Fills, however faint, add up; so do equal outlines."""
    generator = np.random.default_rng(1)
    places = [(83.63 + x, 22.01 + y) for x, y in generator.normal(0, 5, (40, 2))]
    view = view_of([*places, *places])
    circles = next(one for one in view.map.renderers if one.data_source is view._circles)
    assert circles.glyph.fill_color is None
    assert 0 < len(view._circles.data["x"]) <= len(places)


def test_the_times_stand_beside_the_map_and_below_it_where_there_is_no_room() -> None:
    view = view_of([(83.63, 22.01)])
    row = view.pane.root
    assert row.children == [view.map, view.times]
    assert "wrap" in row.stylesheets[0]
    assert view.map.frame_width == view.map.frame_height


@pytest.mark.parametrize(
    "source",
    [
        CRAB,
        Source("GX 5-1", 270.28, -25.08),
        Source("GX 339-4", 255.706, -48.79),
        Source("Vela X-1", 135.53, -40.55),
        Source("the pole", 10.0, 89.0),
        Source("the other pole", 200.0, -87.0),
    ],
)
@pytest.mark.parametrize("spread", [2.0, 12.0])
def test_the_labels_of_its_grid_stand_whole_inside_the_frame(source: Source, spread: float) -> None:
    generator = np.random.default_rng(2)
    places = [
        ((source.ra + x) % 360, float(np.clip(source.dec + y, -89.9, 89.9)))
        for x, y in generator.normal(0, spread, (40, 2))
    ]
    plot = view_of(places, source).map
    labels = next(one for one in plot.renderers if isinstance(one.glyph, Text)).data_source.data
    assert len(labels["text"]) >= 4
    wide, high = plot.x_range.start - plot.x_range.end, plot.y_range.end - plot.y_range.start
    assert wide > 0  # east is on the left
    per_letter = wide * 7 / 260  # 7 screen pixels of a map that is narrow
    for x, y, text in zip(labels["x"], labels["y"], labels["text"], strict=True):
        assert plot.x_range.start > x > x - per_letter * len(text) > plot.x_range.end
        assert plot.y_range.start < y < y + high * 14 / 260 < plot.y_range.end
