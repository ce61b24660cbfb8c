"""Parameters and fluxes against time on paper: a frame for each, with one axis of time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oda_widgets.fitting.trend import Quantity, Trend
from oda_widgets.request.timespan import isot_utc, to_ijd
from oda_widgets.views.labels import common_observation
from oda_widgets.views.palette import on_paper
from oda_widgets.views.paper.style import SMALL_TEXT, new_figure, set_figure_heading
from oda_widgets.views.paper.time_axis import Clock
from oda_widgets.views.powers import power_of
from oda_widgets.views.time_axis import DATE
from oda_widgets.views.trend_words import axis_label, trend_title

_PANEL = 1.05  # height of a frame, inches
_AROUND = 0.75  # height of heading and axis of time, inches


def trend_figure(
    trend: Trend,
    *,
    columns: int = 1,
    width: float | None = None,
    height: float | None = None,
) -> Figure:
    """Return a figure of a trend: a frame for each quantity, against the date.

    Parameters
    ----------
    trend
        Trend to draw.
    columns
        Width in columns of text, 1 or 2.
    width, height
        Inches, in place of those that follow from `columns` and the number of frames.
    """
    trend.need_dates()
    number = len(trend.quantities)
    drawing = new_figure(columns, 1.0, width, height or number * _PANEL + _AROUND)
    frames = drawing.subplots(number, 1, sharex=True, squeeze=False)[:, 0]
    clock = Clock(to_ijd(isot_utc(float(trend.spans.min())).split(".")[0]), DATE)
    for place, (axes, quantity) in enumerate(zip(frames, trend.quantities, strict=True)):
        _draw(axes, trend, quantity, clock, place)
    clock.set_ticks(frames[-1])
    frames[-1].set_xlabel("Date (UTC)")
    drawing.align_ylabels(list(frames))
    observed = list(trend.observations)
    set_figure_heading(drawing, trend_title(trend), common_observation(observed), observed)
    return drawing


def _draw(axes: Any, trend: Trend, quantity: Quantity, clock: Clock, place: int) -> None:
    power = power_of(quantity.value)
    value, errors = quantity.value / 10.0**power, quantity.errors / 10.0**power
    start, stop = (clock.read(clock.seconds_since_origin(one)) for one in trend.spans.T)
    middle, look = (start + stop) / 2, on_paper(place)
    axes.errorbar(
        middle,
        value,
        xerr=np.stack([middle - start, stop - middle]),
        yerr=np.nan_to_num(errors),
        fmt=look.marker,
        markersize=2.8,
        color=look.colour,
        elinewidth=0.7,
    )
    axes.set_ylabel(axis_label(trend, quantity, power), fontsize=SMALL_TEXT)
    axes.margins(x=0.03, y=0.12)
