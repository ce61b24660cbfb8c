"""Leave out or correct impossible rows of light curves, with warnings that name them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.curve_rebinning import chosen_bins
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.timespan import SECONDS_PER_DAY

_NAMED = 5  # rows in a warning
_BESIDE = 1.0  # days outside of TSTART to TSTOP, in addition to its length, that are tolerated
_MOST_DAYS = 5e5  # before and after 2000
_SHARED = 0.1  # largest overlap due to rounding, as a fraction of the shorter bin
_SURELY_SEEN = 50.0  # expected counts; seeing none is then not chance
_ROUNDING = 1e-6  # excess of a fraction of exposure over 1 that is tolerated


def mended(curve: LightCurve, columns: Mapping[str, str]) -> LightCurve:
    """Return a light curve whose bins all have times and lengths, in order of time.

    Parameters
    ----------
    curve
        Light curve as stored in the file.
    columns
        Names of the columns "time", "width", "error" and "exposed_fraction" in the file.

    Raises
    ------
    DamagedFile
        If it has rows, but none with a time and a length.

    Warns
    -----
    FileWarning
        For each kind of correction, with rows and column.
    """
    untimed, unlong = ~np.isfinite(curve.time), ~(curve.width > 0) | ~np.isfinite(curve.width)
    _warn(untimed, columns["time"], "not a finite number: left out")
    beyond = np.abs(curve.time) > _MOST_DAYS
    _warn(beyond, columns["time"], "thousands of years from any mission: left out")
    untimed |= beyond
    _warn(unlong, columns["width"], "not a positive length: left out")
    if len(curve) and (untimed | unlong).all():
        problem = f"No row has a time and a length ({columns['time']}, {columns['width']})."
        raise DamagedFile(problem, "Give a table of times and rates.")
    curve = _with_possible_values(curve, columns)
    kept = np.flatnonzero(~(untimed | unlong))
    order = np.argsort(curve.time[kept], kind="stable")
    if np.any(np.diff(order) < 0):
        first = int(kept[np.flatnonzero(np.diff(curve.time[kept]) < 0)[0]]) + 2
        text = f"From row {first} on, {columns['time']} is not in order: the rows are sorted."
        warnings.warn(text, FileWarning, stacklevel=6)
    whole = len(order) == len(curve) and (np.diff(order) > 0).all()
    return curve if whole else chosen_bins(curve, kept[order])


def check_dates(curve: LightCurve, spans: Sequence[tuple[float, float]]) -> None:
    """Warn if all bins lie outside of the span that a header states (TSTART to TSTOP).

    Parameters
    ----------
    curve
        Light curve in order of time.
    spans
        Possible values of TSTART and TSTOP, IJD days: with and without TIMEZERO.
    """
    beyond = [
        max(curve.time[0] - stop, start - curve.time[-1]) - (stop - start)
        for start, stop in spans
        if len(curve) and stop > start
    ]
    if beyond and (aside := min(beyond)) > _BESIDE:
        text = (
            f"Its bins lie {aside:,.1f} days outside TSTART to TSTOP of its header: do its times "
            "count from TSTART? Then TIMEZERO should say so."
        )
        warnings.warn(text, FileWarning, stacklevel=5)


def check_overlap(curve: LightCurve) -> None:
    """Warn of overlapping bins, whose sums count the same photons twice.

    Parameters
    ----------
    curve
        Light curve in order of time.
    """
    starts, stops = curve.edges.T
    shared = np.maximum.accumulate(stops)[:-1] - starts[1:]
    shorter = np.minimum(curve.width[:-1], curve.width[1:]) / SECONDS_PER_DAY
    number = int(np.count_nonzero(shared > _SHARED * shorter))
    if number:
        text = (
            f"{number} of its {len(curve)} bins begin before others end: their sums and means "
            "count the same time twice. Choose those that do not overlap."
        )
        warnings.warn(text, FileWarning, stacklevel=5)


def check_empty(curve: LightCurve) -> None:
    """Warn of long runs of bins in which nothing was counted: these may be gaps.

    Parameters
    ----------
    curve
        Light curve in order of time.
    """
    empty = np.concatenate([[False], curve.empty, [False]])
    edges = np.flatnonzero(np.diff(empty.astype(np.int8))).reshape(-1, 2)
    if not len(edges):
        return
    rate = curve.mean_rate.value
    expected = [rate * float(curve.exposure[first:stop].sum()) for first, stop in edges]
    first, stop = edges[int(np.argmax(expected))]
    if max(expected) > _SURELY_SEEN:
        text = (
            f"Nothing was counted in its bins {first + 1} to {stop}, where {max(expected):.0f} "
            "counts are expected of the mean: if they lie in a gap, its good time should say so "
            "(FRACEXP, or a table GTI)."
        )
        warnings.warn(text, FileWarning, stacklevel=5)


def _with_possible_values(curve: LightCurve, columns: Mapping[str, str]) -> LightCurve:
    """Return a light curve without negative errors, and with fractions from 0 to 1."""
    negative = curve.error < 0
    _warn(negative, columns["error"], "negative: taken as not known")
    fraction = curve.exposed_fraction
    impossible = (fraction < 0) | (fraction > 1 + _ROUNDING)
    _warn(impossible, columns["exposed_fraction"], "outside 0 to 1: the nearest of them is taken")
    if not negative.any() and not impossible.any():
        return curve
    return replace(
        curve,
        error=np.where(negative, np.nan, curve.error),
        exposed_fraction=np.where(impossible, np.clip(fraction, 0.0, 1.0), fraction),
    )


def _warn(wrong: NDArray[np.bool_], column: str, problem: str) -> None:
    rows = np.flatnonzero(wrong) + 1
    if not len(rows):
        return
    named = ", ".join(str(row) for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    words = "Row" if len(rows) == 1 else "Rows"
    text = f"{words} {named}{more} of {column}: {problem}."
    warnings.warn(text, FileWarning, stacklevel=7)
