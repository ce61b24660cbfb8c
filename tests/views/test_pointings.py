"""The map of pointings and the times beside it."""

from __future__ import annotations

import numpy as np

from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source
from oda_widgets.views.pointings import PointingsView

CRAB = Source("Crab", 83.63, 22.01)


def view_of(places: list[tuple[float, float]]) -> PointingsView:
    windows = [
        ScienceWindow(f"{n:012d}", 1000.0 + n, 1000.5 + n, ra, dec, 0.0, 0.0, 3000.0)
        for n, (ra, dec) in enumerate(places)
    ]
    return PointingsView(windows, CRAB, 15.0, [w.id for w in windows], lambda _ids: None)


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
