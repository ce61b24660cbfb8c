"""Parameters and fluxes against time on the page: a frame for each, with a common axis of time."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.layouts import column
from bokeh.models import (
    BoxZoomTool,
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

from oda_widgets.fitting.trend import Quantity, Trend
from oda_widgets.request.timespan import SECONDS_PER_DAY
from oda_widgets.views.labels import common_observation
from oda_widgets.views.palette import on_screen
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.powers import power_of
from oda_widgets.views.theme import new_figure
from oda_widgets.views.time_axis import DATE, label_time
from oda_widgets.views.trend_words import axis_label, trend_title
from oda_widgets.views.without_kernel import Pictured

_MARGIN = 0.03  # on both sides, part of the time that is shown
_HEADING = 70  # height of titles and tools, screen pixels
_AXIS = 45  # height of the axis of time, screen pixels
_LABELS = 75  # room for the labels of the vertical axes, the same for all frames


class TrendView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Quantities of several fits against the date of their data.

    Parameters
    ----------
    trend
        Trend to show.
    height
        Of one frame, screen pixels.
    """

    def __init__(self, trend: Trend, height: int = 165) -> None:
        self._pictured = trend
        trend.need_dates()
        self.trend = trend
        self._times = _seconds_range(trend)
        self.figures = [
            self._figure(quantity, place, height) for place, quantity in enumerate(trend.quantities)
        ]
        self.pane = BokehPane(column(*self.figures, sizing_mode="stretch_width"))
        super().__init__([self.pane])

    def _figure(self, quantity: Quantity, place: int, height: int) -> Any:
        first, last = place == 0, place == len(self.trend.quantities) - 1
        observed = list(self.trend.observations)
        tools = [PanTool(), BoxZoomTool(), WheelZoomTool(), ResetTool(), SaveTool()]
        power = power_of(quantity.value)
        values, errors = quantity.value / 10.0**power, quantity.errors / 10.0**power
        plot = new_figure(
            tools if first else [],
            title=trend_title(self.trend).replace(": ", " · ") if first else "",
            subtitle=common_observation(observed) if first else "",
            simulated=any(one.simulated for one in observed),
            height=height + _HEADING * first + _AXIS * last,
            sizing_mode="stretch_width",
            x_range=self._times,
            y_range=DataRange1d(range_padding=0.15),
            y_axis_label=axis_label(self.trend, quantity, power),
            toolbar_location="above" if first else None,
        )
        if not first:
            plot.above = []
        plot.min_border_left = _LABELS
        plot.yaxis.axis_label_text_font_size = "11px"  # two lines beside a low frame
        span = self._times.end - self._times.start
        label_time(plot, float(self.trend.spans.min()), span, DATE)
        plot.xaxis.visible = last
        _draw(plot, self.trend, (values, np.nan_to_num(errors)), place)
        return plot


def _seconds_range(trend: Trend) -> Range1d:
    length = float(np.ptp(trend.spans)) * SECONDS_PER_DAY
    margin = max(_MARGIN * length, 1.0)
    return Range1d(-margin, length + margin)


def _draw(plot: Any, trend: Trend, numbers: tuple[Any, Any], place: int) -> None:
    values, errors = numbers
    start, stop = ((one - trend.spans.min()) * SECONDS_PER_DAY for one in trend.spans.T)
    source = ColumnDataSource(
        {
            "fit": list(trend.labels),
            "start": start,
            "stop": stop,
            "middle": (start + stop) / 2,
            "value": values,
            "below": values - errors[0],
            "above": values + errors[1],
            "words": list(trend.quantities[place].texts),
        }
    )
    look = on_screen(place)
    style = {"source": source, "line_color": look.colour, "line_width": 1.4}
    plot.segment("start", "value", "stop", "value", **style)
    plot.segment("middle", "below", "middle", "above", **style)
    marks = plot.scatter(
        "middle", "value", source=source, marker=look.marker, size=6, color=look.colour
    )
    tips = [("", "@fit"), (trend.quantities[place].name, "@words")]
    plot.add_tools(HoverTool(renderers=[marks], tooltips=tips, visible=False))
