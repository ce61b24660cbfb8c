"""Split a query into parts, by version of OSA and by the allowed number of windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from oda_widgets.errors import BadParameter
from oda_widgets.request.instruments import described
from oda_widgets.request.queries import Query
from oda_widgets.request.revolutions import AUTO, LAST_REVOLUTION, osa_version

MOST_WINDOWS = 50  # that a dispatcher accepts from any user


@dataclass(frozen=True)
class Part:
    """A query that a dispatcher accepts in one request.

    Parameters
    ----------
    query
        The query, with some of the science windows.
    osa_version
        Version of OSA for these windows; empty if it does not matter.
    """

    query: Query
    osa_version: str


def parts_of(query: Query, version: str = AUTO, most: int = MOST_WINDOWS) -> tuple[Part, ...]:
    """Return the parts of a query, in order of time.

    For an instrument without sources each interval is a part.

    Parameters
    ----------
    query
        The query.
    version
        Version of OSA; "auto" takes OSA10.2 for windows before revolution 1626 and OSA11.2 after.
    most
        Highest number of windows in a part.

    Raises
    ------
    BadParameter
        If a window lies outside the mission.
    """
    if not described(query.instrument).sources:
        return tuple(Part(replace(query, intervals=(span,)), "") for span in query.intervals)
    by_version: dict[str, list[str]] = {}
    for window in sorted(query.science_windows):
        release = _version_for(window) if version == AUTO else version
        by_version.setdefault(release, []).append(window)
    return tuple(
        Part(replace(query, science_windows=tuple(chunk)), release)
        for release, windows in by_version.items()
        for chunk in _chunks(windows, most)
    )


def _version_for(window: str) -> str:
    revolution = int(window[:4])
    if not 1 <= revolution <= LAST_REVOLUTION:
        limit = f"revolution {revolution} is none of INTEGRAL's (1 to {LAST_REVOLUTION})"
        raise BadParameter("science_windows", window, limit, "Correct its first four digits.")
    return osa_version(revolution)


def _chunks(windows: list[str], most: int) -> Iterator[list[str]]:
    """Iterate over parts of nearly equal size."""
    number = -(-len(windows) // most)
    for index in range(number):
        first, last = (i * len(windows) // number for i in (index, index + 1))
        yield windows[first:last]
