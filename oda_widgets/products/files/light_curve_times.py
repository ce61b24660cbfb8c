"""Read times and lengths of the bins of a light curve, from columns or keywords."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.files.cards import float_value, text_value
from oda_widgets.products.files.columns import has_column, needed_column, needed_floats
from oda_widgets.products.files.dates import days_of_dates
from oda_widgets.products.files.times import TimeFrame, time_frame
from oda_widgets.products.files.units import column_unit, converted, floats_in
from oda_widgets.request.timespan import SECONDS_PER_DAY

_TIMES = ("TIME", "BARYTIME", "TIME_MID", "TIME_BIN", "MJD")
# Columns of the first and the last instant of each bin (CIAO, GADF, Fermi).
_ENDS = (
    ("TIME_MIN", "TIME_MAX"),
    ("TIMEMIN", "TIMEMAX"),
    ("TSTART", "TSTOP"),
    ("T_START", "T_STOP"),
    ("START", "STOP"),
)
_POSITIONS = ("RA", "RAJ2000", "RA_OBJ", "GLON")  # columns of catalogues, not of light curves
_OVERLAP = 1.5  # bins longer than this times their distance are too long
_ALIKE = 0.01  # largest relative difference of equal lengths and distances
_SHORT = 0.1  # bins shorter than this times their distance are frames of a camera
_EVEN = 0.9  # fraction of equal distances for bins to count as evenly spaced
_UNITS = MappingProxyType({"s": "seconds", "d": "days"})
_UNSTATED = (
    "It does not say how long its bins are (TIMEDEL): they are drawn as long as the least distance "
    "of times. Exposures are not known; averages are weighted by errors."
)


@dataclass(frozen=True)
class BinTimes:
    """The bins of a light curve as a file states them.

    Parameters
    ----------
    frame
        Reference, unit and scale of the times.
    unit
        Unit of the column of times; None for that of the header.
    time
        Middles of the bins, IJD days.
    width
        Lengths of the bins, seconds.
    column, width_column
        Columns or keywords of times and lengths; "" if lengths are taken from distances.
    dated
        True if times are dates, for which the reference in the header does not matter.
    """

    frame: TimeFrame
    unit: str | None
    time: Floats
    width: Floats
    column: str
    width_column: str
    dated: bool = False


def has_times(table: fits.BinTableHDU) -> bool:
    """Return whether a table has times, or starts and ends of bins."""
    if _time_column(table) is not None:
        return True
    return _edge_columns(table) is not None and not any(
        has_column(table, one) for one in _POSITIONS
    )


def bin_times(table: fits.BinTableHDU, header: fits.Header) -> BinTimes:
    """Return the bins of a light curve.

    Parameters
    ----------
    table
        Table of the light curve.
    header
        Header of the table, with the keywords of its file (see `with_shared`).

    Raises
    ------
    DamagedFile
        If the reference of the times, or the lengths of the bins, cannot be found.
    """
    ends = _edge_columns(table)
    name = _time_column(table) or (ends[0] if ends else "TIME")
    dated = needed_column(table, name).dtype.kind in "SU"
    header = _header_for_dates(header) if dated else header
    unit = "d" if dated else column_unit(table, name) or ("d" if name == "MJD" else None)
    stated = _instants(table, name)
    frame = time_frame(header, stated, unit)
    if ends and not has_column(table, "WIDTH"):
        first, last = (
            frame.ijd(_instants(table, end), unit if dated else column_unit(table, end) or unit)
            for end in ends
        )
        width = SECONDS_PER_DAY * (last - first)
        between = (first + last) / 2
        return BinTimes(frame, unit, between, width, name, " and ".join(ends), dated)
    width, width_column = _widths(table, header, frame, stated, unit)
    time = _centres(frame.ijd(stated, unit), width, header)
    return BinTimes(frame, unit, time, width, name, width_column, dated)


def instants(table: fits.BinTableHDU, times: BinTimes, name: str) -> Floats:
    """Return one of our own columns for joined bins (see `light_curve_file`), IJD days."""
    return times.frame.ijd(needed_floats(table, name), column_unit(table, name) or times.unit)


def _time_column(table: fits.BinTableHDU) -> str | None:
    return next((name for name in _TIMES if has_column(table, name)), None)


def _edge_columns(table: fits.BinTableHDU) -> tuple[str, str] | None:
    """Return the columns of starts and ends of bins, or None."""
    return next((pair for pair in _ENDS if all(has_column(table, name) for name in pair)), None)


def _instants(table: fits.BinTableHDU, name: str) -> Floats:
    """Return a column of times as stored; dates as MJD."""
    values = needed_column(table, name)
    if values.dtype.kind in "SU":
        return days_of_dates([str(value) for value in values], name)
    return needed_floats(table, name)


def _header_for_dates(header: fits.Header) -> fits.Header:
    """Return a header for dates as MJD, in UTC unless it states another scale."""
    dated = header.copy()
    for keyword in ("MJDREFI", "MJDREFF", "TIMEZERO", "TIMEZERI", "TIMEZERF"):
        dated.remove(keyword, ignore_missing=True, remove_all=True)
    dated["MJDREF"] = 0.0
    dated["TIMESYS"] = text_value(header, "TIMESYS") or "UTC"
    return dated


def _centres(times: Floats, width: Floats, header: fits.Header) -> Floats:
    """Return the middles of bins from times at the fraction TIMEPIXR of each bin."""
    fraction = float_value(header, "TIMEPIXR")
    if fraction is None or fraction == 0.5:  # the middle
        return times
    return times + (0.5 - fraction) * width / SECONDS_PER_DAY


def _widths(
    table: fits.BinTableHDU,
    header: fits.Header,
    frame: TimeFrame,
    times: Floats,
    unit: str | None,
) -> tuple[Floats, str]:
    """Return the bin widths in seconds, and the column or keyword that states them ("" if none)."""
    steps = _steps(times, unit or frame.unit)
    for name, factor in (("WIDTH", 1.0), ("TIMEDEL", 1.0), ("XAX_E", 2.0)):
        if has_column(table, name):
            plain = column_unit(table, name) or ("s" if name == "WIDTH" else None)
            lengths = needed_floats(table, name)
            known = lengths[np.isfinite(lengths)]
            typical = factor * float(np.median(known)) if len(known) else 0.0
            length_unit = plain or _unit_of_lengths(header, frame, typical, steps, unit)
            in_seconds = floats_in(table, name, "s", length_unit)
            return (in_seconds if factor == 1.0 else factor * in_seconds), name
    stated = float_value(header, "TIMEDEL")
    if stated is not None:
        length_unit = _unit_of_lengths(header, frame, stated, steps, unit)
        seconds = float(converted(stated, length_unit, "s", "TIMEDEL"))
        if not _is_frame_time(table, seconds, steps):
            return np.full(len(table.data), seconds), "TIMEDEL"
        text = (
            f"TIMEDEL = {stated:g} is far shorter than its bins are apart, {steps.min():.6g} s: it "
            "is taken for the time of a frame, and the bins are as long as that distance."
        )
        warnings.warn(text, FileWarning, stacklevel=6)
        return np.full(len(table.data), float(steps.min())), ""
    if not len(steps):
        problem = "It does not say how long its bins are (TIMEDEL or XAX_E)."
        raise DamagedFile(problem, "Add TIMEDEL, in days, to its header.")
    warnings.warn(_UNSTATED, FileWarning, stacklevel=6)
    return np.full(len(table.data), float(steps.min())), ""


def _steps(times: Floats, unit: str) -> Floats:
    """Return the distances between distinct times, seconds."""
    steps = np.diff(np.unique(times[np.isfinite(times)]))
    return SECONDS_PER_DAY * converted(steps, unit, "d", "TIME")


def _is_frame_time(table: fits.BinTableHDU, seconds: float, steps: Floats) -> bool:
    """Return whether a length is the frame time of a camera, which CIAO leaves in TIMEDEL."""
    if not len(steps) or not seconds < _SHORT * steps.min():
        return False
    if has_column(table, "EXPOSURE"):
        return True
    return len(steps) > 1 and float(np.mean(steps < (1 + _ALIKE) * steps.min())) >= _EVEN


def _unit_of_lengths(
    header: fits.Header, frame: TimeFrame, stated: float, steps: Floats, unit: str | None
) -> str:
    """Return the unit of TIMEDEL: that of the times, unless only another one fits the times.

    By the standard it is seconds if TIMEUNIT is not stated; many files have days in the column.
    """
    if not len(steps):
        return frame.unit
    step = float(np.median(steps))
    of_header = float(converted(stated, frame.unit, "s", "TIMEDEL"))
    likely = {unit or frame.unit, frame.unit if text_value(header, "TIMEUNIT") else "s"}
    for other in dict.fromkeys((unit or frame.unit, "s", "d")):
        seconds = float(converted(stated, other, "s", "TIMEDEL"))
        too_long = of_header > _OVERLAP * step and seconds <= _OVERLAP * step and other in likely
        exact = of_header < _SHORT * step and abs(seconds - step) < _ALIKE * step
        if too_long or exact:
            why = "overlap" if too_long else "leave nearly all time out"
            taken, so = (_UNITS.get(each, each) for each in (other, frame.unit))
            text = f"TIMEDEL = {stated:g} is taken as {taken}: bins of so many {so} would {why}."
            warnings.warn(text, FileWarning, stacklevel=7)
            return other
    return frame.unit
