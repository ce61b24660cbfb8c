"""Light curves: error bars, and a brush that selects seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from bokeh.events import RangesUpdate
from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    DataRange1d,
    HoverTool,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    WheelZoomTool,
)
from ipywidgets import VBox
from numpy.typing import NDArray

from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.timespan import SECONDS_PER_DAY, TimeInterval, parse_intervals
from oda_widgets.views.muted import Muted
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.rebin import ScreenCurve, rebin
from oda_widgets.views.theme import CHOSEN, DATA, ERROR, GUIDE, new_figure, set_titles
from oda_widgets.views.time_axis import label_time, utc_texts

OnSelect = Callable[[tuple[TimeInterval, ...]], object]

_MARGIN = 0.01  # on both sides of a light curve, part of its length

_HOVER = [
    ("time", "@when UTC"),
    ("rate", "@rate{0.00} ± @error{0.00} counts/s"),
]


class LightCurveView(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A light curve with a brush along the time axis.

    Parameters
    ----------
    curve
        What to show.
    on_select
        Called with the selected intervals (IJD) whenever the brush changes them. Hold shift to
        add another interval; press escape to clear.
    height
        Of the figure, screen pixels.
    """

    def __init__(
        self, curve: LightCurve, on_select: OnSelect | None = None, height: int = 460
    ) -> None:
        self.curve = curve
        self.intervals: tuple[TimeInterval, ...] = ()
        self._on_select = on_select
        self._muted = Muted()
        drawn = self._drawn(None)
        self._bins = ColumnDataSource(data=_columns(drawn, self.zero))
        self._line = ColumnDataSource(data=_corners(drawn))
        self._chosen = ColumnDataSource(data={"start": [], "stop": []})
        self.figure = _figure(curve, self._bins, self._line, self._chosen, height)
        self._bins.selected.on_change("indices", lambda _attr, _old, new: self._brushed(new))
        # Bokeh sends only events registered before the figure joins its document.
        self.figure.on_event(RangesUpdate, lambda event: self._zoomed(event.x0, event.x1))
        self.pane = BokehPane(self.figure)
        self._describe()
        super().__init__([self.pane])

    @property
    def zero(self) -> float:
        """IJD at which the time axis reads zero."""
        return self.curve.observation.start

    @property
    def span(self) -> tuple[float, float]:
        """First and last instant of the observation, IJD."""
        return self.curve.observation.start, self.curve.observation.stop

    def select(self, intervals: Any) -> None:
        """Mark intervals on the light curve, as the brush does.

        Parameters
        ----------
        intervals
            Pairs of instants, see `oda_widgets.request.timespan.parse_intervals`.
        """
        self.intervals = parse_intervals(intervals)
        with self.pane.together(), self._muted:
            self._bins.selected.indices = self._bins_inside()
            self._mark()

    def _brushed(self, indices: list[int]) -> None:
        """Turn the selected bins into intervals and call `on_select`."""
        if self._muted:
            return
        start, stop = self._bins.data["start"], self._bins.data["stop"]
        runs = _runs(sorted(indices), start, stop)
        self.intervals = parse_intervals([(self._ijd(a), self._ijd(b)) for a, b in runs])
        self._mark()
        if self._on_select is not None:
            self._on_select(self.intervals)

    def _zoomed(self, first: float, last: float) -> None:
        """Draw the visible part in as many bins as the screen has room for."""
        drawn = self._drawn((first, last))
        if drawn.factor == 1 and len(drawn.rate) == len(self._bins.data["rate"]):
            return
        with self.pane.together(), self._muted:
            self._bins.data = _columns(drawn, self.zero)
            self._line.data = _corners(drawn)
            self._bins.selected.indices = self._bins_inside()
            self._describe()

    def _drawn(self, window: tuple[float, float] | None) -> ScreenCurve:
        curve = self.curve
        start, stop = ((curve.edges - self.zero) * SECONDS_PER_DAY).T
        inside = np.ones(len(curve), dtype=bool)
        if window is not None:
            margin = window[1] - window[0]
            inside = (stop > window[0] - margin) & (start < window[1] + margin)
        return rebin(start[inside], stop[inside], curve.rate[inside], curve.error[inside])

    def _ijd(self, seconds: float) -> float:
        return self.zero + float(seconds) / SECONDS_PER_DAY

    def _seconds(self, ijd: float) -> float:
        return (ijd - self.zero) * SECONDS_PER_DAY

    def _bins_inside(self) -> list[int]:
        middle = (self._bins.data["start"] + self._bins.data["stop"]) / 2
        inside = np.zeros(len(middle), dtype=bool)
        for interval in self.intervals:
            start, stop = self._seconds(interval.start), self._seconds(interval.stop)
            inside |= (middle >= start) & (middle < stop)
        return [int(index) for index in np.flatnonzero(inside)]

    def _mark(self) -> None:
        self._chosen.data = {
            "start": [self._seconds(interval.start) for interval in self.intervals],
            "stop": [self._seconds(interval.stop) for interval in self.intervals],
        }

    def _describe(self) -> None:
        curve = self.curve
        shown = float(np.median(self._bins.data["stop"] - self._bins.data["start"]))
        true = float(np.median(curve.width))
        bins = f"{true:g} s bins" if shown < 1.5 * true else f"drawn in {shown:.4g} s bins"
        subtitle = f"{curve.observation.label} · {bins}"
        set_titles(self.figure, f"{curve.name} · {curve.energy}", subtitle)


def _figure(
    curve: LightCurve,
    bins: ColumnDataSource,
    line: ColumnDataSource,
    chosen: ColumnDataSource,
    height: int,
) -> Any:
    seconds = (curve.time - curve.observation.start) * SECONDS_PER_DAY
    # No bin ends at the frame, be it one of a second or of a window in a year.
    half = max(float(np.median(curve.width)) / 2, _MARGIN * float(seconds[-1] - seconds[0]))
    plot = new_figure(
        [*_tools()],
        title="",
        simulated=curve.observation.simulated,
        height=height,
        sizing_mode="stretch_width",
        x_range=Range1d(float(seconds[0]) - half, float(seconds[-1]) + half),
        y_range=DataRange1d(range_padding=0.06),
        y_axis_label="Counts / s",
    )
    label_time(plot, curve.observation.start, float(seconds[-1] - seconds[0]))
    _draw(plot, bins, line, chosen)
    return plot


def _tools() -> Iterable[Any]:
    brush = BoxSelectTool(dimensions="width", continuous=False)
    brush.overlay.fill_color = CHOSEN
    brush.overlay.fill_alpha = 0.15
    brush.overlay.line_color = CHOSEN
    return (
        brush,
        PanTool(dimensions="width"),
        WheelZoomTool(dimensions="width"),
        ResetTool(),
        SaveTool(),
    )


def _draw(
    plot: Any, bins: ColumnDataSource, line: ColumnDataSource, chosen: ColumnDataSource
) -> None:
    plot.vstrip(
        "start",
        "stop",
        source=chosen,
        fill_color=CHOSEN,
        fill_alpha=0.18,
        line_color=CHOSEN,
        line_alpha=0.6,
        hatch_alpha=0,
    )
    flat = {"nonselection_line_alpha": 0.45}
    plot.segment(
        "middle",
        "dip",
        "middle",
        "peak",
        source=bins,
        line_color=ERROR,
        line_alpha=0.4,
        nonselection_line_alpha=0.4,
    )
    plot.segment(
        "middle", "below", "middle", "above", source=bins, line_color=ERROR, line_alpha=0.45, **flat
    )
    plot.line("time", "rate", source=line, line_color=DATA)
    points = plot.scatter(
        "middle",
        "rate",
        source=bins,
        size=3,
        color=DATA,
        line_color=None,
        selection_color=CHOSEN,
        nonselection_fill_alpha=1.0,
        nonselection_fill_color=DATA,
    )
    plot.hspan(y=[0.0], line_color=GUIDE, line_dash="dotted")
    plot.add_tools(HoverTool(renderers=[points], tooltips=_HOVER, visible=False))
    plot.toolbar.active_drag = plot.tools[0]
    plot.toolbar.active_scroll = None


def _columns(drawn: ScreenCurve, zero: float) -> dict[str, Any]:
    return {
        "when": utc_texts(zero + drawn.middle / SECONDS_PER_DAY),
        "start": drawn.start,
        "stop": drawn.stop,
        "middle": drawn.middle,
        "rate": drawn.rate,
        "error": drawn.error,
        "below": drawn.rate - drawn.error,
        "above": drawn.rate + drawn.error,
        "peak": drawn.peak,
        "dip": drawn.dip,
    }


def _corners(drawn: ScreenCurve) -> dict[str, NDArray[np.float64]]:
    """Return the line that rests on each bin, and breaks where there are no data."""
    last = np.append(drawn.gap_after, False)
    stop = np.where(last, np.nan, drawn.stop)
    return {
        "time": np.column_stack([drawn.start, drawn.stop, stop]).ravel(),
        "rate": np.repeat(drawn.rate, 3),
    }


def _runs(
    indices: list[int], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> list[tuple[float, float]]:
    """Return the edges of each run of neighbouring bins."""
    edges: list[tuple[float, float]] = []
    for position, index in enumerate(indices):
        if position and index == indices[position - 1] + 1:
            edges[-1] = (edges[-1][0], float(stop[index]))
        else:
            edges.append((float(start[index]), float(stop[index])))
    return edges
