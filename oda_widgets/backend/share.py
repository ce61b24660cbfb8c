"""Questions as links: the parameters of the dispatcher, as MMODA's own links have them."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlencode

from oda_widgets.backend.wire.parameters import parameters_of, query_from
from oda_widgets.errors import BadParameter
from oda_widgets.lookup.times import FIRST_REVOLUTION, LAST_REVOLUTION, osa_version
from oda_widgets.request.numbers import finite_number
from oda_widgets.request.queries import Query
from oda_widgets.request.timespan import TimeInterval

_LONGEST = 200_000  # characters
_MOST_VALUES = 5000
_INTERVALS = "intervals"  # ours: the dispatcher analyses whole science windows


def share_text(query: Query) -> str:
    """Return a question as the part of a link behind the question mark.

    Parameters
    ----------
    query
        The question; its catalogue travels with it.
    """
    whole = replace(query, intervals=())
    parameters = parameters_of(whole, _version(query), strict=False)
    parameters["scw_list"] = ",".join(parameters["scw_list"])
    if query.intervals:
        pairs = (f"{interval.start!r}:{interval.stop!r}" for interval in query.intervals)
        parameters[_INTERVALS] = ",".join(pairs)
    return urlencode(parameters)


def _version(query: Query) -> str:
    revolution = int(query.science_windows[0][:4])
    known = FIRST_REVOLUTION <= revolution <= LAST_REVOLUTION
    return osa_version(revolution if known else LAST_REVOLUTION)


def question_of(link: str) -> Query:
    """Return the question in a link, ours or one of MMODA's that names its science windows.

    Parameters
    ----------
    link
        The whole of it, or the part behind the question mark.

    Raises
    ------
    BadParameter
        If it asks nothing that can be answered.
    """
    text = link.split("?", maxsplit=1)[-1]
    if len(text) > _LONGEST:
        raise BadParameter("link", link, "too long for a question", "Give a link that was shared.")
    try:
        found = parse_qs(text, max_num_fields=_MOST_VALUES)
    except ValueError:
        raise BadParameter("link", link, "no question", "Give a link that was shared.") from None
    parameters = {name: values[0] if len(values) == 1 else values for name, values in found.items()}
    query = query_from(parameters)
    intervals = parameters.get(_INTERVALS)
    return replace(query, intervals=_intervals(intervals)) if intervals else query


def _intervals(text: object) -> tuple[TimeInterval, ...]:
    pairs = (pair.split(":") for pair in str(text).split(","))
    found = []
    for pair in pairs:
        if len(pair) != 2:
            advice = "Write start:stop,start:stop in IJD days."
            raise BadParameter(_INTERVALS, text, "no intervals", advice)
        start, stop = (finite_number(_INTERVALS, value) for value in pair)
        found.append(TimeInterval(start, stop))
    return tuple(found)
