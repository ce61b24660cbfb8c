"""Spans of time as dispatchers write them: T1, T2 and the format of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.timespan import TimeInterval, isot_utc, to_ijd


def time_in(parameters: Mapping[str, Any], name: str) -> Any:
    """Return a time as text in UTC or `~astropy.time.Time`; None if there is none.

    Raises
    ------
    BadParameter
        If it cannot be parsed in the format of the parameters.
    """
    from astropy.time import Time  # noqa: PLC0415 - heavy

    value, form = parameters.get(name), str(parameters.get("T_format", "isot"))
    if value is None or form in {"isot", "iso"}:
        return value
    try:
        return Time(finite_number(name, value), format=form)
    except ValueError:
        limit = f"can't be parsed as Time of {form[:20]} format"
        raise BadParameter(name, value, limit, "Correct it, or T_format.") from None


def interval_in(parameters: Mapping[str, Any]) -> tuple[TimeInterval, ...]:
    """Return the interval from T1 to T2; none if neither is given.

    Raises
    ------
    BadParameter
        If only one is given, or they are no span of time.
    """
    start, stop = (time_in(parameters, name) for name in ("T1", "T2"))
    if start is None and stop is None:
        return ()
    for name, value in (("T1", start), ("T2", stop)):
        if value is None:
            raise BadParameter(name, None, "half of a span of time", "Give T1 and T2.")
    return (TimeInterval(to_ijd(start, "T1"), to_ijd(stop, "T2")),)


def times_of(interval: TimeInterval) -> dict[str, str]:
    """Return an interval as the parameters of a dispatcher, to a millisecond.

    Examples
    --------
    >>> times_of(TimeInterval(8320.0, 8320.5))["T1"]
    '2022-10-11T23:58:50.816'
    """
    start, stop = (isot_utc(edge) for edge in (interval.start, interval.stop))
    return {"T1": start, "T2": stop, "T_format": "isot"}
