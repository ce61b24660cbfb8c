"""A fit: data and model above, residuals below; or the unfolded spectrum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bokeh.models import (
    BoxZoomTool,
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    LegendItem,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    Span,
    WheelZoomTool,
)
from ipywidgets import HTML, BoundedFloatText, HBox, ToggleButtons, VBox

from oda_widgets.arrays import Floats
from oda_widgets.fitting.problem import Problem
from oda_widgets.fitting.result import Fit
from oda_widgets.fitting.table import symbol
from oda_widgets.request.words import in_words, significance_text, typeset
from oda_widgets.views.fit_curves import ARROW, ARROWS, Curve, curves, holes_between
from oda_widgets.views.kept import Kept, Zoom, kept_values, set_values
from oda_widgets.views.labels import common_observation, common_title, distinct_labels
from oda_widgets.views.log_range import log_range
from oda_widgets.views.log_ticks import label_log_axis
from oda_widgets.views.palette import fit_colours
from oda_widgets.views.pane import BokehPane
from oda_widgets.views.spectrum import (
    bands,
    clipped,
    draw_clipped,
    draw_limits,
    measured_words,
    shade_holes,
    stacked,
)
from oda_widgets.views.theme import MIDDLE_GREY, PART_OF_WINDOW, new_figure, new_legend, set_titles
from oda_widgets.views.without_kernel import Pictured

_ENERGY_TICKS = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000]
_FOLDED, _UNFOLDED = "Counts", "E F(E)"
_LABELS = {_FOLDED: "Counts / s / keV", _UNFOLDED: "E F(E)  (keV / cm² / s)"}
_DELTA, _RATIO = "(data − model) / σ", "data / model"
_DRAWN = ("shown", "below", "above")
_MODEL_DIGITS = 4
_DECADES = 4.0  # of the vertical axis at most
_UPPER_PART, _LOWER_PART = 0.265, 0.175  # of a window's height; the numbers need the rest

_HOVER = [
    ("spectrum", "@name"),
    ("energy", "@band"),
    ("data", "@words"),
    ("model", "@expected"),
    ("deviation", "@sigmas σ"),
]


class FitView(Pictured, VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Data with the folded model and its terms, and residuals.

    Parameters
    ----------
    fit
        Fit to show.
    min_significance
        Channels are joined, for display only, until a point reaches it.
    height
        Of the upper figure, screen pixels.
    on_view
        Called after the zoom in energy or a choice of the display changed.
    """

    def __init__(
        self,
        fit: Fit,
        min_significance: float = 3.0,
        height: int = 400,
        on_view: Callable[[], object] = list,
    ) -> None:
        self._pictured = fit
        self._problem = _without_lattice(fit)
        self._free: Floats = fit.minimum.values
        self.kind = ToggleButtons(options=[_FOLDED, _UNFOLDED], value=_FOLDED)
        self.residuals = ToggleButtons(options=[_DELTA, _RATIO], value=_DELTA)
        self.grouping = BoundedFloatText(
            value=min_significance, min=0, max=100, step=1, description="Group channels to σ ≥"
        )
        self.kind.style.button_width, self.residuals.style.button_width = "74px", "142px"
        drawn = self._current()
        self._names = distinct_labels([data.spectrum for data in fit.datasets])
        self._sources = _Sources(self._names, drawn)
        observed = [data.spectrum.observation for data in fit.datasets]
        self._title, self._observed = _title(fit), common_observation(observed)
        self._clipped = ColumnDataSource()
        self.figure = _upper_figure(fit, self._sources, drawn, height)
        draw_clipped(self.figure, self._clipped)
        self._level = Span(dimension="width", line_color=MIDDLE_GREY, line_dash="dotted")
        self.lower = _lower_figure(self._sources, self._level)
        self.summary = HTML()
        self.summary.add_class("oda-quiet")
        self.pane = BokehPane(stacked(self.figure, self.lower))
        self._named = {
            "kind": self.kind, "residuals": self.residuals, "grouping": self.grouping
        }  # fmt: skip
        self._zoom = Zoom(self.figure, ("x",), on_view)
        for control in self._named.values():
            control.observe(lambda _change: self.refresh(), names="value")
            control.observe(lambda _change: on_view(), names="value")
        row = HBox([self.kind, self.residuals, self.grouping, self.summary])
        row.add_class("oda-controls")
        super().__init__([row, self.pane])
        self.refresh()

    def leave_room(self) -> None:
        """Make the figures lower in a low window, so that the numbers above stay in sight."""
        for plot, part in ((self.figure, _UPPER_PART), (self.lower, _LOWER_PART)):
            plot.tags = [f"{PART_OF_WINDOW}:{part}:{plot.height}"]

    @property
    def kept(self) -> dict[str, str]:
        """State of the display, for a session: its choices, and the zoom in energy."""
        return kept_values(self._named) | {"zoom": self._zoom.text}

    def restore(self, kept: Kept) -> None:
        """Restore the state that a session kept."""
        set_values(self._named, kept)
        with self.pane.together():
            self._zoom.restore(kept.get("zoom", ""))

    def show(self, fit: Fit) -> None:
        """Show another fit of the same spectra with as many terms."""
        self._problem, self._title = _without_lattice(fit), _title(fit)
        self.update(fit.minimum.values)

    def update(self, free: Floats) -> None:
        """Move the model to other values of the free parameters, as sliders do."""
        self._free = free
        self.refresh()

    def refresh(self) -> None:
        """Draw the curves anew."""
        drawn = self._current()
        ratio = self.residuals.value == _RATIO
        with self.pane.together():
            self._sources.fill(drawn, ratio=ratio)
            limited = any(curve.limited.any() for curve in drawn)
            subtitle = " · ".join([self._observed, *([ARROWS] if limited else [])])
            set_titles(self.figure, self._title, subtitle)
            self.figure.yaxis.axis_label = _LABELS[self.kind.value]
            self.lower.yaxis.axis_label = self.residuals.value
            self._level.location = 1.0 if ratio else 0.0
            _set_range(self.figure.y_range, *_data_range(drawn))
            self._clipped.data = clipped(self._sources.limits, self.figure.y_range.end)
            _set_range(self.lower.y_range, *_residual_range(self._sources))
        statistic = self._problem.statistic(self._free)
        kind = symbol(self._problem.recipe.statistic_name)
        self.summary.value = f"{kind} = {statistic:.2f} for {self._problem.dof} degrees of freedom"

    def _current(self) -> list[Curve]:
        unfolded = self.kind.value == _UNFOLDED
        return curves(self._problem, self._free, self.grouping.value, unfolded=unfolded)


def _without_lattice(fit: Fit) -> Problem:
    """Return the problem without a lattice: a slider needs only one point of a slow model."""
    return Problem(fit.recipe, interpolated=0)


class _Sources:
    """Data of the figures, one set per spectrum."""

    def __init__(self, names: Sequence[str], drawn: list[Curve]) -> None:
        self._names, n_spectra = names, len(names)
        self.points = [ColumnDataSource() for _ in range(n_spectra)]
        self.limits = [ColumnDataSource() for _ in range(n_spectra)]
        self.models = [ColumnDataSource() for _ in range(n_spectra)]
        self.terms = [{name: ColumnDataSource() for name in curve.terms} for curve in drawn]
        self.fill(drawn, ratio=False)

    def fill(self, drawn: list[Curve], *, ratio: bool) -> None:
        """Replace the data."""
        for number, curve in enumerate(drawn):
            named = {"name": [self._names[number]] * len(curve.low)}
            self.points[number].data = _columns(curve, ratio=ratio) | named
            self.limits[number].data = _limit_columns(curve)
            self.models[number].data = _steps(curve, curve.model)
            for name, source in self.terms[number].items():
                source.data = _steps(curve, curve.terms[name])


def _columns(curve: Curve, *, ratio: bool) -> dict[str, Any]:
    middle = curve.ratio if ratio else curve.deviation
    size = curve.ratio_error if ratio else np.ones(len(middle))
    return {
        "low": curve.low,
        "high": curve.high,
        "middle": curve.middle,
        "rate": curve.rate,
        # Only measured points are drawn here; the others are limits, but have residuals, too.
        "shown": np.where(curve.limited, np.nan, curve.rate),
        "error": curve.error,
        "model": curve.model,
        "band": bands(curve.low, curve.high),
        "words": measured_words(curve.rate, curve.error),
        "expected": [in_words(one, _MODEL_DIGITS) for one in curve.model.tolist()],
        "sigmas": [typeset(significance_text(one)) for one in curve.deviation.tolist()],
        # A logarithmic axis has no zero: an error bar that reaches it ends at 2 % of the rate.
        "below": np.where(
            curve.limited, np.nan, np.maximum(curve.rate - curve.error, 0.02 * np.abs(curve.rate))
        ),
        "above": np.where(curve.limited, np.nan, curve.rate + curve.error),
        "deviation": curve.deviation,
        "residual": middle,
        "residual_low": middle - size,
        "residual_high": middle + size,
    }


def _limit_columns(curve: Curve) -> dict[str, Any]:
    chosen = curve.limited
    limit = curve.limit[chosen]
    return {
        "low": curve.low[chosen],
        "high": curve.high[chosen],
        "middle": curve.middle[chosen],
        "limit": limit,
        "arrow": ARROW * limit,
    }


def _steps(curve: Curve, values: Floats) -> dict[str, Any]:
    """Return a line with a step at each edge, broken where channels are missing."""
    xs = np.column_stack([curve.low, curve.high, np.full(len(curve.low), np.nan)])
    ys = np.column_stack([values, values, np.full(len(values), np.nan)])
    joined = np.append(np.isclose(curve.high[:-1], curve.low[1:]), False)
    # Where groups touch, the line goes on: its break is put on the next edge.
    xs[joined, 2] = curve.high[joined]
    ys[joined, 2] = values[joined]
    positive = np.where(ys > 0, ys, np.nan)
    return {"x": xs.ravel(), "y": positive.ravel()}


def _upper_figure(fit: Fit, sources: _Sources, drawn: list[Curve], height: int) -> Any:
    spectra = [data.spectrum for data in fit.datasets]
    observed = [spectrum.observation for spectrum in spectra]
    names = distinct_labels(spectra)
    colours = fit_colours(len(spectra), len(sources.terms[0]))
    low = min(float(data.low[0]) for data in fit.datasets)
    high = max(float(data.high[-1]) for data in fit.datasets)
    plot = new_figure(
        [PanTool(), BoxZoomTool(), WheelZoomTool(), ResetTool(), SaveTool()],
        title=_title(fit),
        subtitle=common_observation(observed),
        simulated=any(one.simulated for one in observed),
        height=height,
        sizing_mode="stretch_width",
        x_axis_type="log",
        y_axis_type="log",
        x_range=Range1d(low * 0.93, high * 1.07),
        y_range=Range1d(1e-4, 1),
        x_axis_label="Energy (keV)",
        y_axis_label=_LABELS[_FOLDED],
    )
    _set_ticks(plot)
    label_log_axis(plot.yaxis[0], plot.ygrid[0])
    shade_holes(plot, holes_between(drawn))
    points, terms, models = [], [], []
    for number in range(len(colours.data)):
        for source, term_colour in zip(sources.terms[number].values(), colours.terms, strict=True):
            style = {"line_dash": "dashed", "line_width": 1.4, "line_color": term_colour}
            terms.append(plot.line("x", "y", source=source, **style))
        style = {"line_color": colours.model, "line_width": 2}
        models.append(plot.line("x", "y", source=sources.models[number], **style))
    # Points lie above the model, which would hide well-measured ones.
    for number, colour in enumerate(colours.data):
        draw_limits(plot, sources.limits[number], colour)
        points.append(_draw_points(plot, sources.points[number], _DRAWN, colour))
    legend = [
        *_legend_items(names, points),
        *_legend_items(list(sources.terms[0]), terms),
        LegendItem(label="model", renderers=models),
    ]
    plot.add_layout(new_legend(legend))
    return plot


def _title(fit: Fit) -> str:
    """Return the upper line above the figure: the source and the model."""
    return f"{common_title([data.spectrum for data in fit.datasets])} · {fit.model}"


def _legend_items(names: Sequence[str], drawn: Sequence[Any]) -> list[LegendItem]:
    """Return a legend entry for each name; `drawn` repeats in the order of the names."""
    return [
        LegendItem(label=name, renderers=list(drawn[number :: len(names)]))
        for number, name in enumerate(names)
    ]


def _lower_figure(sources: _Sources, level: Span) -> Any:
    plot = new_figure(
        [],
        title="",
        height=190,
        sizing_mode="stretch_width",
        x_axis_type="log",
        x_axis_label="Energy (keV)",
        y_axis_label=_DELTA,
        y_range=Range1d(-4, 4),
        toolbar_location=None,
    )
    plot.above = []
    plot.add_layout(level)
    for number, points in enumerate(sources.points):
        colour = fit_colours(len(sources.points), 0).data[number]
        _draw_points(plot, points, ("residual", "residual_low", "residual_high"), colour)
    _set_ticks(plot)
    return plot


def _draw_points(
    plot: Any, source: ColumnDataSource, columns: tuple[str, str, str], colour: str
) -> Any:
    middle, below, above = columns
    line = {"line_color": colour, "line_width": 1.4}
    plot.segment("low", middle, "high", middle, source=source, **line)
    plot.segment("middle", below, "middle", above, source=source, **line)
    marks = plot.scatter("middle", middle, source=source, size=4, color=colour)
    plot.add_tools(HoverTool(renderers=[marks], tooltips=_HOVER, visible=False))
    return marks


def _set_ticks(plot: Any) -> None:
    plot.xaxis.ticker = FixedTicker(ticks=_ENERGY_TICKS)
    plot.xgrid.ticker = plot.xaxis[0].ticker


def _set_range(axis: Range1d, start: float, end: float) -> None:
    axis.start, axis.end = start, end


def _data_range(drawn: list[Curve]) -> tuple[float, float]:
    low, top = log_range(
        np.concatenate([part for curve in drawn for part in (curve.drawn, curve.model)])
    )
    return max(low, top / 10**_DECADES), top


def _residual_range(sources: _Sources) -> tuple[float, float]:
    low = min(float(np.min(points.data["residual_low"])) for points in sources.points)
    high = max(float(np.max(points.data["residual_high"])) for points in sources.points)
    if not np.isfinite([low, high]).all():
        return -4.0, 4.0
    room = 0.1 * (high - low)
    return low - room, high + room
