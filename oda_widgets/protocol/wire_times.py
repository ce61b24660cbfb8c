"""Spans of time in the dispatcher's parameters: T1, T2 and T_format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.timespan import TimeInterval, isot_utc, to_ijd


def time_in(parameters: Mapping[str, Any], name: str) -> Any:
    """Return a time as text in UTC or as `~astropy.time.Time`; None if absent.

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
    """Return the interval from T1 to T2 in a tuple, which is empty if neither is given.

    Raises
    ------
    BadParameter
        If only one is given, or T2 is not after T1.
    """
    start, stop = (time_in(parameters, name) for name in ("T1", "T2"))
    if start is None and stop is None:
        return ()
    for name, value in (("T1", start), ("T2", stop)):
        if value is None:
            raise BadParameter(name, None, "half of a span of time", "Give T1 and T2.")
    return (TimeInterval(to_ijd(start, "T1"), to_ijd(stop, "T2")),)


def times_of(interval: TimeInterval) -> dict[str, str]:
    """Return an interval as parameters of a dispatcher, to the millisecond.

    Examples
    --------
    >>> times_of(TimeInterval(8320.0, 8320.5))["T1"]
    '2022-10-11T23:58:50.816'
    """
    start, stop = (isot_utc(edge) for edge in (interval.start, interval.stop))
    return {"T1": start, "T2": stop, "T_format": "isot"}
