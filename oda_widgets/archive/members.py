"""The files that calibrate a science window.

Archives in folders and on mirrors both use these lists: a file that is read but not listed here
would not be fetched from a mirror.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from oda_widgets.archive.calibration_index import EFFICIENCIES, KINDS
from oda_widgets.archive.packed_or_not import file_in, packings

HOUSEKEEPING = "ibis_hk.fits"
DEAD_TIME = "ibis_deadtime.fits"

OF_WINDOW = (HOUSEKEEPING, DEAD_TIME)
"""In the folder of the science window, packed or not."""

TABLES = (*KINDS, EFFICIENCIES)
"""Kinds of tables in ``ic/``; each has an index of those valid at a time."""

CONTEXT = "rev.*/cfg/isgri_context_*.fits"
"""Below the folder of the revolution, packed or not; the newest of its time is read."""

_STAMP = "isgri_context_%Y%m%d%H%M%S"
_IJD_ZERO = datetime(2000, 1, 1, tzinfo=UTC)


def member_in(folder: Path, name: str) -> Path | None:
    """Return a file of a folder, packed or not, if it is there."""
    found = file_in(folder, name)
    return found[0] if found is not None and stat.S_ISREG(found[1].st_mode) else None


def context_at(paths: Iterable[str], time: float) -> str | None:
    """Return the newest context of a revolution before a time, or its first; None without any.

    Parameters
    ----------
    paths
        Of files below the folder of the revolution; other files than contexts are ignored.
    time
        IJD, days.

    Examples
    --------
    >>> contexts = [f"rev.001/cfg/isgri_context_{day}000000.fits" for day in (20221011, 20221012)]
    >>> context_at(contexts, 8319.5)
    'rev.001/cfg/isgri_context_20221011000000.fits'
    """
    names = [path for path in paths if any(fnmatch(path, like) for like in packings(CONTEXT))]
    dated = [(day, path) for path in names if (day := _day(path)) is not None]
    before = [entry for entry in dated if entry[0] <= time]
    if before:
        return max(before)[1]
    return min(dated)[1] if dated else None


def _day(path: str) -> float | None:
    """Return the time in the name of a context, IJD."""
    name = path.rpartition("/")[2].partition(".")[0]
    try:
        stamp = datetime.strptime(name, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (stamp - _IJD_ZERO).total_seconds() / 86400
