"""Spectra: counts per second and keV against energy, with room for residuals below."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.layouts import column
from bokeh.models import Arrow as BokehArrow
from bokeh.models import (
    BoxZoomTool,
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    NormalHead,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    WheelZoomTool,
)
from ipywidgets import HBox, VBox

from oda_widgets.products.spectrum import Spectrum
from oda_widgets.views.fields import number_field
from oda_widgets.views.grouping import GroupedSpectrum, group_spectrum
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.theme import DATA, new_figure

UPPER_LIMIT_BELOW = 2.0  # sigma; also how far above zero or the rate the limit is set
_ARROW_FACTOR = 0.55  # length of an arrow on the logarithmic axis
_ENERGY_TICKS = [15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000]
_MINOR_TICKS = [*range(15, 100, 5), *range(100, 1001, 50)]

_HOVER = [
    ("energy", "@low{0.0} to @high{0.0} keV"),
    ("rate", "@rate{0.000e} ± @error{0.000e} counts/s/keV"),
    ("significance", "@significance{0.0} σ"),
]


class SpectrumView(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A spectrum on logarithmic axes, grouped for display.

    Parameters
    ----------
    spectrum
        What to show.
    min_significance
        Neighbouring channels are joined, for display only, until a point reaches it.
    lower
        A figure to set below on the same energy axis, for example residuals.
    height
        Of the upper figure, screen pixels.
    """

    def __init__(
        self,
        spectrum: Spectrum,
        min_significance: float = 3.0,
        lower: Any | None = None,
        height: int = 460,
    ) -> None:
        self.spectrum = spectrum
        self._points = ColumnDataSource()
        self._limits = ColumnDataSource()
        self.figure = _figure(spectrum, self._points, self._limits, height)
        self.group(min_significance)
        root = self.figure if lower is None else stacked(self.figure, lower)
        self.pane = BokehPane(root)
        super().__init__([self._controls(min_significance), self.pane])

    def group(self, min_significance: float) -> None:
        """Join channels until each point reaches a significance; zero shows every channel."""
        grouped = group_spectrum(self.spectrum, min_significance)
        measured = grouped.significance >= UPPER_LIMIT_BELOW
        self._points.data = _point_columns(grouped, measured)
        self._limits.data = _limit_columns(grouped, ~measured)
        y_range = self.figure.y_range
        y_range.start, y_range.end = _rate_range(self._points.data, self._limits.data)

    def _controls(self, min_significance: float) -> HBox:
        control = number_field(
            "min_significance", min_significance, 0, 100, description="Group channels to σ ≥"
        )
        message = Message()

        def regroup(_change: object) -> None:
            with shown_in(message):
                self.group(control.read())

        control.observe(regroup, names="value")
        row = HBox([control, message])
        row.add_class("oda-controls")
        return row


def stacked(upper: Any, lower: Any) -> Any:
    """Set a figure below another, sharing its energy axis.

    The upper figure gives up its energy labels; left edges of both frames line up.
    """
    lower.x_range = upper.x_range
    upper.xaxis.major_label_text_font_size = "0px"
    upper.xaxis.axis_label = None
    for plot in (upper, lower):
        plot.min_border_left = 80
    return column(upper, lower, sizing_mode="stretch_width", spacing=0)


def _figure(
    spectrum: Spectrum, points: ColumnDataSource, limits: ColumnDataSource, height: int
) -> Any:
    good = spectrum.quality == 0
    low, high = spectrum.channel_low[good], spectrum.channel_high[good]
    first, last = (float(low[0]), float(high[-1])) if good.any() else (15.0, 1000.0)
    plot = new_figure(
        [PanTool(), BoxZoomTool(), WheelZoomTool(), ResetTool(), SaveTool()],
        title=spectrum.name,
        subtitle=spectrum.observation.label,
        simulated=spectrum.observation.simulated,
        height=height,
        sizing_mode="stretch_width",
        x_axis_type="log",
        y_axis_type="log",
        x_range=Range1d(first * 0.93, last * 1.07),
        y_range=Range1d(1e-4, 1),
        x_axis_label="Energy (keV)",
        y_axis_label="Counts / s / keV",
    )
    plot.xaxis.ticker = FixedTicker(ticks=_ENERGY_TICKS, minor_ticks=_MINOR_TICKS)
    plot.xgrid.ticker = plot.xaxis[0].ticker
    plot.toolbar.active_scroll = None
    _draw(plot, points, limits)
    return plot


def _draw(plot: Any, points: ColumnDataSource, limits: ColumnDataSource) -> None:
    line = {"line_color": DATA, "line_width": 1.4}
    plot.segment("low", "rate", "high", "rate", source=points, **line)
    plot.segment("middle", "below", "middle", "above", source=points, **line)
    marks = plot.scatter("middle", "rate", source=points, size=4, color=DATA)
    plot.segment("low", "limit", "high", "limit", source=limits, line_alpha=0.7, **line)
    head = NormalHead(size=7, fill_color=DATA, line_color=DATA, fill_alpha=0.7)
    plot.add_layout(
        BokehArrow(
            end=head,
            source=limits,
            x_start="middle",
            x_end="middle",
            y_start="limit",
            y_end="arrow",
            line_alpha=0.7,
            **line,
        )
    )
    plot.add_tools(HoverTool(renderers=[marks], tooltips=_HOVER, visible=False))


def _point_columns(grouped: GroupedSpectrum, chosen: Any) -> dict[str, Any]:
    rate, error = grouped.rate[chosen], grouped.error[chosen]
    return {
        **_energies(grouped, chosen),
        "rate": rate,
        "error": error,
        # A logarithmic axis has no zero: an error bar that reaches it ends at 2 % of the rate.
        "below": np.maximum(rate - error, 0.02 * rate),
        "above": rate + error,
        "significance": grouped.significance[chosen],
    }


def _limit_columns(grouped: GroupedSpectrum, chosen: Any) -> dict[str, Any]:
    limit = np.maximum(grouped.rate[chosen], 0) + UPPER_LIMIT_BELOW * grouped.error[chosen]
    return {**_energies(grouped, chosen), "limit": limit, "arrow": limit * _ARROW_FACTOR}


def _energies(grouped: GroupedSpectrum, chosen: Any) -> dict[str, Any]:
    low, high = grouped.low[chosen], grouped.high[chosen]
    return {"low": low, "high": high, "middle": np.sqrt(low * high)}


def _rate_range(points: dict[str, Any], limits: dict[str, Any]) -> tuple[float, float]:
    values = np.concatenate([points["above"], points["rate"], limits["limit"], limits["arrow"]])
    values = values[values > 0]
    if not values.size:
        return 1e-4, 1.0
    return float(values.min()) * 0.5, float(values.max()) * 2
