"""A light curve on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY, isot_utc, to_ijd
from oda_widgets.views.paper.style import (
    DATA_COLOUR,
    FAINT_COLOUR,
    QUIET_COLOUR,
    new_figure,
    set_heading,
)

# More bins than this run into each other as crosses, and are drawn as steps.
_MOST_CROSSES = 150
# A bin that starts later than this after the end of the one before follows a gap, in bins.
_GAP = 0.01
# Longer light curves are drawn against MJD, days.
_LONG = 30.0
# Bins with larger errors than this times the median do not set the limits of the axis.
_VAGUE = 5.0
# The axis begins at zero if the lowest bin is below this part of the highest.
_NEAR_ZERO = 0.4


@dataclass(frozen=True)
class _Clock:
    """How time is written: from which instant, in which unit."""

    origin: float
    seconds: float
    unit: str

    @property
    def label(self) -> str:
        if self.unit == "MJD":
            return "Time (MJD, TT)"
        date, time = isot_utc(self.origin).split(".")[0].split("T")
        return f"Time since {date} {time} UTC ({self.unit})"

    def read(self, ijd: NDArray[np.float64]) -> NDArray[np.float64]:
        return (ijd - self.origin) * SECONDS_PER_DAY / self.seconds


def light_curve_figure(curve: LightCurve, *, columns: int = 1) -> Figure:
    """Return a figure of a light curve: rate against time since a named second.

    Parameters
    ----------
    curve
        What to draw.
    columns
        Width in columns of text, 1 or 2.
    """
    drawing = new_figure(columns, 0.68 if columns == 1 else 0.42)
    axes = drawing.add_subplot()
    clock = _clock(curve)
    if len(curve) <= _MOST_CROSSES or _mostly_gaps(curve):
        _draw_crosses(axes, curve, clock)
    else:
        _draw_steps(axes, curve, clock)
    axes.set_xlabel(clock.label)
    axes.set_ylabel(r"Rate (counts s$^{-1}$)")
    axes.margins(x=0.03)
    axes.set_ylim(*_limits(curve))
    axes.axhline(0, color=QUIET_COLOUR, linewidth=0.5, linestyle=(0, (4, 3)), zorder=0)
    if clock.unit == "MJD":
        axes.ticklabel_format(axis="x", useOffset=False, style="plain")
        axes.xaxis.set_major_locator(MaxNLocator(5))
    set_heading(axes, f"{curve.name}, {curve.energy}", curve.observation)
    return drawing


def _clock(curve: LightCurve) -> _Clock:
    """Return MJD for long light curves, else the time since the whole second they start in."""
    starts, stops = _edges(curve)
    start = float(starts[0]) if len(curve) else curve.observation.start
    origin = to_ijd(isot_utc(start).split(".")[0])
    span = float(stops[-1] - origin) * SECONDS_PER_DAY if len(curve) else 0.0
    if span < 2 * 3600:
        return _Clock(origin, 1.0, "s")
    if span < 4 * SECONDS_PER_DAY:
        return _Clock(origin, 3600.0, "h")
    if span < _LONG * SECONDS_PER_DAY:
        return _Clock(origin, SECONDS_PER_DAY, "d")
    return _Clock(-IJD_ZERO_MJD, SECONDS_PER_DAY, "MJD")


def _limits(curve: LightCurve) -> tuple[float, float]:
    """Return the limits of rate: all bins with their errors, and zero if it is near."""
    known = np.isfinite(curve.rate) & np.isfinite(curve.error)
    rate, error = curve.rate[known], curve.error[known]
    if not len(rate):
        return 0.0, 1.0
    shown = np.minimum(error, _VAGUE * np.median(error))
    low, high = float(np.min(rate - shown)), float(np.max(rate + shown))
    if 0 < low < _NEAR_ZERO * high:
        low = 0.0
    margin = 0.06 * (high - low) or 1.0
    return low - margin if low else 0.0, high + margin


def _mostly_gaps(curve: LightCurve) -> bool:
    """Check whether most bins stand alone, as those of windows over years do."""
    starts, stops = _edges(curve)
    alone = starts[1:] - stops[:-1] > _GAP * (stops - starts)[1:]
    return bool(np.mean(alone) > 0.5)


def _edges(curve: LightCurve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return curve.edges[:, 0], curve.edges[:, 1]


def _draw_crosses(axes: Any, curve: LightCurve, clock: _Clock) -> None:
    starts, stops = _edges(curve)
    axes.errorbar(
        clock.read(curve.time),
        curve.rate,
        xerr=np.abs(np.stack([curve.time - starts, stops - curve.time]))
        * (SECONDS_PER_DAY / clock.seconds),
        yerr=curve.error,
        fmt="o",
        markersize=2.2 if len(curve) <= _MOST_CROSSES else 1.2,
        color=DATA_COLOUR,
        ecolor=DATA_COLOUR,
        elinewidth=0.7,
    )


def _draw_steps(axes: Any, curve: LightCurve, clock: _Clock) -> None:
    """Draw a line that rests on each bin and breaks at gaps, over a band of one sigma."""
    times, chosen = _corners(curve)
    rate, error = curve.rate[chosen], curve.error[chosen]
    broken = np.isnan(times)
    rate[broken] = np.nan
    x = clock.read(times)
    axes.fill_between(x, rate - error, rate + error, color=FAINT_COLOUR, linewidth=0)
    axes.plot(x, rate, color=DATA_COLOUR, linewidth=0.6)


def _corners(curve: LightCurve) -> tuple[NDArray[np.float64], NDArray[np.int_]]:
    """Return start and end of each bin, with a NaN before each gap, and the bins they belong to."""
    starts, stops = _edges(curve)
    follows_gap = starts[1:] - stops[:-1] > _GAP * (stops - starts)[1:]
    breaks = np.append(np.where(follows_gap, np.nan, stops[:-1]), stops[-1])
    times = np.column_stack([starts, stops, breaks]).ravel()
    return times, np.repeat(np.arange(len(curve)), 3)
