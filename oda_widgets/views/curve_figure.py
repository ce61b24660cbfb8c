"""The interactive figure of light curves: error bars, lines that break at gaps, a brush."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    CustomJSTickFormatter,
    HoverTool,
    Label,
    LabelSet,
    LegendItem,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    WheelZoomTool,
)
from numpy.typing import NDArray

from oda_widgets.products.curve_statistics import CurveFit
from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY
from oda_widgets.request.words import in_words, typeset, with_error
from oda_widgets.views.curve_series import Bins, Series, fit_words
from oda_widgets.views.palette import Look, on_screen
from oda_widgets.views.rate_range import edge_marks
from oda_widgets.views.theme import CHOSEN, FIT, GUIDE, MIDDLE_GREY, new_figure, new_legend
from oda_widgets.views.time_axis import utc_texts

_MARGIN = 0.01  # on both sides of a light curve, part of its length
_FEW = 400  # bins whose markers are large
_LEGEND_ROWS = 6
_ARROW = 0.6  # length of the arrow of an upper limit, part of the median error
# All numbers of an axis share one power of ten, written as in print; short numbers have none.
_RATES = """
const minus = text => text.replace("-", "\\u2212")
const largest = Math.max(...ticks.map(Math.abs))
const power = largest > 0 ? Math.floor(Math.log10(largest) + 1e-9) : 0
if (power > -4 && power < 5) return minus(String(Number(tick.toPrecision(9))))
if (tick === 0) return "0"
const raised = [...String(power)].map(c => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("")
return `${minus(String(Number((tick / 10 ** power).toPrecision(6))))} × 10${raised}`
"""
_DASHES = ("dashed", "solid", "dotted")  # of several fits
_LIMIT_DIGITS = 3
_NUMBER_UP = 16  # screen pixels of the number of a burst above the axis of time
_HOVER = [
    ("time", "@when UTC"),
    ("MJD", "@mjd{0.00000} TT"),
    ("rate", "@words counts/s"),
]


@dataclass(frozen=True)
class Layers:
    """Elements of a figure that draw one light curve.

    Parameters
    ----------
    bins
        One row a bin.
    line
        Steps: a horizontal line at the rate of each bin.
    edges
        Marks at the frame for bins beyond it.
    """

    bins: ColumnDataSource = field(default_factory=ColumnDataSource)
    line: ColumnDataSource = field(default_factory=ColumnDataSource)
    edges: ColumnDataSource = field(default_factory=ColumnDataSource)

    def fill(self, bins: Bins, name: str, zero: float, frame: tuple[float, float]) -> None:
        """Replace the drawn data."""
        self.bins.data = {**_columns(bins, zero), "name": [name] * len(bins)}
        self.line.data = _step_corners(bins)
        below, above = edge_marks(bins, frame)
        self.edges.data = {
            "time": np.concatenate([below, above]),
            "rate": np.repeat(frame, [len(below), len(above)]),
            "marker": ["inverted_triangle"] * len(below) + ["triangle"] * len(above),
        }


def curve_figure(
    drawn: Sequence[Series], layers: Sequence[Layers], chosen: ColumnDataSource, zero: float,
    frame: tuple[float, float], height: int,
) -> Any:  # fmt: skip
    """Return the figure of light curves, the first of which has the brush.

    Parameters
    ----------
    drawn
        The light curves.
    layers
        One for each.
    chosen
        The selected intervals: start and stop, seconds since `zero`.
    zero
        Where the axis of time reads zero, IJD.
    frame
        The ends of the axis of rates.
    height
        Screen pixels.
    """
    plot = new_figure(
        [*_tools()],
        title="",
        simulated=any(series.curve.observation.simulated for series in drawn),
        height=height,
        sizing_mode="stretch_width",
        x_range=Range1d(*time_range(drawn, zero)),
        y_range=Range1d(*frame),
        y_axis_label="Counts / s",
    )
    plot.yaxis.formatter = CustomJSTickFormatter(code=_RATES)
    _draw_selection(plot, chosen)
    marks = [
        _draw(plot, one, on_screen(number), lines=len(drawn) == 1)
        for number, one in enumerate(layers)
    ]
    plot.hspan(y=[0.0], line_color=GUIDE, line_dash="dotted")
    names = [("light curve", "@name")] if len(drawn) > 1 else []
    plot.add_tools(HoverTool(renderers=marks, tooltips=[*names, *_HOVER], visible=False))
    plot.tools[0].renderers = [marks[0]]
    plot.toolbar.active_drag = plot.tools[0]
    plot.toolbar.active_scroll = None
    if not any(map(len, drawn)):
        _write_no_data(plot)
    if len(drawn) > 1:
        pairs = zip(drawn, marks, strict=True)
        items = [LegendItem(label=series.label, renderers=[one]) for series, one in pairs]
        legend_below(plot, items)
    return plot


def time_range(drawn: Sequence[Series], zero: float) -> tuple[float, float]:
    """Return the ends of the axis of time, seconds, a little beyond the first and the last bin."""
    seen = [series for series in drawn if len(series)]
    if not seen:
        observed = drawn[0].curve.observation
        length = (observed.stop - observed.start) * SECONDS_PER_DAY
        return 0.0, length if length > 0 else 1.0
    first = min(float(series.start.min()) for series in seen)
    last = max(float(series.stop.max()) for series in seen)
    start, stop = (first - zero) * SECONDS_PER_DAY, (last - zero) * SECONDS_PER_DAY
    margin = _MARGIN * (stop - start)
    return start - margin, stop + margin


def draw_fit(
    plot: Any, fit: CurveFit, series: Series, zero: float, name: str = "", number: int = 0
) -> None:
    """Draw the line of a fit, in the dashes of its number, with its values in the legend."""
    if not len(series):
        return
    ends = np.array([series.start[0], series.stop[-1]])
    line = plot.line(
        (ends - zero) * SECONDS_PER_DAY, fit.at(ends), line_color=FIT, line_width=2.5,
        line_dash=_DASHES[number % len(_DASHES)],
    )  # fmt: skip
    item = LegendItem(label=fit_words(fit, name), renderers=[line])
    legend_below(plot, [item])


def draw_bursts(plot: Any, bursts: ColumnDataSource) -> None:
    """Draw bursts: T90 as a shade from start to stop, and the trigger as a line with its number."""
    colour = on_screen(2).colour
    plot.vstrip(
        "start", "stop", source=bursts, fill_color=colour, fill_alpha=0.15, line_color=None,
        hatch_alpha=0,
    )  # fmt: skip
    plot.vspan("trigger", source=bursts, line_color=colour, line_dash="dashed")
    plot.add_layout(
        LabelSet(
            x="trigger", y=_NUMBER_UP, y_units="screen", x_offset=3, text="number", source=bursts,
            text_color=colour, text_font_size="12px", text_baseline="top",
        )
    )  # fmt: skip


def legend_below(plot: Any, items: list[LegendItem]) -> None:
    """Put a legend below the frame; a click on an entry hides its light curve."""
    if plot.legend:
        plot.legend[0].items = [*plot.legend[0].items, *items]
        return
    legend = new_legend(items, "top_left")
    columns = 1 + (len(items) - 1) // _LEGEND_ROWS
    legend.update(click_policy="hide", ncols=columns, padding=0, margin=4, spacing=0)
    plot.add_layout(legend, "below")


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


def _draw_selection(plot: Any, chosen: ColumnDataSource) -> None:
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


def _draw(plot: Any, layers: Layers, look: Look, *, lines: bool) -> Any:
    """Draw one light curve; return its markers."""
    few = len(layers.bins.data["start"]) <= _FEW
    bars = {"source": layers.bins, "line_color": look.colour, "nonselection_line_alpha": 0.5}
    plot.segment("middle", "dip", "middle", "peak", line_alpha=0.4, **bars)
    plot.segment("middle", "below", "middle", "above", line_alpha=0.5, **bars)
    if few:
        plot.segment("start", "rate", "stop", "rate", line_alpha=0.5, **bars)
    if lines:
        plot.line("time", "rate", source=layers.line, line_color=look.colour)
    plot.scatter(
        "time", "rate", source=layers.edges, marker="marker", size=8, color=look.colour,
        line_color=None,
    )  # fmt: skip
    return plot.scatter(
        "middle",
        "rate",
        source=layers.bins,
        marker=look.marker,
        size=_size(look, few=few),
        color=look.colour,
        line_color=look.colour if look.marker in ("plus", "x") else None,
        selection_color=look.colour,
        nonselection_fill_alpha=1.0,
        nonselection_fill_color=look.colour,
    )


def _size(look: Look, *, few: bool) -> float:
    base = 6.0 if few else 3.0
    return base * 1.3 if look.marker in ("diamond", "plus", "x") else base


def _write_no_data(plot: Any) -> None:
    middle = (plot.x_range.start + plot.x_range.end) / 2
    style = {"text_color": MIDDLE_GREY, "text_align": "center", "text_baseline": "middle"}
    plot.add_layout(Label(x=middle, y=0.5, text="no data", **style))


def _columns(bins: Bins, zero: float) -> dict[str, Any]:
    ijd = zero + bins.time / SECONDS_PER_DAY
    arrow = _ARROW * float(np.median(bins.error)) if len(bins) else 0.0
    return {
        "when": utc_texts(ijd),
        "mjd": ijd + IJD_ZERO_MJD,
        "start": bins.start,
        "stop": bins.stop,
        "middle": bins.time,
        "rate": bins.rate,
        "words": [
            f"< {in_words(rate, _LIMIT_DIGITS)}" if limited else typeset(with_error(rate, error))
            for rate, error, limited in zip(
                bins.rate.tolist(), bins.error.tolist(), bins.limited.tolist(), strict=True
            )
        ],
        "error": bins.error,
        "below": bins.rate - np.where(bins.limited, arrow, bins.error),
        "above": bins.rate + np.where(bins.limited, 0.0, bins.error),
        "peak": bins.peak,
        "dip": bins.dip,
    }


def _step_corners(bins: Bins) -> dict[str, NDArray[np.float64]]:
    """Return the corners of a line with a step for each bin, broken where there are no data."""
    last = np.append(bins.gap_after, False)[: len(bins)]
    stop = np.where(last, np.nan, bins.stop)
    return {
        "time": np.column_stack([bins.start, bins.stop, stop]).ravel(),
        "rate": np.repeat(np.where(bins.limited, np.nan, bins.rate), 3),
    }
