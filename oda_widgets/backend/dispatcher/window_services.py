"""Ask services for science windows: MMODA's timesystem service, else HEASARC's table."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite, nan
from typing import Any

import httpx

from oda_widgets.archive.mirror.deadlines import Deadlines, OutOfTime
from oda_widgets.archive.mirror.heasarc_table import ijd_of
from oda_widgets.archive.select import select
from oda_widgets.backend.dispatcher.reply_body import PACKED_AS, TooLong, read_body
from oda_widgets.errors import EmptySelection, ServiceError
from oda_widgets.protocol.timesystem import (
    COLUMNS,
    OURS,
    OURS_ASKED,
    UNUSABLE,
    is_pointing,
    read_unusable,
    read_windows,
)
from oda_widgets.request.instruments import described
from oda_widgets.request.longitudes import is_longitude, within_a_turn
from oda_widgets.request.revolutions import revolution_start
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList, SkippedWindow
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import isot_utc, mjd_utc
from oda_widgets.request.window_query import WindowQuery

PUBLIC_SERVICE = "https://www.astro.unige.ch/mmoda/dispatch-data/gw/timesystem"
_USUAL, _ANY = 1000, 1  # seconds of good time that windows must have
_OF_ISGRI = "good_isgri"
_FIRST_DAY, _LAST_DAY = 1020.0, 9191.0  # IJD of the first and the last observation
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_DEADLINE = 180.0  # seconds for a whole response
_LARGEST = 64 << 20
_FAULTS = (httpx.HTTPError, OutOfTime, TooLong)
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
        """Return the science windows that satisfy all conditions, with the name of the service.

        Raises
        ------
        EmptySelection
            If none satisfies them.
        ServiceError
            If no service answers.
        """
        first = _FIRST_DAY if query.start is None else query.start
        last = _LAST_DAY if query.stop is None else query.stop
        source, radius, column = query.source, query.radius, described(query.instrument).good_time
        # As dispatchers themselves choose windows; if there is none, shorter ones are accepted.
        for least in (_USUAL, _ANY):
            answer = self._list(source, radius, first, last, column, least)
            windows, answered_by, unusable = answer
            if windows:
                break
        else:
            where = "" if source is None else f" within {radius:g} deg of {source.name}"
            problem = f"There is no pointing{where} from {isot_utc(first)} to {isot_utc(last)}."
            raise EmptySelection(problem, "Change the times, or take a larger radius.")
        if not all(isfinite(window.ra) for window in windows):
            # Identifiers alone cannot be checked again, but the service applied the conditions.
            query = WindowQuery(limit=query.limit, seed=query.seed)
        query = replace(query, instrument="isgri")  # the service selected by instrument
        return select(windows, query, answered_by, unusable)

    def named(self, identifiers: Sequence[str]) -> list[ScienceWindow]:
        """Return named science windows with their times, in order of time.

        Raises
        ------
        EmptySelection
            If no service knows the times of one of them.
        ServiceError
            If no service answers.
        """
        stems = {identifier[:12] for identifier in identifiers}
        found: dict[str, ScienceWindow] = {}
        for revolution in sorted({int(stem[:4]) for stem in stems}):
            span = revolution_start(revolution), revolution_start(revolution + 1)
            windows, *_ = self._list(None, 180.0, *span, _OF_ISGRI, 0)
            found |= {w.id[:12]: w for w in windows if w.id[:12] in stems and isfinite(w.ra)}
        missing = sorted(stems - found.keys())
        if missing:
            problem = f"No service tells when science window {missing[0]} was."
            raise EmptySelection(problem, 'Give the times: intervals=[("start", "stop")].')
        return sorted(found.values(), key=lambda window: window.start)

    def _list(
        self,
        position: Source | None,
        radius: float,
        start: float,
        stop: float,
        column: str,
        least: int,
    ) -> tuple[list[ScienceWindow], str, tuple[SkippedWindow, ...]]:
        """Return windows, the name of their service, and the windows that it cannot read."""
        failed = []
        for service in self._services:
            try:
                found = ask_timesystem(service, position, radius, start, stop, column, least)
                return read_windows(found), service, read_unusable(found)
            except (*_FAULTS, ValueError, TypeError, LookupError) as error:
                failed.append(f"{service} ({type(error).__name__})")
        try:
            rows = ask_heasarc(position, radius, start, stop, column, least)
            return heasarc_windows(rows, column), "HEASARC, intscw", ()
        except Exception as error:  # noqa: BLE001 - astroquery raises errors of many kinds
            failed.append(f"HEASARC ({type(error).__name__})")
        problem = f"No science-window service answered; asked were {', '.join(failed)}."
        advice = 'Name the windows: site.image("Crab", ["066500220010.001", ...]).'
        raise ServiceError(problem, advice)


def ask_timesystem(
    service: str,
    position: Source | None,
    radius: float,
    start: float,
    stop: float,
    column: str = _OF_ISGRI,
    least: int = _USUAL,
) -> Any:
    """Return the document of the timesystem service.

    Parameters
    ----------
    service
        Its address.
    position, radius
        Only windows that point within a radius of a position, degrees.
    start, stop
        IJD days.
    column
        Column of the good time of an instrument.
    least
        Least good time, seconds.
    """
    span = f"{isot_utc(start, 0)}/{isot_utc(stop, 0)}"
    parameters: dict[str, Any] = {
        f"min_{column}": least,
        "return_columns": ",".join(COLUMNS),
        OURS_ASKED: ",".join((*OURS, UNUSABLE)),
    }
    if position is not None:
        parameters |= {"ra": position.ra, "dec": position.dec, "radius": radius}
    address = f"{service}/api/v1.0/scwlist/cons/{span}"
    packed = {"Accept-Encoding": PACKED_AS}
    with (
        httpx.Client(timeout=_TIMEOUT, headers=packed) as client,
        Deadlines(client).within(_DEADLINE, "ended its response"),
        client.stream("GET", address, params=parameters) as response,
    ):
        response.raise_for_status()
        return json.loads(read_body(response, _LARGEST))


def ask_heasarc(
    position: Source | None,
    radius: float,
    start: float,
    stop: float,
    column: str = _OF_ISGRI,
    least: int = _USUAL,
) -> Any:
    """Return rows of HEASARC's table of science windows (see `ask_timesystem`)."""
    from astroquery.heasarc import Heasarc  # noqa: PLC0415 - heavy, and asks the network

    first, last = mjd_utc(start), mjd_utc(stop)
    where = f"start_date < {last!r} AND end_date > {first!r} AND {column} >= {least}"
    if position is not None:
        circle = f"CIRCLE('ICRS', {position.ra!r}, {position.dec!r}, {radius!r})"
        where += f" AND 1 = CONTAINS(POINT('ICRS', ra, dec), {circle})"
    columns = f"scw_id, scw_ver, scw_type, ra, dec, start_date, end_date, {column}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        query = f"SELECT {columns} FROM intscw WHERE {where}"  # noqa: S608 - numbers and names of ours
        return Heasarc().query_tap(query, maxrec=_HEASARC_ROWS).to_table()


def heasarc_windows(table: Any, column: str = _OF_ISGRI) -> list[ScienceWindow]:
    """Return the pointings in rows of HEASARC's table, whose times are MJD in UTC."""
    found = []
    edges = zip(ijd_of(table["start_date"]), ijd_of(table["end_date"]), strict=True)
    for row, (start, stop) in zip(table, edges, strict=True):
        name, version = str(row["scw_id"]).strip(), str(row["scw_ver"]).strip() or "001"
        ra, dec = float(row["ra"]), float(row["dec"])
        on_the_sky = is_longitude(ra) and abs(dec) <= 90
        if not (on_the_sky and start < stop and is_pointing(name) and version.isdigit()):
            continue
        found.append(
            ScienceWindow(
                id=f"{name}.{int(version):03d}",
                start=float(start),
                stop=float(stop),
                ra=within_a_turn(ra),
                dec=dec,
                ra_z=nan,
                dec_z=nan,
                good_time=float(row[column]),
            )
        )
    return found
