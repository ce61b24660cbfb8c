"""Services that list science windows: MMODA's timesystem service, else HEASARC's table."""

from __future__ import annotations

import json
import warnings
from math import isfinite, nan
from typing import Any

import httpx

from oda_widgets.archive.select import select
from oda_widgets.errors import EmptySelection, ServiceError
from oda_widgets.protocol.timesystem import COLUMNS, is_pointing, read_windows
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import IJD_ZERO_MJD, isot_utc
from oda_widgets.request.window_query import WindowQuery

PUBLIC_SERVICE = "https://www.astro.unige.ch/mmoda/dispatch-data/gw/timesystem"
_GOOD_SECONDS = 1000
_FIRST_DAY, _LAST_DAY = 1020.0, 9191.0  # IJD of the first and the last observation
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_LARGEST = 64 << 20
_HEASARC_ROWS = 300_000


class WindowServices:
    """The services that are asked for science windows, in turn.

    Parameters
    ----------
    address
        Address of the dispatcher; the service beside it is asked before the public one.
    """

    def __init__(self, address: str) -> None:
        beside = f"{address}/gw/timesystem"
        self._services = tuple(dict.fromkeys([beside, PUBLIC_SERVICE]))

    def select(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions, and who listed them.

        Raises
        ------
        EmptySelection
            If none satisfies them.
        ServiceError
            If no service answers.
        """
        first = _FIRST_DAY if query.start is None else query.start
        last = _LAST_DAY if query.stop is None else query.stop
        source, radius = query.source, query.radius
        windows, answered_by = self._list(source, radius, first, last)
        if not windows:
            where = "" if source is None else f" within {radius:g} deg of {source.name}"
            problem = f"There is no pointing{where} from {isot_utc(first)} to {isot_utc(last)}."
            raise EmptySelection(problem, "Change the times, or take a larger radius.")
        if not all(isfinite(window.ra) for window in windows):
            # Identifiers alone cannot be checked again; the service has applied the conditions.
            query = WindowQuery(limit=query.limit, seed=query.seed)
        return select(windows, query, answered_by)

    def _list(
        self, position: Source | None, radius: float, start: float, stop: float
    ) -> tuple[list[ScienceWindow], str]:
        failed = []
        for service in self._services:
            try:
                return read_windows(ask_timesystem(service, position, radius, start, stop)), service
            except (httpx.HTTPError, ValueError, TypeError, LookupError) as error:
                failed.append(f"{service} ({type(error).__name__})")
        try:
            return heasarc_windows(ask_heasarc(position, radius, start, stop)), "HEASARC, intscw"
        except Exception as error:  # noqa: BLE001 - astroquery raises whatever comes along
            failed.append(f"HEASARC ({type(error).__name__})")
        problem = f"No science-window service answered; asked were {', '.join(failed)}."
        advice = 'Name the windows: site.image("Crab", ["066500220010.001", ...]).'
        raise ServiceError(problem, advice)


def ask_timesystem(
    service: str, position: Source | None, radius: float, start: float, stop: float
) -> Any:
    """Return the document that the timesystem service sends."""
    span = f"{isot_utc(start, 0)}/{isot_utc(stop, 0)}"
    parameters: dict[str, Any] = {
        "min_good_isgri": _GOOD_SECONDS,
        "return_columns": ",".join(COLUMNS),
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


def ask_heasarc(position: Source | None, radius: float, start: float, stop: float) -> Any:
    """Return rows of HEASARC's table of science windows."""
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
        if not (is_pointing(name) and version.isdigit()):
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
