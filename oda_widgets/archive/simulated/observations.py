"""Targets, times and durations of INTEGRAL's real observations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.tables import rows_of
from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY

Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Observations:
    """Observations in order of time; each array of shape (n_observations,).

    Parameters
    ----------
    ra, dec
        Position of the target, degrees.
    start, stop
        IJD days.
    """

    ra: Floats
    dec: Floats
    start: Floats
    stop: Floats


@cache
def observations() -> Observations:
    """Return the observations of 2002-11 to 2022-02, without overlap.

    The real list overlaps: long programmes were interrupted by others, and fields shared by several
    programmes are listed for each. Here an observation ends when the next begins.
    """
    resource = files("oda_widgets.archive.simulated") / "observations.csv"
    with resource.open(encoding="utf-8") as lines:
        table = np.loadtxt(lines, delimiter=",", skiprows=4, usecols=(1, 2, 3, 4))
    ra, dec, start, seconds = table.T
    stop = start + seconds / SECONDS_PER_DAY
    stop[:-1] = np.minimum(stop[:-1], start[1:])
    held = stop > start
    return Observations(ra[held], dec[held], start[held], stop[held])


@dataclass(frozen=True)
class NamedWindows:
    """Science windows named in publications; each array of shape (n_windows,).

    Parameters
    ----------
    ids
        RRRRPPPP0010.
    ra, dec
        Position of the target, degrees.
    place
        Index of each window in the dither around its target, from 0.
    pointings
        Number of pointings of that dither.
    """

    ids: tuple[str, ...]
    ra: Floats
    dec: Floats
    place: Integers
    pointings: Integers


@cache
def named_windows() -> NamedWindows:
    """Return science windows named in the paper or in public scripts.

    They belong to surveys and calibrations, which the list of observations lacks.
    """
    rows = rows_of("named_windows.csv")
    ra, dec = (np.array([float(row[name]) for row in rows]) for name in ("ra", "dec"))
    place, number = (
        np.array([int(row[name]) for row in rows], np.intp) for name in ("place", "pointings")
    )
    return NamedWindows(tuple(row["id"] for row in rows), ra, dec, place, number)
