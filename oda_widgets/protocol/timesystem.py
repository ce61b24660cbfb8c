"""Lists of science windows in the form of the timesystem service beside a dispatcher."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite, nan
from typing import Any

from oda_widgets.request.revolutions import LAST_REVOLUTION, revolution_start
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow

COLUMNS = ("SWID", "RA_SCX", "DEC_SCX", "RA_SCZ", "DEC_SCZ", "TSTART", "TSTOP")
OURS = ("GOOD_TIME", "SIMULATED", "VERSION")
"""Columns that our server adds for whoever names them as `OURS_ASKED`; others know neither."""

OURS_ASKED = "more_columns"
"""Parameter that names them: a service that does not know it answers as ever."""

UNUSABLE = "UNUSABLE"
"""Key beside the columns: windows that cannot be read, as pairs of identifier and reason."""

_POINTING = re.compile(r"\d{11}0")  # pointings end in 0; slews in 1, engineering in 2
_NAME = re.compile(r"\d{12}")
_TYPICAL_LENGTH = 0.03  # days


def is_pointing(name: str) -> bool:
    """Return whether 12 digits name a pointing, not a slew or an engineering window."""
    return bool(_POINTING.fullmatch(name))


def read_windows(document: Any) -> list[ScienceWindow]:
    """Return the pointings in a reply of the service.

    Parameters
    ----------
    document
        Lists by the names in `COLUMNS`, or a list of identifiers alone.

    Raises
    ------
    ValueError, LookupError, TypeError
        If it is neither.
    """
    if isinstance(document, list):
        document = {"SWID": document}
    names = [str(name)[:12] for name in document["SWID"]]
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError(names)
    rows = {key: list(document[key]) for key in (*COLUMNS, *OURS) if key in document}
    return [
        _window(name, {key: values[row] for key, values in rows.items()})
        for row, name in enumerate(names)
        if is_pointing(name) and 1 <= int(name[:4]) <= LAST_REVOLUTION
    ]


def read_unusable(document: Any) -> tuple[SkippedWindow, ...]:
    """Return the windows that the service says it cannot read; those of others say none."""
    pairs = document.get(UNUSABLE, ()) if isinstance(document, dict) else ()
    return tuple(SkippedWindow(str(name), str(reason)) for name, reason in pairs)


def window_columns(windows: Iterable[ScienceWindow]) -> dict[str, list[Any]]:
    """Return the columns that the service writes for science windows (see `read_windows`)."""
    rows = [
        (
            *(w.id[:12], w.ra, w.dec, w.ra_z, w.dec_z, w.start, w.stop),
            *(w.good_time if isfinite(w.good_time) else None, w.simulated, w.id[13:]),
        )
        for w in windows
        if all(isfinite(number) for number in (w.ra, w.dec, w.ra_z, w.dec_z))
    ]
    names = (*COLUMNS, *OURS)
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def _window(name: str, row: Mapping[str, Any]) -> ScienceWindow:
    """Return a window; without times, it gets those of its revolution."""

    def number(key: str, default: float) -> float:
        value = row.get(key)
        return default if value is None else float(value)

    start = number("TSTART", revolution_start(int(name[:4])))
    stop = number("TSTOP", start + _TYPICAL_LENGTH)
    return ScienceWindow(
        id=f"{name}.{int(row.get('VERSION', 1)):03d}",
        start=start,
        stop=stop,
        ra=number("RA_SCX", nan),
        dec=number("DEC_SCX", nan),
        ra_z=number("RA_SCZ", nan),
        dec_z=number("DEC_SCZ", nan),
        good_time=number("GOOD_TIME", nan),
        simulated=row.get("SIMULATED") is True,
    )
