"""Many light curves on paper: a small frame for each, with one axis of time for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, isfinite
from typing import Any

from matplotlib.figure import Figure

from oda_widgets.products.curve_statistics import CurveFit
from oda_widgets.views.curve_series import Series, bins_of, fit_words
from oda_widgets.views.labels import common_observation, common_title
from oda_widgets.views.palette import Look, on_paper
from oda_widgets.views.paper.curve_drawing import (
    RATE_LABEL,
    draw_fit,
    draw_series,
    label_rates,
    set_curve_axes,
)
from oda_widgets.views.paper.style import (
    SMALL_TEXT,
    new_figure,
    set_figure_heading,
    write_no_data,
)
from oda_widgets.views.paper.time_axis import Clock
from oda_widgets.views.rate_range import rate_range

MOST_PANELS = 30  # frames on a page
_MOST_BINS = 600  # as many as half a page can show; more are joined
MOST_TOGETHER = 6  # light curves in one frame; up to this number, separate frames are high
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
    chosen = _brightest(drawn)
    many = len(chosen) > MOST_TOGETHER
    columns = columns or (2 if many else 1)
    beside = columns if many else 1
    rows = ceil(len(chosen) / beside)
    tall = height or rows * (_PANEL if many else _TALL) + _AROUND
    drawing = new_figure(columns, 1.0, width, tall)
    frames = drawing.subplots(rows, beside, sharex=True, squeeze=False)
    for number, axes in enumerate(frames.T.ravel()):
        if number >= len(chosen):
            axes.set_axis_off()
            continue
        fits = fitted if chosen[number] is drawn[0] else ()
        _draw_panel(axes, chosen[number], fits, clock, on_paper(0 if many else number))
    for column in frames.T:
        _label_last([axes for axes in column if axes.axison], clock)
    if many:
        drawing.supylabel(RATE_LABEL, fontsize="medium")
    else:
        _label_rates(drawing, frames[:, 0])
    _write_heading(drawing, drawn, chosen)
    return drawing


def _label_rates(drawing: Figure, frames: Iterable[Any]) -> None:
    """Label the rates of a few frames, each with a scale of its own."""
    for axes in frames:
        label_rates(axes, axes.get_ylim()[1])
    drawing.align_ylabels()


def _brightest(drawn: Sequence[Series]) -> list[Series]:
    """Return as many light curves as a page has room for, in the order they came."""

    def brightness(number: int) -> float:
        rate = drawn[number].curve.mean_rate[0]
        return rate if isfinite(rate) else float("-inf")

    ranked = sorted(range(len(drawn)), key=brightness, reverse=True)
    return [drawn[number] for number in sorted(ranked[:MOST_PANELS])]


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
    axes.tick_params(labelsize=SMALL_TEXT)
    axes.set_title(name, loc="left", fontsize=SMALL_TEXT, pad=2)


def _label_last(column: list[Any], clock: Clock) -> None:
    """Write the times below the last frame of a column."""
    if column:
        column[-1].tick_params(labelbottom=True)
        column[-1].set_xlabel(clock.label)


def _write_heading(drawing: Figure, drawn: Sequence[Series], chosen: Sequence[Series]) -> None:
    curves = [series.curve for series in drawn]
    observed = [curve.observation for curve in curves]
    title, left_out = common_title(curves), len(drawn) - len(chosen)
    if left_out:
        title += f": the brightest {len(chosen)} ({left_out} light curves left out)"
    set_figure_heading(drawing, title, common_observation(observed), observed)
