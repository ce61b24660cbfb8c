"""List the science windows of a mirror, from its own index or from HEASARC's table.

The index of the ISDC, ``idx/scw/GNRL-SCWG-GRP-IDX.fits``, has a row per science window with its
times, its attitude and the path of its group file. Invalid rows are left out, as are slews,
engineering windows and all but the highest version of a window.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.event_file import MOST_SKEW
from oda_widgets.archive.fits_stream import check_whole
from oda_widgets.archive.mirror.sun import axis_to_sun
from oda_widgets.archive.whole_fits import contents_checked, first_table
from oda_widgets.errors import DamagedFile
from oda_widgets.files import drafts
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.instruments import instruments
from oda_widgets.request.longitudes import is_longitude
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import SECONDS_PER_DAY

INDEX_PATHS = ("idx/scw/GNRL-SCWG-GRP-IDX.fits", "idx/scw/GNRL-SCWG-GRP-IDX.fits.gz")

_FOLDER = re.compile(rb"(?:^|/)(\d{4})/(\1\d{8}\.\d{3})/")
_NUMBERS = ("TSTART", "TSTOP", "RA_SCX", "DEC_SCX", "RA_SCZ", "DEC_SCZ")
_EPOCH = (0.0, 20000.0)  # IJD: 2000 to 2054
_LONGEST = 3.0  # days: no window is longer than a revolution
_POINTING = b"0"
_ALL = slice(None)

Columns = dict[str, NDArray[Any]]


def read_index(path: Path) -> Columns:
    """Return the pointings of an index: ``id`` and the columns of times and attitudes.

    Raises
    ------
    DamagedFile
        If it is not an index of science windows.
    """
    try:
        check_whole(path)
        with contents_checked(path):
            table = first_table(path)
            # As bytes, because astropy would decode them one by one.
            places = table.view(np.ndarray)["MEMBER_LOCATION"].tolist()
            numbers = {name: np.asarray(table[name], float) for name in _NUMBERS}
            numbers |= _good_times(table, numbers["TSTOP"] - numbers["TSTART"])
    except ContentError as error:
        raise _no_index(path, str(error)) from None
    except DamagedFile as damage:
        why = damage.problem.removeprefix(f"{path} ").rstrip(".")
        raise _no_index(path, f"it {why}") from None
    identifiers = [match[2] if (match := _FOLDER.search(place)) else b"" for place in places]
    return checked({"id": np.array(identifiers, "S16")} | numbers)


def _good_times(table: Any, days: NDArray[Any]) -> Columns:
    """Return how long each instrument with a mode took data, about the length of the window."""
    found = {}
    for one in instruments():
        if one.mode and one.mode in table.dtype.names:
            on = np.asarray(table[one.mode], float) == one.mode_on
            found[one.good_time] = np.where(on, days * SECONDS_PER_DAY, 0.0)
    return found


def checked(columns: Columns) -> Columns:
    """Return the valid rows of pointings, one per window, in order of time."""
    names, start, stop = columns["id"], columns["TSTART"], columns["TSTOP"]
    with np.errstate(invalid="ignore"):
        good = (start > _EPOCH[0]) & (stop < _EPOCH[1]) & (stop > start)
        good &= stop - start < _LONGEST
        good &= (np.abs(columns["DEC_SCX"]) <= 90) & is_longitude(columns["RA_SCX"])
    good &= np.array([name[11:12] == _POINTING for name in names], bool)
    rows = np.flatnonzero(good)
    newest = {names[row][:12]: row for row in rows[np.argsort(names[rows], kind="stable")]}
    kept = np.array(sorted(newest.values(), key=lambda row: (start[row], names[row])), int)
    return _with_axis({name: values[kept] for name, values in columns.items()})


def _with_axis(columns: Columns) -> Columns:
    """Return columns in which invalid Z axes are replaced by those towards the Sun."""
    z = columns["RA_SCZ"], columns["DEC_SCZ"]
    with np.errstate(invalid="ignore"):
        known = is_longitude(z[0]) & (np.abs(z[1]) <= 90)
        angle = separations(*z, columns["RA_SCX"], columns["DEC_SCX"])
        known &= np.abs(angle - 90.0) < MOST_SKEW
    sun = axis_to_sun(columns["TSTART"], columns["RA_SCX"], columns["DEC_SCX"])
    return columns | {
        "RA_SCZ": np.where(known, z[0], sun[0]),
        "DEC_SCZ": np.where(known, z[1], sun[1]),
    }


def windows_of(columns: Columns, rows: slice = _ALL) -> tuple[ScienceWindow, ...]:
    """Return the science windows of a list; their good time is their length until it is known.

    Parameters
    ----------
    columns
        The list.
    rows
        Rows to return.
    """
    length = (columns["TSTOP"][rows] - columns["TSTART"][rows]) * SECONDS_PER_DAY
    seconds = columns["GOOD"][rows] if "GOOD" in columns else length
    numbers = (columns[name][rows].tolist() for name in _NUMBERS)
    names = (name.decode() for name in columns["id"][rows].tolist())
    return tuple(
        ScienceWindow(name, start, stop, ra % 360, dec, ra_z % 360, dec_z, good, others=others)
        for name, start, stop, ra, dec, ra_z, dec_z, good, others in zip(
            names, *numbers, seconds.tolist(), _others(columns, rows, len(seconds)), strict=True
        )
    )


def _others(columns: Columns, rows: slice, number: int) -> Iterable[tuple[tuple[str, float], ...]]:
    """Return the good time of instruments other than ISGRI, for each window."""
    stated = [one for one in instruments() if one.mode and one.good_time in columns]
    if not stated:
        return repeat((), number)
    names = [one.name for one in stated]
    seconds = zip(*(columns[one.good_time][rows].tolist() for one in stated), strict=True)
    return (tuple(zip(names, each, strict=True)) for each in seconds)


def save_list(path: Path, columns: Columns) -> None:
    """Write a list, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafts(path) as (draft,), draft.open("wb") as file:
        np.savez(file, allow_pickle=False, **columns)


def load_list(path: Path) -> Columns | None:
    """Return a list that was saved; None if it is missing or damaged."""
    with suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        with np.load(path, allow_pickle=False) as arrays:
            columns = {name: arrays[name] for name in arrays.files}
        if {"id", *_NUMBERS} <= set(columns) and len({len(v) for v in columns.values()}) == 1:
            return columns
    return None


def _no_index(path: Path, why: str) -> DamagedFile:
    problem = f"{path} is not an index of science windows ({why})."
    return DamagedFile(problem, "Check the address of the archive.")
