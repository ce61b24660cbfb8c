"""The columns of a spectrum in the many ways that OGIP allows them to be written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.cards import float_value
from oda_widgets.products.files.columns import (
    floats_or,
    has_column,
    needed_column,
    needed_floats,
)
from oda_widgets.products.spectrum import BAD


@dataclass(frozen=True)
class Channels:
    """The channels of a spectrum as they stand in its file; all arrays of one length.

    Parameters
    ----------
    number
        Of the channel.
    rate, error
        Counts per second, and statistical error.
    quality
        0 for a good channel.
    systematic_error
        Fraction of the rate.
    """

    number: NDArray[np.int_]
    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    quality: NDArray[np.int16]
    systematic_error: NDArray[np.float64]


def read_channels(table: fits.BinTableHDU) -> Channels:
    """Return the channels of a table.

    Rates or counts, errors of their own or Poisson ones, columns or keywords: all are read.

    Raises
    ------
    DamagedFile
        If the table has neither rates nor counts, or several spectra.
    """
    _refuse_what_cannot_be_held(table)
    rate, error = _rate_and_error(table)
    quality = floats_or(table, "QUALITY", 0.0).astype(np.int16)
    # A channel without a rate or an error holds no data, whatever its quality flag says; one in
    # which nothing was counted does.
    counted = has_column(table, "COUNTS") and not has_column(table, "RATE")
    empty = ~(np.isfinite(rate) & np.isfinite(error) & ((error > 0) | counted))
    quality[empty & (quality == 0)] = BAD
    return Channels(
        number=np.asarray(needed_column(table, "CHANNEL"), dtype=int),
        rate=rate,
        error=error,
        quality=quality,
        systematic_error=floats_or(table, "SYS_ERR", 0.0),
    )


def _refuse_what_cannot_be_held(table: fits.BinTableHDU) -> None:
    if np.ndim(needed_column(table, "CHANNEL")) != 1:
        problem = "It holds several spectra (PHA type II)."
        raise DamagedFile(problem, "Split it into files of one spectrum each.")


def _rate_and_error(table: fits.BinTableHDU) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scale = float_value(table.header, "AREASCAL") or 1.0
    if has_column(table, "RATE"):
        return needed_floats(table, "RATE") / scale, needed_floats(table, "STAT_ERR") / scale
    counts = needed_floats(table, "COUNTS")
    seconds = (float_value(table.header, "EXPOSURE") or 0.0) * scale
    if seconds <= 0:
        problem = "It holds counts without an EXPOSURE, so that no rate follows."
        raise DamagedFile(problem, "Add EXPOSURE (seconds) to its header.")
    errors = needed_floats(table, "STAT_ERR") if has_column(table, "STAT_ERR") else np.sqrt(counts)
    return counts / seconds, errors / seconds
