"""The axis of time below a light curve: data in seconds, labels in a unit that suits the length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import erfa
import numpy as np
from bokeh.models import AdaptiveTicker, CustomJSTicker, CustomJSTickFormatter
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter
from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY, isot_utc


@dataclass(frozen=True)
class TimeUnit:
    """Unit of the labels.

    Parameters
    ----------
    name
        First words of the label of the axis.
    seconds
        Length of the unit.
    steps
        Distances of labels, seconds, up to powers of ten: 1, 2 and 5 of the unit.
    """

    name: str
    seconds: float
    steps: tuple[float, float, float]


ELAPSED, MJD, DATE = "elapsed", "mjd", "date"
_LONG = 30 * SECONDS_PER_DAY  # longer light curves are drawn against MJD

_UTC = "{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}.{:03d}"
_JD_OF_IJD_ZERO = 2_400_000.5 + IJD_ZERO_MJD
_JD_OF_UNIX_ZERO = 2_440_587.5
_BEFORE_THE_MISSION = 1999  # year of the last leap second before it
_TT_BEFORE_TAI = 32.184  # seconds
_SECONDS = TimeUnit("Seconds", 1.0, (1, 2, 5))
_HOURS = TimeUnit("Hours", 3600.0, (1.8, 3.6, 7.2))
_DAYS = TimeUnit("Days", SECONDS_PER_DAY, (1.728, 4.32, 8.64))

# Ticks at round numbers of days, which are not round in the seconds that the data count.
_MJD_TICKS = """
const {start, end} = cb_data.range
const raw = Math.abs(end - start) / 86400 / 6
const power = 10 ** Math.floor(Math.log10(raw))
const step = power * ([1, 2, 5].find(m => raw <= m * power * 1.0001) ?? 10)
const [low, high] = [start, end].sort((a, b) => a - b).map(s => zero + s / 86400)
const ticks = []
for (let n = Math.ceil(low / step); n * step <= high && ticks.length < 50; n++)
  ticks.push((n * step - zero) * 86400)
return ticks
"""
_MJD_LABELS = """
const apart = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) / 86400 : 1
const digits = Math.min(Math.max(0, -Math.floor(Math.log10(apart) + 1e-6)), 9)
return (zero + tick / 86400).toFixed(digits)
"""
# Dates are UTC, like all times that users type: `leaps` are pairs of an instant, in the seconds of
# the axis, and the seconds that UTC is behind TT from then on.
_TO_UTC = """
const origin = (zero - 40587) * 86400
const rounding = 1e-4
const utc = s => origin + s - (leaps.findLast(([from]) => s >= from - rounding) ?? leaps[0])[1]
const since = at => {
  const [, behind] = leaps.findLast(([from, b]) => at - origin + b >= from - rounding)
    ?? leaps[0]
  return at - origin + behind
}
"""
# Ticks where a year, a month, a day or a round time of day begins.
_DATE_TICKS = """
const {start, end} = cb_data.range
const [low, high] = [start, end].sort((a, b) => a - b).map(utc)
const raw = (high - low) / 6
const day = 86400
const ticks = []
const months = [1, 3, 6, 12, 24, 60, 120, 240].find(m => raw <= m * 30.5 * day)
if (raw > 10 * day) {
  const first = new Date(low * 1000)
  let month = first.getUTCFullYear() * 12 + first.getUTCMonth()
  for (month -= month % months; ticks.length < 50; month += months) {
    const at = Date.UTC(Math.floor(month / 12), month % 12, 1) / 1000
    if (at > high) break
    if (at >= low) ticks.push(since(at))
  }
  return ticks
}
const power = 10 ** Math.floor(Math.log10(raw))
const clock = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
               day, 2 * day, 5 * day, 10 * day]
const step = raw < 1 ? power * ([1, 2, 5].find(m => raw <= m * power) ?? 10)
                     : clock.find(s => raw <= s) ?? 10 * day
for (let n = Math.ceil(low / step); n * step <= high && ticks.length < 50; n++)
  ticks.push(since(n * step))
return ticks
"""
_DATE_LABELS = """
const text = t => new Date(Math.round(utc(t) * 1000)).toISOString()
const all = ticks.map(text)
const own = text(tick)
if (all.every(t => t.slice(5, 19) === "01-01T00:00:00")) return own.slice(0, 4)
if (all.every(t => t.slice(8, 19) === "01T00:00:00")) return own.slice(0, 7)
if (all.every(t => t.slice(11, 19) === "00:00:00")) return own.slice(0, 10)
const exact = all.every(t => t.slice(20, 23) === "000")
const clock = own.slice(11, all.every(t => t.slice(17, 23) === "00.000") ? 16 : exact ? 19 : 23)
return index === 0 || own.slice(11, 19) === "00:00:00" ? own.slice(0, 10) + "\\n" + clock : clock
"""


def time_format(wanted: str, span: float) -> str:
    """Return "elapsed", "mjd" or "date" as given or, for "auto", as suits the seconds.

    Raises
    ------
    BadParameter
        If it is none of these.
    """
    if isinstance(wanted, str) and wanted == "auto":
        return ELAPSED if span < _LONG else MJD
    if not isinstance(wanted, str) or wanted not in (ELAPSED, MJD, DATE):
        advice = f'Write "auto", "{ELAPSED}", "{MJD}" or "{DATE}".'
        raise BadParameter("time", wanted, "not a way to write time", advice)
    return wanted


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


def unix_seconds(ijd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return instants (IJD) in UTC, as axes of dates count them: seconds since 1970."""
    first, second = erfa.taiutc(*erfa.tttai(_JD_OF_IJD_ZERO, ijd))
    days: NDArray[np.float64] = (first - _JD_OF_UNIX_ZERO) + second
    return days * SECONDS_PER_DAY


def leaps_since(zero: float) -> list[tuple[float, float]]:
    """Return pairs: an instant, and the seconds that UTC is behind TT from then on.

    Parameters
    ----------
    zero
        The instant from which their seconds count, IJD.
    """
    found = []
    for year, month, behind in erfa.leap_seconds.get().tolist():
        if year < _BEFORE_THE_MISSION:
            continue
        mjd = erfa.cal2jd(year, month, 1)[1] - IJD_ZERO_MJD
        total = behind + _TT_BEFORE_TAI
        found.append(((mjd - zero) * SECONDS_PER_DAY + total, total))
    return found


def label_time(plot: Any, zero: float, span: float, form: str = ELAPSED) -> None:
    """Label the horizontal axis of a figure, which counts seconds since an instant.

    Parameters
    ----------
    plot
        The figure.
    zero
        The instant, IJD.
    span
        Length of the drawn part, seconds.
    form
        "elapsed", "mjd" or "date".
    """
    axis = plot.xaxis[0]
    if form == ELAPSED:
        unit = time_unit(span)
        digits = 3 if unit.seconds <= 1 else 0  # of a second; in minutes nobody needs these
        axis.axis_label = f"{unit.name} since {isot_utc(zero, digits)} UTC"
        axis.ticker = AdaptiveTicker(base=10, mantissas=list(unit.steps), desired_num_ticks=9)
        code = "return String(Number((tick / seconds).toPrecision(6)))"
        axis.formatter = CustomJSTickFormatter(args={"seconds": unit.seconds}, code=code)
    else:
        args: dict[str, Any] = {"zero": zero + IJD_ZERO_MJD}
        ticks, labels = _MJD_TICKS, _MJD_LABELS
        if form == DATE:
            args["leaps"] = leaps_since(zero)
            ticks, labels = _TO_UTC + _DATE_TICKS, _TO_UTC + _DATE_LABELS
        axis.axis_label = "Time (MJD, TT)" if form == MJD else "Date (UTC)"
        axis.ticker = CustomJSTicker(args=args, major_code=ticks)
        axis.formatter = CustomJSTickFormatter(args=args, code=labels)
    plot.xgrid.ticker = axis.ticker
