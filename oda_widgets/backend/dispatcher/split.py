"""Which parts a dispatcher is asked for: by version of OSA, and not too many windows at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.times import LAST_REVOLUTION, osa_version
from oda_widgets.request.queries import Query

MOST_WINDOWS = 50  # that a dispatcher takes from everybody
AUTO = "auto"


@dataclass(frozen=True)
class Part:
    """A question that a dispatcher takes whole.

    Parameters
    ----------
    query
        The question, with some of the windows.
    osa_version
        The version of OSA that suits them.
    """

    query: Query
    osa_version: str


def parts_of(query: Query, version: str = AUTO, most: int = MOST_WINDOWS) -> tuple[Part, ...]:
    """Return the parts of a question, in order of time.

    Parameters
    ----------
    query
        The question.
    version
        Of OSA; "auto" takes OSA10.2 for windows before revolution 1626 and OSA11.2 after.
    most
        How many windows may be in a part.

    Raises
    ------
    BadParameter
        If a window is of no revolution of INTEGRAL.
    """
    by_version: dict[str, list[str]] = {}
    for window in sorted(query.science_windows):
        suits = _suiting(window) if version == AUTO else version
        by_version.setdefault(suits, []).append(window)
    return tuple(
        Part(replace(query, science_windows=tuple(chunk)), suits)
        for suits, windows in by_version.items()
        for chunk in _chunks(windows, most)
    )


def _suiting(window: str) -> str:
    revolution = int(window[:4])
    if not 1 <= revolution <= LAST_REVOLUTION:
        limit = f"revolution {revolution} is none of INTEGRAL's (1 to {LAST_REVOLUTION})"
        raise BadParameter("science_windows", window, limit, "Correct its first four digits.")
    return osa_version(revolution)


def _chunks(windows: list[str], most: int) -> Iterator[list[str]]:
    """Iterate over parts of nearly equal size: the last is no small rest."""
    number = -(-len(windows) // most)
    for index in range(number):
        first, last = (i * len(windows) // number for i in (index, index + 1))
        yield windows[first:last]
