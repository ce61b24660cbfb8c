"""Targets, times and durations of INTEGRAL's real observations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from oda_widgets.archive.simulated.tables import rows_of
from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY


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
    """Return the observations of 2002-11 to 2022-02 that held the telescope for a time.

    The real list overlaps: long programmes were interrupted by others, and fields shared by several
    programmes are listed for each. The telescope looks in one direction only, so an observation
    ends here where the next begins.
    """
    resource = files("oda_widgets.archive.simulated") / "observations.csv"
    with resource.open(encoding="utf-8") as lines:
        table = np.loadtxt(lines, delimiter=",", skiprows=4, usecols=(1, 2, 3, 4))
    ra, dec, start, seconds = table.T
    stop = start + seconds / SECONDS_PER_DAY
    stop[:-1] = np.minimum(stop[:-1], start[1:])
    held = stop > start
    return Observations(ra[held], dec[held], start[held], stop[held])


def paper_windows() -> tuple[list[str], tuple[Floats, Floats]]:
    """Return science windows that the paper names, RRRRPPPP0010, with RA and Dec of their targets.

    The list of observations has none of the surveys in which they were taken.
    """
    rows = rows_of("paper_windows.csv")
    ra, dec = (np.array([float(row[name]) for row in rows]) for name in ("ra", "dec"))
    return [row["id"] for row in rows], (ra, dec)
