"""Frames of the sky in their column: of the shape of the room, on one scale, the image in sight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document

import oda_widgets.views
from oda_widgets.panels.apps.drawing import Drawing
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.sky.followed import FollowedSky
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.sky.window import Window
from oda_widgets.views.theme import EQUAL_SCALE, FILLS_COLUMN
from tests.views import handmade
from tests.views.wire import happen, in_javascript, open_view

FRAMES = (Path(oda_widgets.views.__file__).parent / "frames.js").read_text(encoding="utf-8")
WIDE, SQUARE = (900, 500), (500, 500)
WHOLE = Window(-0.5, 239.5, -0.5, 239.5)

# A figure as BokehJS knows it: axes and a bar take 150 pixels beside the frame, 130 above it.
PAGE = """
let beside = 150
const range = (start, end) => ({ start, end, reset_start: start, reset_end: end,
  setv(ends) { Object.assign(this, ends) } })
const model = { id: "p1", tags, frame_width: 540, frame_height: 540,
  x_range: range(-0.5, columns - 0.5), y_range: range(-0.5, rows - 0.5),
  setv(sizes) { Object.assign(this, sizes) } }
const view = { model, frame: { bbox: {} },
  get bbox() { return { width: model.frame_width + beside, height: model.frame_height + 130 } } }
Object.defineProperties(view.frame.bbox, {
  width: { get: () => model.frame_width }, height: { get: () => model.frame_height } })
const el = { clientWidth: 0, closest: () => null }
const window = { innerHeight: 900 }
const frames = new Frames(el)
const seen = () => [seenIn(model), model.frame_width, model.frame_height]
const shown = []
for (const [width, ends, frame, bar] of steps) {
  beside = bar ?? 150
  if (frame) [model.frame_width, model.frame_height] = frame
  if (ends) [model.x_range.start, model.x_range.end, model.y_range.start, model.y_range.end] = ends
  el.clientWidth = width
  frames.fill(view)
  shown.push(seen())
}
return shown
"""


def frames_of(
    *steps: tuple[Any, ...], rows: int = 240, columns: int = 240, tags: list[str] | None = None
) -> list[tuple[Window, int, int]]:
    """Return what a browser shows in columns of some widths, after changes of ranges and frame."""
    tags = [EQUAL_SCALE, FILLS_COLUMN] if tags is None else tags
    given = {"steps": steps, "rows": rows, "columns": columns, "tags": tags}
    shown = in_javascript(FRAMES + PAGE, **given)
    return [(Window(**seen), width, height) for seen, width, height in shown]


@pytest.mark.parametrize("width", [340, 700, 1000, 1500, 2400])
@pytest.mark.parametrize(("rows", "columns"), [(240, 240), (100, 300), (300, 100)])
def test_a_frame_fills_its_column_and_shows_the_whole_image_on_one_scale(
    width: int, rows: int, columns: int
) -> None:
    [(seen, wide, high)] = frames_of((width, None), rows=rows, columns=columns)
    assert wide == width - 150
    assert high + 130 <= 900 - 250
    scale = wide / (seen.right - seen.left)
    assert high / (seen.top - seen.bottom) == pytest.approx(scale)
    whole = Window(-0.5, columns - 0.5, -0.5, rows - 0.5)
    assert seen.left <= whole.left + 1e-6
    assert seen.right >= whole.right - 1e-6
    assert seen.bottom <= whole.bottom + 1e-6
    assert seen.top >= whole.top - 1e-6


def test_a_narrow_frame_has_the_shape_of_the_image_and_no_empty_sky() -> None:
    [(seen, wide, high)] = frames_of((420, None))
    assert wide == high == 270
    assert seen.near(WHOLE)


def test_what_was_asked_to_be_seen_outlives_all_widths() -> None:
    zoomed = (100, 120, 100, 120)
    shown = frames_of((1500, None), (1500, zoomed), (400, None), (900, None), (1500, None))
    windows = [seen for seen, _, _ in shown]
    assert windows[4].near(windows[1])
    assert windows[2].near(Window(*zoomed))
    assert all(seen.left <= 100 and seen.right >= 120 for seen in windows[1:])


def test_the_whole_image_stays_whole_after_reset_and_in_all_widths() -> None:
    whole = (-0.5, 239.5, -0.5, 239.5)
    shown = frames_of((1500, None), (1500, (10, 20, 10, 20)), (1500, whole), (400, None))
    assert shown[2] == shown[0]
    assert shown[3][0].near(WHOLE)


def test_a_part_that_was_dragged_is_left_as_it_is() -> None:
    [(first, _, _), *_] = frames_of((1500, None))
    dragged = (first.left + 5, first.right + 5, first.bottom - 3, first.top - 3)
    assert frames_of((1500, None), (1500, dragged))[1][0].near(Window(*dragged))


def test_a_frame_keeps_its_place_while_numbers_beside_it_change() -> None:
    bars = (150, 190, 150, 170, 100, 150)
    shown = frames_of(*((1000, None, None, bar) for bar in bars))
    assert [wide for _, wide, _ in shown] == [850, 810, 810, 810, 900, 850]


def test_two_views_of_a_figure_do_not_resize_it_in_turn() -> None:
    ends = (-0.5, 239.5, -0.5, 239.5)
    *_, (seen, wide, high) = frames_of((1500, None), (1500, ends, (300, 300)), (1500, None))
    assert (wide, high) == (300, 300)
    assert seen.near(WHOLE)


def test_figures_of_other_kinds_keep_their_shape_or_are_left_alone() -> None:
    [(_, wide, high)] = frames_of((700, None), tags=[f"{FILLS_COLUMN}:440"])
    assert (wide, high) == (440, 440)
    [(seen, wide, high)] = frames_of((700, None), tags=[])
    assert (seen, wide, high) == (WHOLE, 540, 540)


@pytest.mark.parametrize("frame", [WIDE, SQUARE, (300, 700)])
@pytest.mark.parametrize("box", [WHOLE, Window(3, 9, 100, 101)])
def test_kernel_and_browser_agree_on_what_is_seen(frame: tuple[int, int], box: Window) -> None:
    code = FRAMES + "return fitted(box, { width, height })"
    width, height = frame
    found = in_javascript(code, box=box.__dict__, width=width, height=height)
    assert Window(**found).near(box.fitted(frame))


def widen(plot: Any, frame: tuple[int, int]) -> None:
    """Let a figure have what a browser gives it."""
    seen = Window.of(plot).fitted(frame)
    plot.update(frame_width=frame[0], frame_height=frame[1])
    plot.x_range.update(start=seen.left, end=seen.right)
    plot.y_range.update(start=seen.bottom, end=seen.top)


def lines_reach_all_sides(data: Any, window: Window) -> bool:
    x, y = (np.concatenate([np.asarray(one, float) for one in data[axis]]) for axis in "xy")
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    across = x.min() <= window.left and x.max() >= window.right
    return bool(across and y.min() <= window.bottom and y.max() >= window.top)


def test_grid_and_labels_cover_the_whole_frame() -> None:
    view = SkyView(handmade.image())
    open_view(view.pane)
    plot = view._figure.plot
    widen(plot, WIDE)
    happen(view.pane, "rangesupdate", x0=0.0, x1=1.0, y0=0.0, y1=1.0)
    window = view._figure.frame.window
    rows, _ = view._drawn.display.shape
    assert window.right - window.left == pytest.approx(rows * 900 / 500)
    assert lines_reach_all_sides(view._figure.frame._lines.data, window)
    places = [float(place) for place in plot.xaxis[0].major_label_overrides]
    assert min(places) < WHOLE.left
    assert max(places) > WHOLE.right


def test_a_wide_frame_is_no_zoom_for_a_session() -> None:
    view = SkyView(handmade.image())
    widen(view._figure.plot, WIDE)
    assert view.kept["zoom"] == ""
    view.zoom_to_source()
    assert view.kept["zoom"] != ""
    view.zoom_out()
    assert view.kept["zoom"] == ""


def test_a_zoom_that_a_session_kept_leaves_reset_the_whole_image() -> None:
    view = SkyView(handmade.image())
    view.restore({"zoom": "100 120 100 120"})
    x = view._figure.plot.x_range
    assert (x.start, x.end, x.reset_start, x.reset_end) == (100, 120, -0.5, 239.5)


def recorded() -> tuple[BokehPane, Any]:
    """Return a recorded drawing of an image, and its figure."""
    [pane] = Drawing.of(handmade.image()).plot().children
    return pane, pane.root


def test_a_recorded_image_fills_its_column_as_well() -> None:
    pane, plot = recorded()
    assert set(plot.tags) == {EQUAL_SCALE, FILLS_COLUMN}
    open_view(pane)
    widen(plot, WIDE)
    happen(pane, "rangesupdate", x0=0.0, x1=1.0, y0=0.0, y1=1.0)
    window = Window.of(plot)
    grid = next(one for one in plot.renderers if type(one.glyph).__name__ == "MultiLine")
    assert lines_reach_all_sides(grid.data_source.data, window)
    assert min(map(float, plot.xaxis[0].major_label_overrides)) < WHOLE.left


def test_names_in_a_recorded_image_are_there_where_they_have_room() -> None:
    pane, plot = recorded()
    open_view(pane)
    names = next(one for one in plot.renderers if type(one.glyph).__name__ == "Text").data_source
    assert len(names.data["name"]) == 4
    widen(plot, (60, 60))
    happen(pane, "rangesupdate", x0=0.0, x1=1.0, y0=0.0, y1=1.0)
    assert len(names.data["name"]) < 4


def test_a_recording_made_before_frames_had_any_shape_is_followed() -> None:
    """It knows neither the scale nor the ends to which reset goes back."""
    [content] = Drawing.of(handmade.image()).documents
    document = Document.from_json(content)
    [plot] = document.roots
    plot.update(tags=[FILLS_COLUMN])
    plot.x_range.update(reset_start=None, reset_end=None)
    followed = FollowedSky.of(plot)
    assert followed is not None
    assert plot.x_range.reset_end == plot.x_range.end
    assert EQUAL_SCALE in plot.tags
