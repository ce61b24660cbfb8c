"""Convert the times of files (OGIP 93-003, FITS standard section 9) to IJD."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.time import Time

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.files.cards import card_value, float_value, text_value
from oda_widgets.products.files.possible_keywords import refuse_keyword
from oda_widgets.products.files.units import converted
from oda_widgets.request.instruments import name_in_files
from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY
from oda_widgets.request.words import one_line

_MJD_OF_JD_ZERO = -2400000.5
# Names of time scales in files, and in astropy.
_SCALES: Mapping[str, str] = MappingProxyType(
    {
        "TT": "tt",
        "TDT": "tt",
        "ET": "tt",
        "TERRESTRIAL TIME": "tt",
        "TAI": "tai",
        "IAT": "tai",
        "UTC": "utc",
        "GMT": "utc",
        "UT": "utc",
        "UT1": "ut1",
        "TDB": "tdb",
        "TCB": "tcb",
        "TCG": "tcg",
        "LOCAL": "tt",
    }
)
# Differences in days between two statements of a reference: rounding, and leap seconds, which some
# programs leave out of MJDREF.
_ROUNDED, _MOST_APART = 1e-6, 1e-3
_LARGEST_IJD = 20000.0  # days
_MJD_OF_TJD_ZERO = 40000.0  # truncated Julian days, in which XRONOS writes times
_LARGEST_TJD = 36000.0  # days; larger numbers are MJD
# Beginnings of the names of INTEGRAL's tables.
_OF_INTEGRAL = re.compile(r"(ISGR|PICS|IBIS|COMP|JMX\d|SPI\.|OMC\.|IREM|INTL|GNRL)-")
_MOST_DAYS = 1e7  # limit of TIMEZERO, above Julian days of any calendar
_PLAUSIBLE_MJD = (36000.0, 100000.0)  # since the first satellites


@dataclass(frozen=True)
class TimeFrame:
    """Reference, unit and scale of the times of a file.

    Parameters
    ----------
    reference
        Reference time, MJD, as whole days and fraction.
    scale
        Name of the time scale in astropy.
    unit
        Unit of times in the header (TIMEUNIT).
    zero
        Days to add to all times (TIMEZERO).
    """

    reference: tuple[float, float]
    scale: str
    unit: str
    zero: float

    def ijd(self, times: Any, unit: str | None = None, *, offset: bool = True) -> Floats:
        """Return times as IJD days (TT since 2000-01-01).

        Parameters
        ----------
        times
            Times as stored in the file.
        unit
            Unit of the times; None for that of the header.
        offset
            True to add TIMEZERO.
        """
        days = converted(times, unit or self.unit, "d", "TIME")
        if offset and self.zero:
            days = days + self.zero
        whole, rest = self.reference
        if self.scale == "tt":
            shift = (whole - IJD_ZERO_MJD) + rest
            return days + shift if shift else days
        return self._in_tt(days)

    def _in_tt(self, days: Floats) -> Floats:
        whole, rest = self.reference
        known = np.isfinite(days)
        result = np.array(days, dtype=np.float64)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about unknown leap seconds of the future
            stated = Time(whole, rest + days[known], format="mjd", scale=self.scale)
            terrestrial = stated.tt
        result[known] = (terrestrial.jd1 + _MJD_OF_JD_ZERO - IJD_ZERO_MJD) + terrestrial.jd2
        return result


def time_frame(header: fits.Header, times: Any = (), unit: str | None = None) -> TimeFrame:
    """Return the frame of the times of a header.

    Parameters
    ----------
    header
        Header of the table with the times.
    times, unit
        Times and their unit, from which the reference is guessed, with a warning, if the header
        states none. For INTEGRAL it is that of IJD, for XRONOS that of truncated Julian days.

    Raises
    ------
    DamagedFile
        If the reference, the unit or the scale is not known.
    """
    stated_unit = text_value(header, "TIMEUNIT") or unit or _default_unit(header)
    zero = _time_offset(header, stated_unit)
    days = float(converted(zero, stated_unit, "d", "TIMEZERO (TIMEUNIT)")) if zero else 0.0
    if abs(days) > _MOST_DAYS:
        refuse_keyword("TIMEZERO", days, f"more than {_MOST_DAYS:g} days")
    reference = _reference(header)
    if reference is None:
        found = converted(times, unit or stated_unit, "d", "TIME") + days
        reference = _guess_reference(header, found)
    return TimeFrame(reference, _scale(header), stated_unit, days)


def _default_unit(header: fits.Header) -> str:
    """Return the default unit of times: days for INTEGRAL, else seconds as in the standard."""
    if text_value(header, "TELESCOP") is None and float_value(header, "MJDREF") == IJD_ZERO_MJD:
        return "d"
    return "d" if is_integral(header) else "s"


def is_integral(header: fits.Header) -> bool:
    """Return whether a header is from INTEGRAL, by its telescope or by names that only it has."""
    telescope = text_value(header, "TELESCOP")
    if telescope is not None:
        return telescope.upper() == "INTEGRAL"
    if card_value(header, "TELESCOP") == "":  # written by us for an unknown mission
        return False
    named = _OF_INTEGRAL.match((text_value(header, "EXTNAME") or "").upper())
    by_keyword = any(keyword in header for keyword in ("ISDCLEVL", "REVOL", "SWID"))
    return (
        bool(named) or by_keyword or name_in_files(text_value(header, "INSTRUME") or "") is not None
    )


def _time_offset(header: fits.Header, unit: str) -> float:
    """Return the offset of all times, TIMEZERO or its two parts, in the unit of the header."""
    single = float_value(header, "TIMEZERO") or 0.0
    whole, rest = (float_value(header, keyword) or 0.0 for keyword in ("TIMEZERI", "TIMEZERF"))
    offset = float_value(header, "TIMEOFFS") or 0.0
    if not (single and whole):
        return single + whole + rest + offset
    apart = abs(float(converted(whole + rest - single, unit, "d", "TIMEZERO (TIMEUNIT)")))
    if apart > _MOST_APART:
        stated = f"TIMEZERI + TIMEZERF = {whole + rest:.10g} and TIMEZERO = {single:.10g}"
        problem = f"It states two offsets of its times: {stated}."
        raise DamagedFile(problem, "Correct one of them, or remove it.")
    return whole + rest + offset


def _reference(header: fits.Header) -> tuple[float, float] | None:
    whole, rest = float_value(header, "MJDREFI"), float_value(header, "MJDREFF")
    single = float_value(header, "MJDREF")
    for keyword, value in (("MJDREFI", whole), ("MJDREF", single)):
        if value is not None and value < 0 and abs(value - _MJD_OF_JD_ZERO) > 1:
            refuse_keyword(keyword, value, f"0 or more, or {_MJD_OF_JD_ZERO} for Julian days")
    if whole is not None and single is not None:
        return _consistent_reference(whole, rest, single)
    day = single if whole is None else whole
    if day is not None:
        twice = whole is None and rest and abs(day % 1 - rest) < _ROUNDED
        return day, 0.0 if twice else rest or 0.0
    whole, rest = float_value(header, "JDREFI"), float_value(header, "JDREFF")
    julian = whole if whole is not None else float_value(header, "JDREF")
    if julian is not None:
        return julian + _MJD_OF_JD_ZERO, rest or 0.0
    date = text_value(header, "DATEREF")
    if date is not None:
        try:
            return float(Time(date, scale="tt").mjd), 0.0
        except ValueError:
            problem = f"Its reference time, DATEREF = {one_line(date)}, is not a date."
            raise DamagedFile(problem, "Correct it, or state MJDREF.") from None
    return None


def _consistent_reference(whole: float, rest: float | None, single: float) -> tuple[float, float]:
    """Return the reference of a header that states it twice; refuse it if the two disagree."""
    if rest is None:
        rest = single - whole if abs(single - whole) < 1 else 0.0
    apart = abs(whole + rest - single)
    stated = f"MJDREFI + MJDREFF = {whole + rest:.10g} and MJDREF = {single:.10g}"
    if apart > _MOST_APART:
        problem = f"It states two reference times: {stated}."
        raise DamagedFile(problem, "Correct one of them, or remove it.")
    if apart > _ROUNDED:
        text = f"{stated} differ by {apart * SECONDS_PER_DAY:.3g} s: MJDREFI + MJDREFF is taken."
        warnings.warn(text, FileWarning, stacklevel=5)
    return whole, rest


def _guess_reference(header: fits.Header, days: Floats) -> tuple[float, float]:
    """Guess the reference of times that state none."""
    known = days[np.isfinite(days)]
    last = float(np.max(np.abs(known))) if known.size else 0.0
    if _is_xronos(header) and known.size and last < _LARGEST_TJD:
        text = (
            "It does not say what its times count from (MJDREF): they are taken as truncated "
            "Julian days, from MJD 40000, as XRONOS writes them."
        )
        warnings.warn(text, FileWarning, stacklevel=4)
        return _MJD_OF_TJD_ZERO, 0.0
    if is_integral(header) and last < _LARGEST_IJD:
        return IJD_ZERO_MJD, 0.0
    if known.size and _PLAUSIBLE_MJD[0] < float(known.min()) and last < _PLAUSIBLE_MJD[1]:
        text = "It does not say what its times count from (MJDREF): they are taken as MJD."
        warnings.warn(text, FileWarning, stacklevel=4)
        return 0.0, 0.0
    problem = "It does not say what its times count from (MJDREF)."
    advice = (
        "Add MJDREF, or MJDREFI and MJDREFF, to its header; or read a light curve with mjdref=."
    )
    raise DamagedFile(problem, advice)


def _is_xronos(header: fits.Header) -> bool:
    return any(
        "XRONOS" in (text_value(header, keyword) or "").upper()
        for keyword in ("CREATOR", "CONTENT")
    )


def _scale(header: fits.Header) -> str:
    name = (text_value(header, "TIMESYS") or "TT").upper()
    known = name.split("(")[0].strip()  # as in UTC(NIST)
    if known == "MJD":  # old files of RXTE
        return "tt"
    if known not in _SCALES:
        problem = f"Its time scale, TIMESYS = {one_line(name)}, is not known."
        raise DamagedFile(problem, f"Known are: {', '.join(_SCALES)}.")
    return _SCALES[known]
