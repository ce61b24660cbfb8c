"""Which science windows there are: the timesystem service of MMODA, else HEASARC's table."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, nan
from typing import Any

import httpx

from oda_widgets.archive.select import select
from oda_widgets.errors import EmptySelection, ServiceError
from oda_widgets.lookup.times import LAST_REVOLUTION, revolution_start
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import IJD_ZERO_MJD, isot_utc
from oda_widgets.request.window_query import WindowQuery

PUBLIC_SERVICE = "https://www.astro.unige.ch/mmoda/dispatch-data/gw/timesystem"
_COLUMNS = ("SWID", "RA_SCX", "DEC_SCX", "RA_SCZ", "DEC_SCZ", "TSTART", "TSTOP")
_POINTING = re.compile(r"\d{11}0")  # pointings end in 0; slews in 1, engineering in 2
_NAME = re.compile(r"\d{12}")
_GOOD_SECONDS = 1000
_FIRST_DAY, _LAST_DAY = 1020.0, 9191.0  # IJD of the first and the last observation
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_LARGEST = 64 << 20
_HEASARC_ROWS = 300_000

Columns = Mapping[str, Sequence[Any]]


class WindowServices:
    """Asks for science windows.

    Parameters
    ----------
    address
        Of the dispatcher; the service beside it is asked before the public one.
    """

    def __init__(self, address: str) -> None:
        beside = f"{address}/gw/timesystem"
        self._services = tuple(dict.fromkeys([beside, PUBLIC_SERVICE]))

    def select(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions; it says who answered.

        Raises
        ------
        EmptySelection
            If none satisfies them.
        ServiceError
            If nobody answers.
        """
        first = _FIRST_DAY if query.start is None else query.start
        last = _LAST_DAY if query.stop is None else query.stop
        source, radius = query.source, query.radius
        windows, answered_by = self._asked(source, radius, first, last)
        if not windows:
            where = "" if source is None else f" within {radius:g} deg of {source.name}"
            problem = f"There is no pointing{where} from {isot_utc(first)} to {isot_utc(last)}."
            raise EmptySelection(problem, "Change the times, or take a larger radius.")
        if not all(isfinite(window.ra) for window in windows):
            # It gave names only: they satisfy the conditions, as it was asked for nothing else.
            query = WindowQuery(limit=query.limit, seed=query.seed)
        return select(windows, query, answered_by)

    def _asked(
        self, position: Source | None, radius: float, start: float, stop: float
    ) -> tuple[list[ScienceWindow], str]:
        silent = []
        for service in self._services:
            try:
                return windows_of(ask_timesystem(service, position, radius, start, stop)), service
            except (httpx.HTTPError, ValueError, TypeError, LookupError) as error:
                silent.append(f"{service} ({type(error).__name__})")
        try:
            return heasarc_windows(ask_heasarc(position, radius, start, stop)), "HEASARC, intscw"
        except Exception as error:  # noqa: BLE001 - astroquery raises whatever comes along
            silent.append(f"HEASARC ({type(error).__name__})")
        problem = f"Nobody says which science windows there are; asked were {', '.join(silent)}."
        advice = 'Name them: site.image("Crab", ["066500220010.001", ...]).'
        raise ServiceError(problem, advice)


def ask_timesystem(
    service: str, position: Source | None, radius: float, start: float, stop: float
) -> Any:
    """Return what the timesystem service answers."""
    span = f"{isot_utc(start, 0)}/{isot_utc(stop, 0)}"
    parameters: dict[str, Any] = {
        "min_good_isgri": _GOOD_SECONDS,
        "return_columns": ",".join(_COLUMNS),
    }
    if position is not None:
        parameters |= {"ra": position.ra, "dec": position.dec, "radius": radius}
    address = f"{service}/api/v1.0/scwlist/cons/{span}"
    with httpx.stream("GET", address, params=parameters, timeout=_TIMEOUT) as response:
        response.raise_for_status()
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _LARGEST:
                raise ValueError(address)
    return json.loads(bytes(content))


def windows_of(answer: Any) -> list[ScienceWindow]:
    """Return the pointings in an answer of the timesystem service: columns, or names alone.

    Raises
    ------
    ValueError, LookupError, TypeError
        If it is neither.
    """
    if isinstance(answer, list):
        answer = {"SWID": answer}
    names = [str(name)[:12] for name in answer["SWID"]]
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError(names)
    rows = {key: list(answer[key]) for key in _COLUMNS if key in answer}
    return [
        _window(name, {key: values[row] for key, values in rows.items()})
        for row, name in enumerate(names)
        if _POINTING.fullmatch(name) and 1 <= int(name[:4]) <= LAST_REVOLUTION
    ]


def window_columns(windows: Iterable[ScienceWindow]) -> dict[str, list[Any]]:
    """Return science windows as the timesystem service answers them, the way back of the above."""
    rows = [
        (w.id[:12], w.ra, w.dec, w.ra_z, w.dec_z, w.start, w.stop)
        for w in windows
        if all(isfinite(number) for number in (w.ra, w.dec, w.ra_z, w.dec_z))
    ]
    columns = zip(*rows, strict=True) if rows else ((),) * len(_COLUMNS)
    return {name: list(column) for name, column in zip(_COLUMNS, columns, strict=True)}


def _window(name: str, row: Mapping[str, Any]) -> ScienceWindow:
    """Return a window; without times of its own it has those of its revolution."""

    def number(key: str, default: float) -> float:
        return float(row.get(key, default))

    revolution = int(name[:4])
    start = number("TSTART", revolution_start(revolution))
    stop = number("TSTOP", start + 0.03)
    return ScienceWindow(
        id=f"{name}.001",
        start=start,
        stop=stop,
        ra=number("RA_SCX", nan),
        dec=number("DEC_SCX", nan),
        ra_z=number("RA_SCZ", nan),
        dec_z=number("DEC_SCZ", nan),
        good_time=nan,
    )


def ask_heasarc(position: Source | None, radius: float, start: float, stop: float) -> Any:
    """Return the rows of HEASARC's table of science windows."""
    from astroquery.heasarc import Heasarc  # noqa: PLC0415 - heavy, and asks the network

    first, last = start + IJD_ZERO_MJD, stop + IJD_ZERO_MJD
    where = f"start_date < {last!r} AND end_date > {first!r} AND good_isgri > {_GOOD_SECONDS}"
    if position is not None:
        circle = f"CIRCLE('ICRS', {position.ra!r}, {position.dec!r}, {radius!r})"
        where += f" AND 1 = CONTAINS(POINT('ICRS', ra, dec), {circle})"
    columns = "scw_id, scw_ver, scw_type, ra, dec, start_date, end_date, good_isgri"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        query = f"SELECT {columns} FROM intscw WHERE {where}"  # noqa: S608 - numbers of ours
        return Heasarc().query_tap(query, maxrec=_HEASARC_ROWS).to_table()


def heasarc_windows(table: Any) -> list[ScienceWindow]:
    """Return the pointings in rows of HEASARC's table, whose times are MJD."""
    found = []
    for row in table:
        name, version = str(row["scw_id"]).strip(), str(row["scw_ver"]).strip() or "001"
        if not (_POINTING.fullmatch(name) and version.isdigit()):
            continue
        found.append(
            ScienceWindow(
                id=f"{name}.{int(version):03d}",
                start=float(row["start_date"]) - IJD_ZERO_MJD,
                stop=float(row["end_date"]) - IJD_ZERO_MJD,
                ra=float(row["ra"]),
                dec=float(row["dec"]),
                ra_z=nan,
                dec_z=nan,
                good_time=float(row["good_isgri"]),
            )
        )
    return found
