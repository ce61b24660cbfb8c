"""The axis of time of a figure on paper: elapsed time, MJD or the date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import erfa
import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import MaxNLocator

from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY, isot_utc, to_ijd
from oda_widgets.views.curve_series import Series
from oda_widgets.views.time_axis import DATE, ELAPSED, MJD, time_format

_JD_OF_MJD_ZERO = 2_400_000.5
_MJD_OF_UNIX_ZERO = 40587.0
# matplotlib does not annotate them.
_DateLocator: Any = AutoDateLocator
_DateFormatter: Any = ConciseDateFormatter
_FORMATS = ("%Y", "%Y-%b", "%d", "%H:%M", "%H:%M", "%H:%M:%S")


@dataclass(frozen=True)
class Clock:
    """How times are written on an axis.

    Parameters
    ----------
    origin
        The instant that seconds count from, IJD.
    form
        "elapsed", "mjd" or "date".
    unit, seconds
        Of elapsed time: its name, and how many seconds it has.
    """

    origin: float
    form: str
    unit: str = "s"
    seconds: float = 1.0

    @property
    def label(self) -> str:
        """Label below the axis."""
        if self.form == MJD:
            return "Time (MJD, TT)"
        if self.form == DATE:
            return "Date (UTC)"
        date, time = isot_utc(self.origin).split(".")[0].split("T")
        return f"Time since {date} {time} UTC ({self.unit})"

    def seconds_since_origin(self, ijd: Floats) -> Floats:
        """Return instants as seconds since the origin."""
        return (ijd - self.origin) * SECONDS_PER_DAY

    def read(self, seconds: Floats) -> Floats:
        """Return the values on the axis for seconds since the origin."""
        if self.form == ELAPSED:
            return seconds / self.seconds
        mjd = self.origin + IJD_ZERO_MJD + seconds / SECONDS_PER_DAY
        return mjd if self.form == MJD else _utc_days(mjd)

    def set_ticks(self, axes: Any) -> None:
        """Set ticks that suit the unit of the axis."""
        if self.form == MJD:
            axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
            axes.ticklabel_format(axis="x", useOffset=False, style="plain")
        elif self.form == DATE:
            locator = _DateLocator(minticks=3, maxticks=6)
            axes.xaxis.set_major_locator(locator)
            axes.xaxis.set_major_formatter(_DateFormatter(locator, formats=list(_FORMATS)))


def clock_for(drawn: Sequence[Series], form: str) -> Clock:
    """Return the clock of a figure; "auto" is MJD for long spans.

    Raises
    ------
    BadParameter
        If there is no such form.
    """
    starts = [series.start[0] for series in drawn if len(series)]
    stops = [float(series.stop.max()) for series in drawn if len(series)]
    first = float(min(starts, default=drawn[0].curve.observation.start))
    # The origin is a whole second, so that the label can state it.
    origin = to_ijd(isot_utc(first).split(".")[0])
    span = (max(stops, default=first) - origin) * SECONDS_PER_DAY
    chosen = time_format(form, span)
    if span < 2 * 3600:
        return Clock(origin, chosen)
    if span < 4 * SECONDS_PER_DAY:
        return Clock(origin, chosen, "h", 3600.0)
    return Clock(origin, chosen, "d", SECONDS_PER_DAY)


def _utc_days(mjd: Floats) -> Floats:
    """Return instants in TT as days of UTC since 1970, as matplotlib counts dates."""
    finite = np.isfinite(mjd)
    first, second = erfa.taiutc(*erfa.tttai(_JD_OF_MJD_ZERO, np.where(finite, mjd, 50000.0)))
    days = (first - _JD_OF_MJD_ZERO - _MJD_OF_UNIX_ZERO) + second
    return np.where(finite, days, np.nan)
