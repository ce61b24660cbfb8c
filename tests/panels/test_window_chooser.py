"""Science windows chosen on the map, in the table and from lists: one choice, seen everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.window_chooser import WindowChooser
from oda_widgets.panels.window_list import identifiers_in
from oda_widgets.panels.windows import WindowsPanel
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.views.flat_sky import flat, on_circle
from oda_widgets.views.row_table import MOST_ROWS
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until
from tests.views.wire import change


class Archive(FakeSite):
    """Finds windows along a line through the sky."""

    def __init__(self, available: int) -> None:
        super().__init__()
        self.available = available

    def science_windows(self, **search: Any) -> ScienceWindowList:
        self.searches.append(search)
        number = min(search["limit"], self.available)
        windows = (
            ScienceWindow(
                f"{n:04d}00000010.001", 1000.0 + n, 1000.1 + n, 80 + n / 100, 22.0, 0.0, 0.0, 2080.0
            )
            for n in range(number)
        )
        return ScienceWindowList(tuple(windows), self.available, "an archive")


def chooser(available: int) -> tuple[WindowChooser, WindowsPanel]:
    panel = WindowsPanel(Archive(available), lambda: None, Stage())
    panel.source = Source("Crab", 83.63, 22.01)
    panel.search()
    made = WindowChooser(panel, Stage())
    made.refresh()
    wait_until(lambda: made.summary.value)
    return made, panel


def test_all_that_were_found_are_on_the_map_and_those_in_use_are_marked() -> None:
    made, panel = chooser(1240)
    assert len(made.view._points.data["id"]) == 1240
    assert len(made.view._points.selected.indices) == 50
    assert made.table.selected == list(panel.chosen)
    assert "<b>50 of 1,240</b> windows, 104 ks" in made.summary.value


def test_dragging_ticking_and_the_list_of_the_form_are_one_choice() -> None:
    made, panel = chooser(60)
    change(made.view.pane, made.view._points.selected, "indices", [55, 3])
    assert panel.value == ("000300000010.001", "005500000010.001")
    assert made.table.selected == list(panel.value)
    made.table._receive(None, {"type": "select", "ids": ["000700000010.001", "<b>"]}, [])
    assert panel.value == ("000700000010.001",)
    assert made.view._points.selected.indices == [7]
    made.choose_all()
    assert len(panel.value) == 60
    made.choose(())
    with pytest.raises(EmptySelection, match="No science window is chosen"):
        _ = panel.value


def test_a_tick_keeps_what_the_table_has_no_room_for() -> None:
    made, panel = chooser(MOST_ROWS + 5)
    made.choose_all()
    ticked = [row["id"] for row in made.table.rows][1:]
    made.table._receive(None, {"type": "select", "ids": ticked}, [])
    assert len(panel.value) == MOST_ROWS + 4


def test_the_archive_is_searched_again_only_for_another_search() -> None:
    made, panel = chooser(60)
    asked = len(panel._site.searches)
    made.refresh()
    panel.list.value = panel.list.value[:3]
    made.refresh()
    assert len(made.view._points.selected.indices) == 3
    assert len(panel._site.searches) == asked


def test_a_pasted_list_is_used_and_what_is_unknown_is_said() -> None:
    made, panel = chooser(60)
    made.use_list("| 000700000010 | 001 | Crab |\n000300000010.001, 250000280010.001")
    assert panel.value == ("000300000010.001", "000700000010.001", "250000280010.001")
    assert "1 window is not among those found" in made.message.value
    made.text.value = "<script>"
    made._use_typed()
    assert "no identifier is in it" in made.message.value
    assert "<script>" not in made.message.value


def test_a_list_longer_than_a_query_is_refused() -> None:
    text = " ".join(f"{n:012d}" for n in range(10_001))
    with pytest.raises(BadParameter, match="more than 10,000"):
        identifiers_in(text)


def test_angles_from_the_middle_of_the_map_are_true() -> None:
    ra, dec = on_circle(83.63, 22.01, 15.0)
    x, y = flat(ra, dec, 83.63, 22.01)
    np.testing.assert_allclose(np.hypot(x, y), 15.0, atol=1e-9)
    east, north = flat([83.63 + 1e-3], [22.01 + 1e-3], 83.63, 22.01)
    assert east[0] > 0
    assert north[0] > 0


def test_a_single_window_is_drawn_beside_its_source_and_in_hours() -> None:
    made, _ = chooser(1)
    across, up = made.view.map.x_range, made.view.map.y_range
    for x, y in ((0.0, 0.0), (made.view._points.data["x"][0], made.view._points.data["y"][0])):
        assert across.end < x < across.start
        assert up.start < y < up.end
    assert made.view.times.x_range.default_span == 4 * 3600e3


def test_circles_on_the_map_are_round_and_no_mark_is_cut_by_its_frame() -> None:
    made, _ = chooser(1240)
    plot = made.view.map
    assert plot.frame_width == plot.frame_height
    assert plot.x_range.start - plot.x_range.end == pytest.approx(
        plot.y_range.end - plot.y_range.start
    )
    assert plot.x_range.end < min(made.view._points.data["x"])
    assert made.view.times.y_range.start < min(made.view._points.data["angle"])
