"""Spectra: counts per second and keV against energy, with room for residuals below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bokeh.layouts import column
from bokeh.models import Arrow as BokehArrow
from bokeh.models import (
    BoxAnnotation,
    BoxZoomTool,
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    LegendItem,
    NormalHead,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    Title,
    WheelZoomTool,
)
from ipywidgets import HBox, VBox

from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.words import (
    channels_text,
    in_words,
    significance_text,
    typeset,
    with_error,
)
from oda_widgets.views.curve_figure import legend_below
from oda_widgets.views.curve_series import checked_others
from oda_widgets.views.fields import number_field
from oda_widgets.views.fit_curves import ARROW, ARROWS, LIMIT_BELOW
from oda_widgets.views.grouping import GroupedSpectrum, group_spectrum, holes
from oda_widgets.views.kept import Kept, Zoom, kept_values, set_values
from oda_widgets.views.labels import common_observation, common_title, distinct_labels
from oda_widgets.views.log_range import informed, log_range
from oda_widgets.views.log_ticks import label_log_axis
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.palette import Look, on_screen
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.theme import MIDDLE_GREY, new_figure
from oda_widgets.views.without_kernel import Pictured

_ENERGY_TICKS = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000]
_MINOR_TICKS = [*range(1, 10), *range(10, 100, 5), *range(100, 1001, 50)]

_HOVER = [
    ("energy", "@band"),
    ("rate", "@words counts/s/keV"),
    ("significance", "@sigmas σ"),
]
_HOVER_CLIPPED = [
    ("energy", "@band"),
    ("upper limit, beyond the axis", "@words"),
]
_LIMIT_DIGITS = 3
_BELOW_THE_FRAME = 0.88  # rate of an arrow at the end of the axis, part of it


class SpectrumView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Spectra on logarithmic axes, grouped for display.

    Parameters
    ----------
    spectrum
        Spectrum to show.
    min_significance
        Neighbouring channels are joined, for display only, until a point reaches it.
    lower
        A figure to set below on the same energy axis, for example residuals.
    height
        Of the upper figure, screen pixels.
    others
        Further spectra, in the same axes.
    labels
        Names for the legend; by default the differences between the spectra.
    on_view
        Called after the zoom or the grouping has changed.
    """

    def __init__(
        self,
        spectrum: Spectrum,
        min_significance: float = 3.0,
        lower: Any | None = None,
        height: int = 460,
        *,
        others: Any = (),
        labels: Sequence[str] | None = None,
        on_view: Callable[[], object] = list,
    ) -> None:
        self._pictured = spectrum
        self._on_view = on_view
        self.spectrum = spectrum
        self._spectra = [spectrum, *checked_others(others, Spectrum)]
        self._layers = [(ColumnDataSource(), ColumnDataSource()) for _ in self._spectra]
        self._points, self._limits = self._layers[0]
        self._clipped = ColumnDataSource()
        names = distinct_labels(self._spectra, labels)
        self.figure = _figure(self._spectra, names, self._layers, height)
        draw_clipped(self.figure, self._clipped)
        self._subtitle = next(item for item in self.figure.above if isinstance(item, Title))
        self._observed = self._subtitle.text
        self._zoom = Zoom(self.figure, on_change=on_view)
        self.group(min_significance)
        root = self.figure if lower is None else stacked(self.figure, lower)
        self.pane = BokehPane(root)
        super().__init__([self._controls(min_significance), self.pane])

    @property
    def kept(self) -> dict[str, str]:
        """State of the display, for a session: the grouping, and the zoom."""
        return kept_values({"grouping": self.grouping}) | {"zoom": self._zoom.text}

    def restore(self, kept: Kept) -> None:
        """Restore the state that a session kept."""
        set_values({"grouping": self.grouping}, kept)
        with self.pane.together():
            self._zoom.restore(kept.get("zoom", ""))

    def group(self, min_significance: float) -> None:
        """Join channels until each point reaches a significance; zero shows every channel."""
        drawn = []
        for spectrum, (points, limits) in zip(self._spectra, self._layers, strict=True):
            grouped = group_spectrum(spectrum, min_significance)
            measured = grouped.significance >= LIMIT_BELOW
            points.data = _point_columns(grouped, measured)
            limits.data = _limit_columns(grouped, ~measured)
            drawn += _axis_values(points, limits, informed(grouped.error)[~measured])
        y_range = self.figure.y_range
        y_range.start, y_range.end = log_range(np.concatenate(drawn))
        self._zoom.settle("y")
        self._clipped.data = clipped([limits for _, limits in self._layers], y_range.end)
        limited = any(len(limits.data["limit"]) for _, limits in self._layers)
        self._subtitle.text = " · ".join([self._observed, *([ARROWS] if limited else [])])

    def _controls(self, min_significance: float) -> HBox:
        control = number_field(
            "min_significance", min_significance, 0, 100, description="Group channels to σ ≥"
        )
        self.grouping = control
        message = Message()

        def regroup(_change: object) -> None:
            with shown_in(message):
                self.group(control.read())
            self._on_view()

        control.observe(regroup, names="value")
        row = HBox([control, message])
        row.add_class("oda-controls")
        return row


def stacked(upper: Any, lower: Any) -> Any:
    """Set a figure below another, sharing its energy axis.

    The upper figure loses its energy labels; the left edges of both frames line up.
    """
    lower.x_range = upper.x_range
    upper.xaxis.major_label_text_font_size = "0px"
    upper.xaxis.axis_label = None
    for plot in (upper, lower):
        plot.min_border_left = 80
    return column(upper, lower, sizing_mode="stretch_width", spacing=0)


def shade_holes(plot: Any, ranges: Sequence[tuple[float, float]]) -> None:
    """Draw ranges of energy without data as grey bands."""
    for low, high in ranges:
        style = {"fill_color": MIDDLE_GREY, "fill_alpha": 0.14, "line_color": None}
        plot.add_layout(BoxAnnotation(left=low, right=high, level="underlay", **style))


def draw_clipped(plot: Any, marks: ColumnDataSource) -> None:
    """Draw arrows at the upper end of the axis, for limits beyond it."""
    drawn = plot.scatter(
        "middle", "edge", source=marks, marker="triangle", size=8, color=MIDDLE_GREY,
        line_color=None,
    )  # fmt: skip
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=_HOVER_CLIPPED, visible=False))


def clipped(limits: Sequence[ColumnDataSource], top: float) -> dict[str, Any]:
    """Return the marks of the upper limits that lie beyond the end of an axis."""
    columns = {
        name: np.concatenate([one.data[name] for one in limits])
        for name in ("low", "high", "middle", "limit")
    }
    beyond = columns["limit"] > top
    found = {name: values[beyond] for name, values in columns.items()}
    words = [in_words(limit, _LIMIT_DIGITS) for limit in found["limit"].tolist()]
    edge = np.full(int(beyond.sum()), top * _BELOW_THE_FRAME)
    return found | {"edge": edge, "words": words, "band": bands(found["low"], found["high"])}


def bands(low: Any, high: Any) -> list[str]:
    """Return the energies of channels in words, one text each."""
    return [channels_text(*ends) for ends in zip(low.tolist(), high.tolist(), strict=True)]


def measured_words(rate: Any, error: Any) -> list[str]:
    """Return rates with their errors in words, one text each."""
    pairs = zip(rate.tolist(), error.tolist(), strict=True)
    return [typeset(with_error(*pair)) for pair in pairs]


def draw_limits(plot: Any, limits: ColumnDataSource, colour: str) -> None:
    """Draw upper limits, whose columns are low, high, middle, limit and arrow."""
    line = {"line_color": colour, "line_width": 1.4, "line_alpha": 0.7}
    plot.segment("low", "limit", "high", "limit", source=limits, **line)
    head = NormalHead(size=7, fill_color=colour, line_color=colour, fill_alpha=0.7)
    plot.add_layout(
        BokehArrow(
            end=head,
            source=limits,
            x_start="middle",
            x_end="middle",
            y_start="limit",
            y_end="arrow",
            **line,
        )
    )


def _figure(
    spectra: Sequence[Spectrum],
    names: Sequence[str],
    layers: Sequence[tuple[ColumnDataSource, ColumnDataSource]],
    height: int,
) -> Any:
    first, last = _energy_range(spectra)
    empty = holes(*spectra)
    words = ["grey: no data"] if empty else []
    observed = [spectrum.observation for spectrum in spectra]
    plot = new_figure(
        [PanTool(), BoxZoomTool(), WheelZoomTool(), ResetTool(), SaveTool()],
        title=common_title(spectra),
        subtitle=" · ".join([common_observation(observed), *words]),
        simulated=any(one.simulated for one in observed),
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
    label_log_axis(plot.yaxis[0], plot.ygrid[0])
    plot.toolbar.active_scroll = None
    shade_holes(plot, empty)
    marks = [
        _draw(plot, *sources, on_screen(number), alone=len(spectra) == 1)
        for number, sources in enumerate(layers)
    ]
    plot.add_tools(HoverTool(renderers=marks, tooltips=_HOVER, visible=False))
    if len(spectra) > 1:
        pairs = zip(names, marks, strict=True)
        legend_below(plot, [LegendItem(label=name, renderers=[one]) for name, one in pairs])
    return plot


def _energy_range(spectra: Sequence[Spectrum]) -> tuple[float, float]:
    edges = [
        (float(spectrum.channel_low[good].min()), float(spectrum.channel_high[good].max()))
        for spectrum in spectra
        if (good := spectrum.quality == 0).any()
    ]
    if not edges:
        return 15.0, 1000.0
    return min(low for low, _ in edges), max(high for _, high in edges)


def _draw(
    plot: Any, points: ColumnDataSource, limits: ColumnDataSource, look: Look, *, alone: bool
) -> Any:
    """Draw one spectrum; return its markers."""
    line = {"line_color": look.colour, "line_width": 1.4}
    plot.segment("low", "rate", "high", "rate", source=points, **line)
    plot.segment("middle", "below", "middle", "above", source=points, **line)
    draw_limits(plot, limits, look.colour)
    return plot.scatter(
        "middle",
        "rate",
        source=points,
        size=4 if alone else 8,
        marker="circle" if alone else look.marker,
        line_color=look.colour,
        fill_color=look.colour if alone else None,  # open markers at one place can all be seen
    )


def _point_columns(grouped: GroupedSpectrum, chosen: Any) -> dict[str, Any]:
    rate, error = grouped.rate[chosen], grouped.error[chosen]
    return {
        **_energies(grouped, chosen),
        "rate": rate,
        "error": error,
        # A logarithmic axis has no zero: an error bar that reaches it ends at 2 % of the rate.
        "below": np.maximum(rate - error, 0.02 * rate),
        "above": rate + error,
        "words": measured_words(rate, error),
        "sigmas": [significance_text(one) for one in grouped.significance[chosen].tolist()],
    }


def _limit_columns(grouped: GroupedSpectrum, chosen: Any) -> dict[str, Any]:
    limit = np.maximum(grouped.rate[chosen], 0) + LIMIT_BELOW * grouped.error[chosen]
    return {**_energies(grouped, chosen), "limit": limit, "arrow": limit * ARROW}


def _energies(grouped: GroupedSpectrum, chosen: Any) -> dict[str, Any]:
    low, high = grouped.low[chosen], grouped.high[chosen]
    middle = np.sqrt(low * high)
    return {"low": low, "high": high, "middle": middle, "band": bands(low, high)}


def _axis_values(points: ColumnDataSource, limits: ColumnDataSource, informative: Any) -> list[Any]:
    """Return the values that the axis holds: the points, and the limits of informative channels."""
    return [
        *(points.data[name] for name in ("above", "rate")),
        *(limits.data[name][informative] for name in ("limit", "arrow")),
    ]
