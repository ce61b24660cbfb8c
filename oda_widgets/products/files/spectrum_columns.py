"""Read the columns of a spectrum in all forms that OGIP allows."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from astropy import units as u
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning, shorten
from oda_widgets.products.files.cards import card_value, float_value, text_value
from oda_widgets.products.files.columns import (
    check_rows,
    floats_or,
    has_column,
    needed_column,
    needed_floats,
    needed_integers,
    null_cells,
)
from oda_widgets.products.files.units import (
    COUNT_RATE,
    column_unit,
    converted,
    floats_in,
    fractions_or,
    unit_of,
)
from oda_widgets.products.spectrum_data import BAD
from oda_widgets.request.words import counted

_WHOLE = 1e-3  # largest distance of counts from whole numbers, in units of their Poisson errors
_LARGEST_COUNT = 2.0**53  # larger floats cannot represent all whole numbers
_NAMED = 5  # rows in a warning
_CLOSE = 1e-2  # largest relative difference of Poisson errors


@dataclass(frozen=True)
class Channels:
    """The channels of a spectrum as stored in its file; all arrays have shape (n_channels,).

    Parameters
    ----------
    number
        Numbers of the channels.
    rate, error
        Counts per second per unit of AREASCAL, and their statistical errors.
    quality
        0 for a good channel.
    systematic_error
        Fraction of the rate.
    counts
        Poisson counts; all NaN if the rates have Gaussian errors.
    seconds
        Exposure times AREASCAL.
    area
        BACKSCAL, the fraction of the detector or of the sky from which the counts come.
    grouping
        -1 if a channel continues the group of the previous one.
    of
        Number of channels of the detector (DETCHANS); None if not stated.
    """

    number: NDArray[np.int_]
    rate: Floats
    error: Floats
    quality: NDArray[np.int16]
    systematic_error: Floats
    counts: Floats
    seconds: Floats
    area: Floats
    grouping: NDArray[np.int16]
    of: int | None = None

    @property
    def poisson(self) -> bool:
        """Whether the channels hold Poisson counts."""
        return bool(np.isfinite(self.counts).any())


def read_channels(table: fits.BinTableHDU) -> Channels:
    """Return the channels of a table of rates or counts, with Gaussian or Poisson errors.

    Raises
    ------
    DamagedFile
        If the table has neither rates nor counts.
    """
    scale = _scaling(table, "AREASCAL")
    seconds = floats_or(table, "EXPOSURE", 0.0)
    if not np.all(seconds > 0) and (has_column(table, "EXPOSURE") or "EXPOSURE" in table.header):
        text = "EXPOSURE is not above 0: its exposure is taken as not known."
        warnings.warn(text, FileWarning, stacklevel=3)
    rate, error, counts = _measured(table, seconds)
    quality = _quality(table)
    # A channel without a rate or an error has no data, whatever its quality flag says; a channel
    # with 0 counts has.
    empty = ~(np.isfinite(rate) & np.isfinite(error) & ((error > 0) | np.isfinite(counts)))
    # Do not warn of channels with neither rate nor error: nothing was measured there.
    _warn_of(empty & (quality == 0) & np.isfinite(rate) & (rate != 0), "no error above 0")
    quality[empty & (quality == 0)] = BAD
    return Channels(
        number=_numbers(table),
        rate=rate / scale,
        error=error / scale,
        quality=quality,
        systematic_error=_systematic(table, quality),
        counts=counts,
        seconds=seconds * scale,
        area=_scaling(table, "BACKSCAL"),
        grouping=_grouping(table),
        of=_detector_channels(table),
    )


def _detector_channels(table: fits.BinTableHDU) -> int | None:
    """Return the number of channels of the detector; None if not stated or impossible."""
    stated = float_value(table.header, "DETCHANS")
    return int(stated) if stated is not None and stated >= len(table.data) else None


def _numbers(table: fits.BinTableHDU) -> NDArray[np.int_]:
    if has_column(table, "CHANNEL"):
        number = needed_integers(table, "CHANNEL")
        if len(np.unique(number)) != len(number):
            problem = "Two channels of the spectrum have one number."
            raise DamagedFile(problem, "Give a spectrum with each channel once.")
        return number
    warnings.warn("It does not number its channels: from 1.", FileWarning, stacklevel=4)
    return np.arange(1, len(table.data) + 1)


def _warn_of(wrong: NDArray[np.bool_], cause: str) -> None:
    """Warn of channels that are left out: how many, in which rows and why."""
    rows = np.flatnonzero(wrong) + 1
    if len(rows):
        named = ", ".join(map(str, rows[:_NAMED]))
        more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        text = (
            f"{counted(len(rows), 'channel')} of {len(wrong)} left out, {cause}: "
            f"row{'s' * (len(rows) > 1)} {named}{more}."
        )
        warnings.warn(text, FileWarning, stacklevel=5)


def _quality(table: fits.BinTableHDU) -> NDArray[np.int16]:
    """Return quality flags; channels without a value or a flag are bad.

    Spectra of JEM-X have NaN for rates without data: only nulls and infinite rates give a warning.
    """
    flags = floats_or(table, "QUALITY", 0.0)
    unknown = ~np.isfinite(flags)
    if _holds_rates(table):
        none = null_cells(table, "RATE") | np.isinf(needed_floats(table, "RATE"))
    else:
        none = ~np.isfinite(needed_floats(table, "COUNTS"))
    unknown |= none & (flags == 0)
    _warn_of(unknown, "no number, or no QUALITY")
    return np.where(unknown, BAD, flags).astype(np.int16)


def _grouping(table: fits.BinTableHDU) -> NDArray[np.int16]:
    """Return GROUPING, after checking that it is 1, 0 or -1."""
    marks = floats_or(table, "GROUPING", 0.0)
    check_rows(marks, np.isin(marks, (-1, 0, 1)), "GROUPING", "it is 1, 0 or -1")
    return marks.astype(np.int16)


def _scaling(table: fits.BinTableHDU, name: str) -> Floats:
    """Return a scaling factor from a column or keyword; warn of impossible ones and use 1."""
    factors = floats_or(table, name, 1.0)
    known = np.isfinite(factors) & (factors > 0)
    if not known.all():
        text = f"{name} holds {factors[~known][0]:g}, which is no factor: 1 is used."
        warnings.warn(text, FileWarning, stacklevel=4)
    return np.where(known, factors, 1.0)


def _systematic(table: fits.BinTableHDU, quality: NDArray[np.int16]) -> Floats:
    """Return systematic errors as fractions; those of bad channels are not checked."""
    fractions = fractions_or(table, "SYS_ERR", 0.0)
    known = np.isfinite(fractions) & (fractions >= 0)
    check_rows(fractions, known | (quality != 0), "SYS_ERR", "a fraction of the rate is 0 or more")
    large = known & (fractions > 1) & (quality == 0)
    if large.any():
        text = (
            f"SYS_ERR is up to {fractions[large].max():g}, more than the rates themselves: it is a "
            "fraction, 0.05 for 5 %."
        )
        warnings.warn(text, FileWarning, stacklevel=3)
    return np.where(known, fractions, 0.0)


def _measured(table: fits.BinTableHDU, seconds: Floats) -> tuple[Floats, Floats, Floats]:
    """Return rates, errors, and the counts if they are Poisson (else NaN)."""
    if _holds_rates(table):
        rate, error = _stated_rates(table)
        number, stated = rate * seconds, error * seconds
    else:
        number, stated = _stated_counts(table, seconds)
        rate, error = number / seconds, stated / seconds
    # Keep stated errors of counts for chi2, unless the file says that they are Poisson errors.
    own = np.any(stated > 0) and not _stated_poisson(table)
    if not own:
        number = _possible_counts(number)
    rate = np.where(np.isfinite(number), rate, np.nan)
    poisson = _are_poisson(table, number, stated)
    if not own and np.all(seconds > 0):
        error = np.sqrt(np.rint(number) if poisson else number) / seconds
    return rate, error, np.rint(number) if poisson else np.full(len(rate), np.nan)


def _stated_rates(table: fits.BinTableHDU) -> tuple[Floats, Floats]:
    """Return the rates of a table and their errors, counts/s; errors are 0 if it has none."""
    rate = floats_in(table, "RATE", COUNT_RATE)
    error = converted(
        floats_or(table, "STAT_ERR", 0.0),
        column_unit(table, "STAT_ERR") or column_unit(table, "RATE"),
        COUNT_RATE,
        "the column STAT_ERR",
    )
    if not has_column(table, "STAT_ERR") and not _stated_poisson(table):
        needed_column(table, "STAT_ERR")
    return rate, error


def _stated_counts(table: fits.BinTableHDU, seconds: Floats) -> tuple[Floats, Floats]:
    """Return the counts of a table and their errors; errors are 0 if it has none."""
    _check_counts(table)
    number, stated = needed_floats(table, "COUNTS"), floats_or(table, "STAT_ERR", 0.0)
    if not np.all(seconds > 0):
        problem = "It holds counts without an EXPOSURE, so that no rate follows."
        raise DamagedFile(problem, "Add EXPOSURE (seconds) to its header.")
    return number, stated


def _holds_rates(table: fits.BinTableHDU) -> bool:
    """Return whether a table is about rates; HDUCLAS3 decides if it has rates and counts."""
    if not (has_column(table, "RATE") and has_column(table, "COUNTS")):
        return has_column(table, "RATE")
    stated = (text_value(table.header, "HDUCLAS3") or "").upper()
    if stated in {"COUNT", "RATE"} or not has_column(table, "STAT_ERR"):
        return stated != "COUNT"
    return not _errors_of_counts(table)


def _errors_of_counts(table: fits.BinTableHDU) -> bool:
    """Return whether errors beside rates and counts are those of the counts.

    If they have no unit, they are compared with the roots of the counts, and with these divided by
    the exposure.
    """
    if column_unit(table, "STAT_ERR"):
        unit = unit_of(column_unit(table, "STAT_ERR"), "the column STAT_ERR")
        return unit is not None and unit.is_equivalent(u.ct)
    counts, error = needed_floats(table, "COUNTS"), needed_floats(table, "STAT_ERR")
    seconds = floats_or(table, "EXPOSURE", 1.0)
    used = (counts > 0) & (error > 0) & (seconds > 0)
    if not used.any():
        return False
    ratio = float(np.median(error[used] / np.sqrt(counts[used])))
    per_second = float(np.median(1.0 / seconds[used]))
    return bool(abs(np.log(ratio)) < abs(np.log(ratio / per_second)))


def _check_counts(table: fits.BinTableHDU) -> None:
    """Check that the unit of the column COUNTS is not one of rates."""
    stated, unit = column_unit(table, "COUNTS"), None
    with suppress(DamagedFile):  # other spellings of counts do no harm
        unit = unit_of(stated, "the column COUNTS")
    if unit is not None and any(unit.is_equivalent(rate) for rate in (COUNT_RATE, u.Hz)):
        problem = f"The unit of the column COUNTS is {shorten(str(stated))}, which is one of rates."
        raise DamagedFile(problem, "Call the column RATE, or correct its unit (TUNIT).")


def _possible_counts(number: Floats) -> Floats:
    """Return counts with NaN for impossible ones, and warn of their rows.

    If most counts are not whole numbers, they were multiplied by a factor, and all are kept.
    """
    known = np.isfinite(number)
    negative, beyond = known & (number < 0), known & (number > _LARGEST_COUNT)
    _warn_of(negative, "counts below 0")
    _warn_of(beyond, f"counts above {_LARGEST_COUNT:.0e}")
    possible = known & ~negative & ~beyond
    broken = possible & ~_are_whole(number)
    if 2 * np.sum(broken) < np.sum(possible & (number > 0)):
        _warn_of(broken, "counts that are not whole")
        possible &= ~broken
    elif broken.any():
        text = "Its counts are not whole numbers: their errors are taken as their square roots."
        warnings.warn(text, FileWarning, stacklevel=5)
    return np.where(possible, number, np.nan)


def _are_whole(counts: Floats) -> NDArray[np.bool_]:
    """Return the mask of counts that are whole numbers but for the rounding of rates."""
    positive = np.maximum(counts, 0.0)
    return np.asarray(np.abs(counts - np.rint(counts)) <= _WHOLE * np.sqrt(positive + 1.0))


def _are_poisson(table: fits.BinTableHDU, number: Floats, error: Floats) -> bool:
    """Return whether numbers are counts whose errors are those of Poisson, or of Gehrels."""
    known = np.isfinite(number)
    if not np.all(floats_or(table, "EXPOSURE", 0.0) > 0):
        return False  # rates without an exposure
    counts, stated = number[known], error[known]
    if not known.any() or np.any(counts < 0) or not np.any(counts > 0):
        return bool(known.any()) and not np.any(counts < 0) and _stated_poisson(table)
    if not _are_whole(counts).all():
        return False
    if _stated_poisson(table) or not np.any(stated > 0):
        return True
    gehrels = 1.0 + np.sqrt(counts + 0.75)
    return any(
        np.allclose(stated[counts > 0], expected[counts > 0], rtol=_CLOSE)
        for expected in (np.sqrt(counts), gehrels)
    )


def _stated_poisson(table: fits.BinTableHDU) -> bool:
    """Return whether a file says that its errors are Poisson errors (POISSERR)."""
    stated = card_value(table.header, "POISSERR")
    return stated is True or str(stated).strip().upper() in {"T", "TRUE"}
