"""Many light curves on paper: a small frame for each, with one axis of time for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from matplotlib.figure import Figure

from oda_widgets.products.curve_statistics import CurveFit
from oda_widgets.views.curve_series import Series, bins_of, fit_words
from oda_widgets.views.palette import Look, on_paper
from oda_widgets.views.paper.curve_drawing import (
    RATE_LABEL,
    draw_fit,
    draw_series,
    label_rates,
    set_curve_axes,
)
from oda_widgets.views.paper.frame_grid import (
    MOST_TOGETHER,
    brightest,
    frame_grid,
    name_frame,
    set_grid_heading,
)
from oda_widgets.views.paper.style import new_figure, write_no_data
from oda_widgets.views.paper.time_axis import Clock
from oda_widgets.views.rate_range import rate_range

_MOST_BINS = 600  # as many as half a page can show; more are joined
_PANEL = 0.62  # height of a small frame with its name, inches
_TALL = 1.3  # height of a frame if there are few, inches
_AROUND = 0.75  # height of heading and axis of time, inches


def panels_figure(
    drawn: Sequence[Series],
    fitted: Sequence[CurveFit],
    clock: Clock,
    columns: int | None,
    width: float | None,
    height: float | None,
) -> Figure:
    """Return a figure with a frame for each light curve, or for the brightest of too many.

    Parameters
    ----------
    drawn
        The light curves.
    fitted
        Fits of the first light curve.
    clock
        Decides how times are written.
    columns
        Width in columns of text, and number of frames side by side if there are many; None is 1, or
        2 if there are many.
    width, height
        Inches, in place of those that follow from `columns` and the number of frames.
    """
    curves = [series.curve for series in drawn]
    chosen = [drawn[number] for number in brightest(curves)]
    many = len(chosen) > MOST_TOGETHER
    columns = columns or (2 if many else 1)
    beside = columns if many else 1
    tall = height or ceil(len(chosen) / beside) * (_PANEL if many else _TALL) + _AROUND
    drawing = new_figure(columns, 1.0, width, tall)
    frames = frame_grid(drawing, len(chosen), beside)
    for number, (axes, series) in enumerate(zip(frames, chosen, strict=True)):
        fits = fitted if series is drawn[0] else ()
        _draw_panel(axes, series, fits, clock, on_paper(0 if many else number))
    if many:
        drawing.supxlabel(clock.label, fontsize="medium")
        drawing.supylabel(RATE_LABEL, fontsize="medium")
    else:
        frames[-1].set_xlabel(clock.label)
        _label_rates(drawing, frames)
    set_grid_heading(drawing, curves, len(chosen), "light curves")
    return drawing


def _label_rates(drawing: Figure, frames: Iterable[Any]) -> None:
    """Label the rates of a few frames, each with a scale of its own."""
    for axes in frames:
        label_rates(axes, axes.get_ylim()[1])
    drawing.align_ylabels()


def _draw_panel(
    axes: Any, series: Series, fits: Sequence[CurveFit], clock: Clock, look: Look
) -> None:
    bins = bins_of(series, clock.origin, _MOST_BINS)
    frame = rate_range([bins])
    draw_series(axes, "", bins, clock, frame, look)
    name = series.label
    for number, fit in enumerate(fits):
        draw_fit(axes, fit, series, clock, number=number)
        name = f"{name}; {fit_words(fit)}"
    set_curve_axes(axes, clock, frame)
    if not len(series):
        write_no_data(axes)
    name_frame(axes, name)
