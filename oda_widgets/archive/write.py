"""Write science windows like the ISDC, for the tools of its users and for our reader."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from oda_widgets.archive.event_file import (
    EVENT_COLUMNS,
    EVENT_TABLE,
    GOOD_TIME_COLUMNS,
    GOOD_TIME_TABLE,
    PULSE_COLUMNS,
    SIMULATED_KEYWORD,
)
from oda_widgets.archive.layout import event_path
from oda_widgets.archive.raw_window import KeywordValue, RawWindow
from oda_widgets.files import write_whole
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY

# Events are nearly incompressible noise: level 9 saves 1 % and takes 14 times as long.
_GZIP_LEVEL = 1

_UNITS = {"TIME": "d", "ISGRI_ENERGY": "keV", "START": "d", "STOP": "d"}
# Legal values, and the reference pixel on the axis of the detector, per detector coordinate.
_AXES = {"DETY": (0, 129, 64.5), "DETZ": (0, 133, 66.5)}
_PIXEL_MM = 4.6
_NOTES = (
    "Written by oda_widgets: the columns that an analysis uses, unchanged.",
    "The other columns and tables of the ISDC are left out.",
)


def write_isdc(raw: RawWindow, root: Path) -> Path:
    """Write a science window into an archive in the layout of the ISDC.

    Parameters
    ----------
    raw
        Science window with all its events.
    root
        The archive; ``scw/RRRR/RRRRPPPPSSSF.VVV/isgri_events.fits.gz`` is made in it.

    Returns
    -------
    path
        The file written, whole or not at all; it replaces an earlier one.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = event_path(root, raw.window.id)
    # Without name and time inside, so that the same window gives the same bytes.
    path.parent.mkdir(parents=True, exist_ok=True)  # with the user's default permissions
    write_whole(path, gzip.compress(_fits(raw), _GZIP_LEVEL, mtime=0))
    return path


def _fits(raw: RawWindow) -> bytes:
    from astropy.io import fits  # noqa: PLC0415 - heavy import

    primary = fits.PrimaryHDU()
    for note in _NOTES:
        primary.header.add_comment(note)
    essential = _essential_keywords(raw.window)
    formats = EVENT_COLUMNS | PULSE_COLUMNS
    events = _table(EVENT_TABLE, _event_columns(raw), formats, essential)
    _add_axes(events.header)
    # The essential keywords come from the window, even if the header disagrees.
    events.header.update({n: v for n, v in raw.keywords.items() if n not in essential})
    units = [primary, events]
    if raw.intervals is not None:
        columns = {"START": raw.intervals[:, 0], "STOP": raw.intervals[:, 1]}
        good_time = _table(GOOD_TIME_TABLE, columns, GOOD_TIME_COLUMNS, essential)
        good_time.header.update({"HDUCLASS": "OGIP", "HDUCLAS1": "GTI"})
        units.append(good_time)
    for unit in units:
        unit.add_checksum(when="checksum of the unit as written")
    buffer = BytesIO()
    fits.HDUList(units).writeto(buffer)
    return buffer.getvalue()


def _table(
    name: str,
    columns: Mapping[str, NDArray[Any]],
    formats: Mapping[str, str],
    keywords: Mapping[str, KeywordValue],
) -> Any:
    from astropy.io import fits  # noqa: PLC0415 - heavy import

    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(column, formats[column], _UNITS.get(column), array=values)
            for column, values in columns.items()
        ],
        name=name,
    )
    table.header.update(keywords)
    return table


def _event_columns(raw: RawWindow) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {
        "TIME": raw.time,
        "ISGRI_ENERGY": raw.energy,
        "DETY": raw.dety,
        "DETZ": raw.detz,
        "SELECT_FLAG": raw.select_flag,
    }
    if raw.height is not None and raw.rise_time is not None:
        columns |= {"ISGRI_PHA": raw.height, "RISE_TIME": raw.rise_time}
    return columns


def _essential_keywords(window: ScienceWindow) -> dict[str, KeywordValue]:
    """Return the keywords without which an event file cannot be read."""
    keywords: dict[str, KeywordValue] = {
        "TELESCOP": "INTEGRAL",
        "INSTRUME": "IBIS",
        "DETNAM": "ISGRI",
        "MJDREF": IJD_ZERO_MJD,
        "TIMESYS": "TT",
        "TIMEUNIT": "d",
        "TIMEREF": "LOCAL",
        "REVOL": window.revolution,
        "SWID": window.id[:12],
        "TSTART": window.start,
        "TSTOP": window.stop,
        "TELAPSE": (window.stop - window.start) * SECONDS_PER_DAY,
        "RA_SCX": window.ra,
        "DEC_SCX": window.dec,
        "RA_SCZ": window.ra_z,
        "DEC_SCZ": window.dec_z,
    }
    if window.simulated:
        keywords[SIMULATED_KEYWORD] = True
        keywords["ORIGIN"] = "SIMULATION"
    return keywords


def _add_axes(header: Any) -> None:
    for number, name in enumerate(EVENT_COLUMNS, start=1):
        if name in _AXES:
            low, high, centre = _AXES[name]
            header[f"TLMIN{number}"], header[f"TLMAX{number}"] = low, high
            header[f"TCRPX{number}"], header[f"TCRVL{number}"] = centre, 0.0
            header[f"TCDLT{number}"] = (_PIXEL_MM, "[mm]")
