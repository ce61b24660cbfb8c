"""A burst on paper: the rate around it, the level below it, and T90."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure

from oda_widgets.errors import BadParameter
from oda_widgets.products.burst import Burst
from oda_widgets.products.curve_rebinning import cut_out, rebinned
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.numbers import number_within
from oda_widgets.request.timespan import SECONDS_PER_DAY
from oda_widgets.views.curve_series import bins_of, series_of
from oda_widgets.views.palette import on_paper
from oda_widgets.views.paper.curve_drawing import draw_series, label_rates, set_curve_axes
from oda_widgets.views.paper.legend_below import legend_below
from oda_widgets.views.paper.style import FAINT_COLOUR, QUIET_COLOUR, new_figure, set_heading
from oda_widgets.views.paper.time_axis import Clock
from oda_widgets.views.rate_range import rate_range
from oda_widgets.views.time_axis import ELAPSED

_MOST_BINS = 700  # as many as a column of text can show; more are joined
_BEFORE, _AFTER = 0.35, 0.8  # parts of T90 that are shown around it
_LEAST = 10.0  # bins of the light curve shown on each side, at least
_LONGEST = 1e6  # seconds
_SHADE = 0.45  # opacity of T90


def burst_figure(
    burst: Burst,
    *,
    columns: int = 1,
    width: float | None = None,
    height: float | None = None,
    before: float | None = None,
    after: float | None = None,
    time_bin: float | None = None,
) -> Figure:
    """Return a figure of a burst.

    Parameters
    ----------
    burst
        Burst to draw.
    columns
        Width in columns of text, 1 or 2.
    width, height
        Inches, in place of those of `columns`.
    before, after
        Seconds before and after the trigger; by default enough to show T90 and its surroundings.
    time_bin
        Length of the drawn bins, seconds; by default those of the light curve, joined where the
        figure has no room for them.

    Raises
    ------
    BadParameter
        If an option cannot be read, or there are no bins between these times.
    """
    first, last = _range(burst, before, after)
    curve = _drawn_part(burst, first, last, time_bin)
    (series,) = series_of(curve)
    clock = Clock(burst.trigger, ELAPSED)
    bins = bins_of(series, clock.origin, _MOST_BINS * columns)
    drawing = new_figure(columns, 0.68 if columns == 1 else 0.42, width, height)
    axes = drawing.add_subplot()
    _shade(axes, burst)
    frame = rate_range([bins])
    draw_series(axes, "", bins, clock, frame, on_paper(0), steps=True)
    seconds = np.linspace(first, last, 200)
    level = burst.level.at(seconds)
    label = f"level, {np.median(level):,.0f} counts/s"
    style: dict[str, Any] = {"color": "black", "linewidth": 0.8, "linestyle": (0, (5, 2))}
    axes.plot(seconds, level, label=label, zorder=5, **style)
    set_curve_axes(axes, clock, frame)
    axes.set_xlim(first, last)
    axes.set_xlabel(f"Time since the trigger, {burst.trigger_utc} UTC (s)")
    label_rates(axes, frame[1])
    seen = burst.curve.observation
    heading = f"{burst.curve.name}: burst of {burst.trigger_utc.split('.')[0]} UTC"
    set_heading(axes, heading, f"{seen.label} · {burst.significance_in_words}", [seen])
    legend_below(drawing, axes, grow=height is None)
    return drawing


def _range(burst: Burst, before: Any, after: Any) -> tuple[float, float]:
    """Return the first and the last second that are shown."""
    times = burst.t90_interval or burst.interval
    start, stop = (float(burst.seconds(each)) for each in (times.start, times.stop))
    least = _LEAST * float(np.median(burst.curve.width))
    length = stop - start
    first = min(start, 0.0) - max(_BEFORE * length, least)
    last = stop + max(_AFTER * length, least)
    if before is not None:
        first = -number_within("before", before, 0, _LONGEST, "s")
    if after is not None:
        last = number_within("after", after, 0, _LONGEST, "s")
    if not first < last:
        raise BadParameter("after", after, "no time is left to show", "Give after=10 or more.")
    return first, last


def _drawn_part(burst: Burst, first: float, last: float, time_bin: Any) -> LightCurve:
    """Return the drawn part of the light curve, in the drawn bins."""
    start, stop = (burst.trigger + second / SECONDS_PER_DAY for second in (first, last))
    curve = cut_out(cast("LightCurve", burst.curve), start, stop)
    return curve if time_bin is None else rebinned(curve, seconds=time_bin)


def _shade(axes: Any, burst: Burst) -> None:
    times = burst.t90_interval
    if times is None:
        return
    edges = [float(burst.seconds(each)) for each in (times.start, times.stop)]
    label = f"$T_{{90}}$ = {burst.t90} s"
    axes.axvspan(*edges, color=FAINT_COLOUR, alpha=_SHADE, linewidth=0, label=label, zorder=0)
    axes.axvline(0.0, color=QUIET_COLOUR, linewidth=0.5, linestyle=":", zorder=1)
