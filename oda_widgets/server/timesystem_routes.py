"""The routes of the timesystem service: science windows and conversions of time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.protocol.timesystem import OURS_ASKED, UNUSABLE, window_columns
from oda_widgets.request.instruments import instruments
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.revolutions import revolution_at, revolution_start
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.timespan import FARTHEST, IJD_ZERO_MJD, OUTSIDE, isot_utc, to_ijd
from oda_widgets.server.failures import without_folders
from oda_widgets.server.replies import json_reply
from oda_widgets.server.setup import ServerSetup
from oda_widgets.server.tokens import user_of

_AT_ONCE = 2  # lists in parallel
_RADIUS = 15.0  # degrees
_WHOLE_SKY = 180.0  # degrees; some scripts ask for more
_FORMATS = ("IJD", "MJD", "UTC", "REVNUM")


class TimesystemRoutes:
    """Handlers of the timesystem service.

    Parameters
    ----------
    setup
        Site and secret of the server.
    """

    def __init__(self, setup: ServerSetup) -> None:
        self._setup = setup
        self._listers = CapacityLimiter(_AT_ONCE)

    async def science_windows(self, request: Request) -> Response:
        """List science windows by time and position.

        Listing the whole mission takes a second; only other lists have to wait for it.
        """

        def listed() -> Response:
            return json_reply(self._science_windows(request))

        return await to_thread.run_sync(listed, limiter=self._listers)

    async def convert_time(self, request: Request) -> Response:
        """Convert a time to another format, or to all of them."""
        given, text, target = (request.path_params[n] for n in ("given", "time", "target"))
        converted = await run_in_threadpool(_convert, given.upper(), text)
        if target.upper() == "ANY":
            return json_reply(converted)
        if target.upper() not in _FORMATS:
            raise _unknown_format(target)
        return PlainTextResponse(str(converted[target.upper()]))

    async def revolution(self, request: Request) -> Response:
        """Return the revolution of a time, for users with the role "gallery contributor"."""
        token = request.query_params.get("token")
        user_of(token, self._setup.secret).check_role("gallery contributor")
        text = request.query_params.get("time_to_convert") or datetime.now(UTC).isoformat()[:19]
        return json_reply({"revnum": revolution_at(to_ijd(text, "time_to_convert"))})

    def _science_windows(self, request: Request) -> Any:
        given = request.query_params
        asked = _least_good_times(given)
        found = [self._found(request, instrument) for instrument in asked]
        lists = [
            [window for window in one if not window.good_time < least]  # or not known
            for one, least in zip(found, asked.values(), strict=True)
        ]
        common = set.intersection(*({window.id for window in one} for one in lists))
        columns = window_columns(window for window in lists[0] if window.id in common)
        if "return_columns" not in given:
            return columns["SWID"]
        wanted = f"{given['return_columns']},{given.get(OURS_ASKED, '')}".split(",")
        reply: dict[str, Any] = {name: columns[name] for name in wanted if name in columns}
        if UNUSABLE in wanted:
            reply[UNUSABLE] = [[one.id, without_folders(one.reason)] for one in found[0].unusable]
        return reply

    def _found(self, request: Request, instrument: str) -> ScienceWindowList:
        """Return the windows of a request in which an instrument was on."""
        given = request.query_params
        try:
            return self._setup.site.science_windows(
                _position(given),
                request.path_params["start"],
                request.path_params["stop"],
                radius=min(finite_number("radius", given.get("radius", _RADIUS)), _WHOLE_SKY),
                limit=None,
                instrument=instrument,
            )
        except EmptySelection:
            return ScienceWindowList((), 0, "")


def _position(given: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the position in a request, or None if it has none."""
    if "ra" not in given and "dec" not in given:
        return None
    for name in ("ra", "dec"):
        if name not in given:
            raise BadParameter(name, None, "missing beside the other angle", "Give ra and dec.")
    return given["ra"], given["dec"]


def _least_good_times(given: Mapping[str, str]) -> dict[str, float]:
    """Return the least good time of windows by instrument, s; by default 0 of ISGRI."""
    parameters = {one.name: f"min_{one.good_time}" for one in instruments()}
    least = {
        instrument: finite_number(name, given[name])
        for instrument, name in parameters.items()
        if name in given
    }
    return least or {"isgri": 0.0}


def _convert(given: str, text: str) -> dict[str, Any]:
    """Return a time in all formats."""
    if given == "IJD":
        ijd = finite_number("time", text)
    elif given == "MJD":
        ijd = finite_number("time", text) - IJD_ZERO_MJD
    elif given == "REVNUM":
        ijd = revolution_start(int(finite_number("time", text)))
    elif given == "UTC":
        ijd = to_ijd(text, "time")
    else:
        raise _unknown_format(given)
    if not abs(ijd) <= FARTHEST:
        raise BadParameter("time", text, OUTSIDE, "Give an IJD, an MJD or a date of the mission.")
    mjd = ijd + IJD_ZERO_MJD
    return {"IJD": ijd, "MJD": mjd, "UTC": isot_utc(ijd), "REVNUM": revolution_at(ijd)}


def _unknown_format(given: str) -> BadParameter:
    return BadParameter("format", given, "not a format", f"Write one of: {', '.join(_FORMATS)}.")
