"""Read the ISDC's `isgri_events.fits`: the table of events and the good time intervals."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.byte_stream import ByteStream
from oda_widgets.archive.damage import ContentError, naming
from oda_widgets.archive.fits_stream import (
    Columns,
    Header,
    check_columns,
    headers,
    holds_data,
    read_columns,
    real_number,
    skip_data,
    usable_columns,
    whole_number,
)
from oda_widgets.archive.raw_window import KeywordValue, RawWindow, good_time
from oda_widgets.files import open_regular
from oda_widgets.gunzip import stated_length
from oda_widgets.lookup.sphere import separation
from oda_widgets.request.longitudes import is_longitude, within_a_turn
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import IJD_ZERO_MJD

EVENT_TABLE = "ISGR-EVTS-ALL"
GOOD_TIME_TABLE = "IBIS-GNRL-GTI"
EVENT_COLUMNS = {
    "TIME": "1D",
    "ISGRI_ENERGY": "1E",
    "DETY": "1B",
    "DETZ": "1B",
    "SELECT_FLAG": "1B",
}
PULSE_COLUMNS = {"ISGRI_PHA": "1I", "RISE_TIME": "1B"}
GOOD_TIME_COLUMNS = {"START": "1D", "STOP": "1D"}
SIMULATED_KEYWORD = "SIMULATE"

# Keywords that belong to one file: sizes, columns, checksums and its place in a group.
_LAYOUT = re.compile(
    r"XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|EXTNAME|EXTVER|CHECKSUM|DATASUM|LONGSTRN"
    r"|GRP(ID|LC)\d+|T(TYPE|FORM|UNIT|ZERO|SCAL|NULL|DISP|LMIN|LMAX|CRPX|CRVL|CDLT)\d+"
)

_TYPES = {"0": "POINTING", "1": "SLEW", "2": "ENGINEERING"}
"""SW_TYPE by the twelfth digit of the name."""

MOST_SKEW = 0.5
"""Largest deviation of the angle between the axes X and Z from 90, degrees; in real files it is
below 1e-4, and the roll is known no better than that."""

_Parts = tuple[Header, Columns, "NDArray[np.float64] | None"]


def read_raw_window(path: Path, identifier: str) -> RawWindow:
    """Return everything an event file records about a science window.

    Parameters
    ----------
    path
        An `isgri_events.fits`, plain or gzip.
    identifier
        ``RRRRPPPPSSSF.VVV``; only the folder tells the version.

    Raises
    ------
    ArchiveError
        If the file is not there or may not be read.
    DamagedFile
        If it is truncated, foreign or inconsistent.
    """
    with naming(path), open_regular(path) as file:
        header, events, intervals = _read_parts(ByteStream(file), _read_events)
        return RawWindow(
            window=_describe(identifier, header, intervals),
            time=events["TIME"],
            energy=events["ISGRI_ENERGY"],
            dety=events["DETY"],
            detz=events["DETZ"],
            select_flag=events["SELECT_FLAG"],
            intervals=intervals,
            keywords=_keywords(header),
            height=events.get("ISGRI_PHA"),
            rise_time=events.get("RISE_TIME"),
        )


def read_beginning(path: Path, identifier: str) -> ScienceWindow:
    """Return the index entry of an event file from its beginning: some milliseconds.

    The good time intervals come last in the file: without them `good_time` is the length of the
    window, as in the lists of mirrors. The length stated at the end of the file tells whether it is
    whole; if it is too short for the header, all of the file is read. Parameters and errors are
    those of `read_raw_window`.
    """
    with naming(path), open_regular(path) as file:
        stream = ByteStream(file)
        header, intervals = _before_events(stream)
        if header is not None:
            window = _describe(identifier, header, intervals)
            if window.good_time and holds_data(stated_length(file), stream, header):
                return window
    return read_summary(path, identifier)


def read_summary(path: Path, identifier: str) -> ScienceWindow:
    """Return the index entry of an event file without decoding its events.

    The good time intervals come last in the file, so all of it is unpacked (0.3 s for 48 MB),
    which also shows whether it is whole. Parameters and errors are those of `read_raw_window`.
    """
    with naming(path), open_regular(path) as file:
        header, _, intervals = _read_parts(ByteStream(file), _skip_events)
        window = _describe(identifier, header, intervals)
        if not window.good_time:
            message = "has no good time"
            raise ContentError(message)
        return window


def names_window(path: Path, identifier: str) -> bool:
    """Return True if the table of events in a whole file names a science window as its own.

    Parameters and errors are those of `read_raw_window`.
    """
    said = ""
    with naming(path), open_regular(path) as file:
        stream = ByteStream(file)
        for header in headers(stream):
            if header.get("EXTNAME") == EVENT_TABLE:
                said = said or str(header.get("SWID", ""))
            skip_data(stream, header)
    return said[:12] == identifier[:12]


def _before_events(stream: ByteStream) -> tuple[Header | None, NDArray[np.float64] | None]:
    """Return the header of the events and the good time intervals, if any precede them."""
    intervals: NDArray[np.float64] | None = None
    for header in headers(stream):
        name = header.get("EXTNAME")
        if name == EVENT_TABLE:
            _check_events(header)
            return header, intervals
        if name == GOOD_TIME_TABLE and intervals is None:
            intervals = _good_time_intervals(stream, header)
        else:
            skip_data(stream, header)
    return None, intervals


def _good_time_intervals(stream: ByteStream, header: Header) -> NDArray[np.float64]:
    columns = read_columns(stream, header, GOOD_TIME_COLUMNS)
    return np.stack([columns["START"], columns["STOP"]], axis=1)


def _read_parts(stream: ByteStream, take: Callable[[ByteStream, Header], Columns]) -> _Parts:
    """Return the header and columns of the events of a file, and its good time intervals."""
    found: tuple[Header, Columns] | None = None
    intervals: NDArray[np.float64] | None = None
    for header in headers(stream):
        name = header.get("EXTNAME")
        if name == EVENT_TABLE and found is None:
            found = header, take(stream, header)
        elif name == GOOD_TIME_TABLE and intervals is None:
            intervals = _good_time_intervals(stream, header)
        else:
            skip_data(stream, header)
    if found is None:
        message = f"holds no table {EVENT_TABLE}: it is not a file of ISGRI events"
        raise ContentError(message)
    return *found, intervals


def _read_events(stream: ByteStream, header: Header) -> Columns:
    _check_events(header)
    return read_columns(stream, header, EVENT_COLUMNS | _pulse_columns(header))


def _pulse_columns(header: Header) -> dict[str, str]:
    """Return the pulse columns: both or none, since neither is of use alone."""
    found = usable_columns(header, PULSE_COLUMNS)
    return found if len(found) == len(PULSE_COLUMNS) else {}


def _skip_events(stream: ByteStream, header: Header) -> Columns:
    _check_events(header)
    skip_data(stream, header)
    return {}


def _check_events(header: Header) -> None:
    if not whole_number(header, "NAXIS2"):
        message = "holds no events"
        raise ContentError(message)
    check_columns(header, EVENT_COLUMNS)


def _describe(
    identifier: str, header: Header, intervals: NDArray[np.float64] | None
) -> ScienceWindow:
    _check_identity(identifier, header)
    start, stop = real_number(header, "TSTART"), real_number(header, "TSTOP")
    if not start < stop:
        message = f"ends (TSTOP={stop}) before it starts (TSTART={start})"
        raise ContentError(message)
    x = _right_ascension(header, "RA_SCX"), _declination(header, "DEC_SCX")
    z = _right_ascension(header, "RA_SCZ"), _declination(header, "DEC_SCZ")
    _check_axes(x, z)
    return ScienceWindow(
        id=identifier,
        start=start,
        stop=stop,
        ra=x[0],
        dec=x[1],
        ra_z=z[0],
        dec_z=z[1],
        good_time=sum(interval.seconds for interval in good_time(start, stop, intervals)),
        simulated=_is_simulated(header),
    )


def _is_simulated(header: Header) -> bool:
    """Return True if any of the usual keywords says that the events are simulated."""
    said = " ".join(str(header.get(keyword, "")) for keyword in ("ORIGIN", "CREATOR", "TELESCOP"))
    return header.get(SIMULATED_KEYWORD) is True or "SIMULAT" in said.upper()


def _check_identity(identifier: str, header: Header) -> None:
    said = header.get("SWID")
    if said is None:
        raise ContentError("does not say which science window it is (SWID)")
    if str(said)[:12] != identifier[:12]:
        raise ContentError(f"says that it is science window {said!r}, not {identifier[:12]}")
    said, named = str(header.get("SW_TYPE", "")).strip().upper(), _TYPES.get(identifier[11], "")
    if said in _TYPES.values() and named and said != named:
        article = "an" if said.startswith("E") else "a"
        raise ContentError(
            f"says that it is {article} {said} (SW_TYPE), but its name {identifier[:12]} that it is"
            f" {named}"
        )
    if header.get("MJDREF", IJD_ZERO_MJD) != IJD_ZERO_MJD:
        message = f"counts time from MJD {header['MJDREF']!r}, not {IJD_ZERO_MJD:g} as IJD does"
        raise ContentError(message)


def _check_axes(x: tuple[float, float], z: tuple[float, float]) -> None:
    """Check that the axes of the spacecraft, right ascensions and declinations, are orthogonal."""
    angle = separation(*x, *z)
    if abs(angle - 90.0) > MOST_SKEW:
        raise ContentError(
            f"has an impossible attitude: its axes X and Z (RA_SCX to DEC_SCZ) are {angle:.1f}"
            " deg apart, not 90"
        )


def _right_ascension(header: Header, keyword: str) -> float:
    value = real_number(header, keyword)
    if not is_longitude(value):
        message = f"has no valid keyword {keyword} ({value!r})"
        raise ContentError(message)
    return within_a_turn(value)


def _declination(header: Header, keyword: str) -> float:
    value = real_number(header, keyword)
    if abs(value) > 90:
        message = f"has no valid keyword {keyword} ({value!r})"
        raise ContentError(message)
    return value


def _keywords(header: Header) -> dict[str, KeywordValue]:
    return {name: value for name, value in header.items() if not _LAYOUT.fullmatch(name)}
