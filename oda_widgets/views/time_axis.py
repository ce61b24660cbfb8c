"""The axis of time below a light curve: data in seconds, labels in what suits their length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import erfa
import numpy as np
from bokeh.models import AdaptiveTicker, CustomJSTickFormatter
from numpy.typing import NDArray

from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY, isot_utc


@dataclass(frozen=True)
class TimeUnit:
    """What the labels count in.

    Parameters
    ----------
    name
        As the label of the axis begins.
    seconds
        Length of one.
    steps
        Distances of labels, seconds, up to powers of ten: 1, 2 and 5 of the unit.
    """

    name: str
    seconds: float
    steps: tuple[float, float, float]


_UTC = "{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}.{:03d}"
_JD_OF_IJD_ZERO = 2_400_000.5 + IJD_ZERO_MJD
_SECONDS = TimeUnit("Seconds", 1.0, (1, 2, 5))
_HOURS = TimeUnit("Hours", 3600.0, (1.8, 3.6, 7.2))
_DAYS = TimeUnit("Days", SECONDS_PER_DAY, (1.728, 4.32, 8.64))


def time_unit(span: float) -> TimeUnit:
    """Return the unit for so many seconds."""
    if span < 2 * 3600:
        return _SECONDS
    return _HOURS if span < 4 * SECONDS_PER_DAY else _DAYS


def utc_texts(ijd: NDArray[np.float64]) -> list[str]:
    """Return instants (IJD) in UTC, as ``2022-10-12 15:09:35.000``."""
    if not ijd.size:
        return []
    utc = erfa.taiutc(*erfa.tttai(_JD_OF_IJD_ZERO, ijd))
    year, month, day, clock = erfa.d2dtf("UTC", 3, *utc)
    columns = (year, month, day, clock["h"], clock["m"], clock["s"], clock["f"])
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [_UTC.format(*row) for row in rows]


def label_time(plot: Any, zero: float, span: float) -> None:
    """Label the horizontal axis of a figure, which counts seconds since an instant (IJD)."""
    unit = time_unit(span)
    axis = plot.xaxis[0]
    axis.axis_label = f"{unit.name} since {isot_utc(zero)} UTC"
    if unit is _SECONDS:
        return
    axis.ticker = AdaptiveTicker(base=10, mantissas=list(unit.steps), desired_num_ticks=9)
    plot.xgrid.ticker = axis.ticker
    code = "return String(Number((tick / seconds).toPrecision(6)))"
    axis.formatter = CustomJSTickFormatter(args={"seconds": unit.seconds}, code=code)
