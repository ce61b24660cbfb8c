"""Science windows to choose by eye: a map of their pointings, and their times, to drag over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    DataRange1d,
    DatetimeTickFormatter,
    HoverTool,
    LassoSelectTool,
    PanTool,
    Range1d,
    ResetTool,
    Row,
    TapTool,
    WheelZoomTool,
)
from ipywidgets import VBox

from oda_widgets.lookup.sphere import separations
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import isot_utc
from oda_widgets.views.flat_sky import flat, grid, on_circle
from oda_widgets.views.muted import Muted
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.theme import CHOSEN, FILLS_COLUMN, GUIDE, MIDDLE_GREY, TARGET, new_figure
from oda_widgets.views.time_axis import unix_seconds

_Range = tuple[float, float]

_MOST_CIRCLES = 150
_LARGEST_MAP = 440  # screen pixels
_HIGH = 330  # screen pixels of the times beside it
_NARROWEST = 290  # screen pixels of the times: where less is left, they stand below
_SIDE_BY_SIDE = ":host { flex-wrap: wrap; gap: 8px; }"
_ROOM = 1.1
_SPAN_DEGREES, _SPAN_MS = 10.0, 4 * 3600e3  # of the axes, if there is only one pointing
_HOVER = [
    ("window", "@id"),
    ("start", "@start UTC"),
    ("good time", "@good{0,0} s"),
    ("pointing", "@ra{0.00}°, @dec{+0.00}°"),
]


class PointingsView(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """The pointings of science windows above their times; dragging on either chooses windows.

    Parameters
    ----------
    windows
        Windows to draw; those without a pointing are left out.
    source
        Source in the middle of the map; without one the map is centred on the windows.
    reach
        Angle in degrees up to which a window sees a source: drawn around the chosen ones.
    chosen
        Identifiers of the windows chosen at first.
    on_select
        Called with the identifiers after a drag or a click.
    """

    def __init__(
        self,
        windows: Sequence[ScienceWindow],
        source: Source | None,
        reach: float,
        chosen: Collection[str],
        on_select: Callable[[tuple[str, ...]], object],
    ) -> None:
        self._windows = [w for w in windows if np.isfinite((w.ra, w.dec, w.start)).all()]
        self._centre = _centre(self._windows, source)
        self._reach, self._on_select = reach, on_select
        self._muted = Muted()
        self._points = ColumnDataSource(_columns(self._windows, self._centre))
        self._circles = ColumnDataSource({"x": [], "y": []})
        self.map, self.times = self._map(source), self._times(source)
        self._points.selected.on_change("indices", lambda _attr, _old, new: self._brushed(new))
        both = Row(self.map, self.times, sizing_mode="stretch_width", stylesheets=[_SIDE_BY_SIDE])
        self.pane = BokehPane(both)
        self.mark(chosen)
        super().__init__([self.pane])

    def mark(self, chosen: Collection[str]) -> None:
        """Mark the chosen windows, without calling `on_select`."""
        named = set(chosen)
        indices = [n for n, window in enumerate(self._windows) if window.id in named]
        with self.pane.together(), self._muted:
            if self._points.selected.indices != indices:
                self._points.selected.indices = indices
            self._circles.data = self._outlines(indices)

    def _brushed(self, indices: list[int]) -> None:
        if not self._muted:
            ids = tuple(self._windows[n].id for n in sorted(indices))
            self.pane.afterwards(lambda: self._on_select(ids))

    def _outlines(self, indices: list[int]) -> dict[str, list[Any]]:
        if len(indices) > _MOST_CIRCLES or self._reach >= 90:
            return {"x": [], "y": []}
        # Equal circles drawn over each other would look like a bold one.
        places = {_rounded(self._windows[n].ra, self._windows[n].dec) for n in indices}
        drawn = sorted(places)
        rounds = [flat(*on_circle(*place, self._reach), *self._centre) for place in drawn]
        return {"x": [x for x, _ in rounds], "y": [y for _, y in rounds]}

    def _map(self, source: Source | None) -> Any:
        name = "the middle" if source is None else source.name
        across, up = _square(self._points.data, with_middle=source is not None)
        plot = new_figure(
            [*_tools(), WheelZoomTool()],
            title="Pointings",
            # An explicit square keeps circles round; the browser adapts it to its column.
            tags=[f"{FILLS_COLUMN}:{_LARGEST_MAP}"],
            frame_width=_LARGEST_MAP,
            frame_height=_LARGEST_MAP,
            styles={"flex": "0 0 auto"},
            # With the circles of chosen windows the map would zoom out.
            x_range=Range1d(*reversed(across)),
            y_range=Range1d(*up),
            x_axis_label=f"East of {name} (deg)",
            y_axis_label="North (deg)",
        )
        plot.grid.visible = False
        self._draw_grid(plot, across, up)
        circles = plot.patches(
            "x", "y", source=self._circles, fill_color=None, line_color=CHOSEN, line_alpha=0.3,
        )  # fmt: skip
        points = _draw(plot, self._points, "x", "y")
        if source is not None:
            plot.scatter(
                [0], [0], marker="circle_cross", size=16, line_color=TARGET, line_width=2,
                fill_alpha=0,
            )  # fmt: skip
        plot.select_one(BoxSelectTool).renderers = [points]
        plot.select_one(LassoSelectTool).renderers = [points]
        plot.select_one(TapTool).renderers = [points]
        plot.add_tools(HoverTool(renderers=[points], tooltips=_HOVER, visible=False))
        circles.level = "underlay"
        return plot

    def _draw_grid(self, plot: Any, across: _Range, up: _Range) -> None:
        if not self._windows:
            return
        lines = grid(*self._centre, across, up)
        plot.multi_line(lines.x, lines.y, line_color=GUIDE, line_alpha=0.3)
        plot.text(
            lines.label_x, lines.label_y, lines.labels, text_color=MIDDLE_GREY,
            text_font_size="11px", x_offset=3, y_offset=-2,
        )  # fmt: skip

    def _times(self, source: Source | None) -> Any:
        label = "Good time (s)" if source is None else "Off-axis (deg)"
        shown = "good" if source is None else "angle"
        plot = new_figure(
            [*_tools(), WheelZoomTool(dimensions="width")],
            title="When",
            height=_HIGH,
            sizing_mode="stretch_width",
            styles={"flex": f"1 1 {_NARROWEST}px"},
            x_axis_type="datetime",
            x_range=DataRange1d(range_padding=0.08, default_span=_SPAN_MS),
            x_axis_label="Start (UTC)",
            y_axis_label=label,
            y_range=Range1d(*_from_zero(self._points.data[shown])),
        )
        plot.xaxis[0].formatter = DatetimeTickFormatter(
            seconds="%H:%M:%S\n%Y-%m-%d",
            minutes="%H:%M\n%Y-%m-%d",
            minsec="%H:%M:%S\n%Y-%m-%d",
            hourmin="%H:%M\n%Y-%m-%d",
            hours="%H:%M\n%Y-%m-%d",
            days="%Y-%m-%d",
            months="%Y-%m",
            years="%Y",
        )
        points = _draw(plot, self._points, "when", shown)
        plot.add_tools(HoverTool(renderers=[points], tooltips=_HOVER, visible=False))
        return plot


def _rounded(ra: float, dec: float) -> tuple[float, float]:
    """Round a position to a third of a degree, a pixel or two of the map."""
    return round(3 * ra) / 3, round(3 * dec) / 3


def _square(points: Any, *, with_middle: bool) -> tuple[_Range, _Range]:
    """Return ranges of one length around points, with room for their marks; degrees."""
    middle = [0.0] if with_middle or not len(points["x"]) else []
    across, up = ([*map(float, points[name]), *middle] for name in ("x", "y"))
    half = _ROOM * max(_SPAN_DEGREES, *(max(one) - min(one) for one in (across, up))) / 2
    centres = ((max(one) + min(one)) / 2 for one in (across, up))
    ranges = tuple((centre - half, centre + half) for centre in centres)
    return ranges[0], ranges[1]


def _from_zero(values: Any) -> _Range:
    """Return a range from zero to the largest value, with room for the marks at both ends."""
    largest = max((float(value) for value in values if np.isfinite(value)), default=0.0) or 1.0
    return -0.06 * largest, 1.12 * largest


def off_axis(windows: Sequence[ScienceWindow], source: Source | None) -> list[float]:
    """Return the angle between pointing and source of each window, degrees; NaN without one."""
    if source is None or not windows:
        return [float("nan")] * len(windows)
    ra, dec = [w.ra for w in windows], [w.dec for w in windows]
    return [float(angle) for angle in separations(ra, dec, source.ra, source.dec)]


def _tools() -> list[Any]:
    return [BoxSelectTool(), LassoSelectTool(), TapTool(), PanTool(), ResetTool()]


def _draw(plot: Any, points: ColumnDataSource, x: str, y: str) -> Any:
    plot.toolbar.active_drag = plot.select_one(BoxSelectTool)
    plot.toolbar.active_scroll = None
    return plot.scatter(
        x, y, source=points, size=7, line_color=None, fill_color=MIDDLE_GREY, fill_alpha=0.5,
        selection_fill_color=CHOSEN, selection_fill_alpha=0.9, nonselection_fill_color=MIDDLE_GREY,
        nonselection_fill_alpha=0.45,
    )  # fmt: skip


def _columns(windows: Sequence[ScienceWindow], centre: tuple[float, float]) -> dict[str, Any]:
    ra, dec = np.array([w.ra for w in windows]), np.array([w.dec for w in windows])
    x, y = flat(ra, dec, *centre)
    return {
        "x": x,
        "y": y,
        "ra": ra,
        "dec": dec,
        "when": 1000 * unix_seconds(np.array([w.start for w in windows], dtype=float)),
        "angle": separations(ra, dec, *centre) if windows else [],
        "good": np.array([w.good_time for w in windows]),
        "id": [w.id for w in windows],
        "start": [isot_utc(w.start, 0) for w in windows],
    }


def _centre(windows: Sequence[ScienceWindow], source: Source | None) -> tuple[float, float]:
    """Return the position of the source or, without one, the mean direction of the windows."""
    if source is not None:
        return source.ra, source.dec
    ra, dec = np.radians([w.ra for w in windows]), np.radians([w.dec for w in windows])
    x, y, z = (np.cos(dec) * np.cos(ra)).sum(), (np.cos(dec) * np.sin(ra)).sum(), np.sin(dec).sum()
    return float(np.degrees(np.arctan2(y, x)) % 360), float(
        np.degrees(np.arctan2(z, np.hypot(x, y)))
    )
