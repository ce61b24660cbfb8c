"""One light curve in a frame on paper: crosses or steps, upper limits, the line of a fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.products.curve_statistics import CurveFit
from oda_widgets.views.curve_series import Bins, Series, fit_words
from oda_widgets.views.palette import Look
from oda_widgets.views.paper.style import QUIET_COLOUR
from oda_widgets.views.paper.time_axis import Clock
from oda_widgets.views.rate_range import edge_marks

# Crosses of more bins than this would run into each other; these are drawn as steps.
_MOST_CROSSES = 150
RATE_LABEL = r"Rate (counts s$^{-1}$)"
_THOUSAND = 1e3
_HIGH = 2e4  # counts/s from which rates are written in thousands
_DASHES = ((0, (5, 2)), "-", ":")  # of several fits
_FIT_COLOUR = "black"
_BAND = 0.3  # opacity of the band of one sigma


def draw_series(
    axes: Any,
    label: str,
    bins: Bins,
    clock: Clock,
    frame: tuple[float, float],
    look: Look,
    *,
    steps: bool = False,
) -> None:
    """Draw a light curve, as crosses or steps, and marks at the frame for bins beyond it."""
    if not steps and (len(bins) <= _MOST_CROSSES or bins.sparse):
        _draw_crosses(axes, label, bins, clock, look)
    else:
        _draw_steps(axes, label, bins, clock, look)
    for times, edge, marker in zip(edge_marks(bins, frame), frame, ("v", "^"), strict=True):
        style = {"marker": marker, "markersize": 3, "color": look.colour, "linestyle": "none"}
        if len(times):  # an empty line without clipping would take room in the layout
            axes.plot(clock.read(times), np.full(len(times), edge), clip_on=False, **style)


def _draw_crosses(axes: Any, label: str, bins: Bins, clock: Clock, look: Look) -> None:
    x, size = clock.read(bins.time), 2.4 if len(bins) <= _MOST_CROSSES else 1.4
    sides = np.abs(np.stack([x - clock.read(bins.start), clock.read(bins.stop) - x]))
    crowded = len(bins) > _MOST_CROSSES
    style = {"color": look.colour, "ecolor": look.colour, "elinewidth": 0.35 if crowded else 0.6}
    for chosen, marker in ((~bins.limited, look.marker), (bins.limited, "none")):
        error = np.where(bins.limited, _arrow(bins), bins.error)[chosen]
        axes.errorbar(
            x[chosen],
            bins.rate[chosen],
            xerr=sides[:, chosen],
            yerr=error,
            uplims=bins.limited[chosen],
            fmt=marker,
            markersize=size,
            capsize=1.5 if marker == "none" else 0,
            label=label if marker != "none" and label else None,
            **style,
        )


def _arrow(bins: Bins) -> Floats:
    """Return the lengths of the arrows of upper limits."""
    return np.full(len(bins), 0.6 * float(np.median(bins.error)) if len(bins) else 0.0)


def _draw_steps(axes: Any, label: str, bins: Bins, clock: Clock, look: Look) -> None:
    """Draw a line that rests on each bin and breaks at gaps, over a band of one sigma."""
    times, chosen = _step_edges(bins)
    rate, error = bins.rate[chosen], bins.error[chosen]
    rate[np.isnan(times)] = np.nan
    x = clock.read(times)
    axes.fill_between(x, rate - error, rate + error, color=look.colour, alpha=_BAND, linewidth=0)
    axes.plot(x, rate, color=look.colour, linewidth=0.6, label=label or None)
    if bins.factor > 1:
        axes.vlines(clock.read(bins.time), bins.dip, bins.peak, color=look.colour, lw=0.4)


def set_curve_axes(axes: Any, clock: Clock, frame: tuple[float, float]) -> None:
    """Set the ranges and ticks of a frame of light curves."""
    axes.margins(x=0.03)
    axes.set_ylim(*frame)
    if frame[0] < 0 < frame[1]:
        axes.axhline(0, color=QUIET_COLOUR, linewidth=0.5, linestyle=(0, (4, 3)), zorder=0)
    clock.set_ticks(axes)


def label_rates(axes: Any, highest: float) -> None:
    """Write rates, in thousands if they are high: a shield counts a million a second."""
    if highest < _HIGH:
        axes.set_ylabel(RATE_LABEL)
        return
    axes.set_ylabel(r"Rate (10$^3$ counts s$^{-1}$)")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate / _THOUSAND:,g}"))


def draw_fit(
    axes: Any, fit: CurveFit, series: Series, clock: Clock, name: str = "", number: int = 0
) -> None:
    """Draw the line of a fit in the dashes of its number; `name` is that of its light curve."""
    if not len(series):
        return
    ends = np.array([series.start[0], series.stop[-1]])
    seconds = clock.seconds_since_origin(ends)
    axes.plot(
        clock.read(seconds),
        fit.at(ends),
        color=_FIT_COLOUR,
        linewidth=0.9,
        linestyle=_DASHES[number % len(_DASHES)],
        # A long line leaves room for one column.
        label=fit_words(fit, name).replace(" (χ²", "\n(χ²"),
        zorder=5,
    )


def _step_edges(bins: Bins) -> tuple[Floats, NDArray[np.int_]]:
    """Return start and end of each bin, a NaN before each gap, and the index of each one's bin."""
    breaks = np.append(np.where(bins.gap_after, np.nan, bins.stop[:-1]), bins.stop[-1])
    times = np.column_stack([bins.start, bins.stop, breaks]).ravel()
    return times, np.repeat(np.arange(len(bins)), 3)
