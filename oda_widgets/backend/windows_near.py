"""Find the science windows of a query that names none: those that point near its sources.

For an instrument without sources a time is needed instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from oda_widgets.errors import BadParameter, EmptySelection, OdaError
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.instruments import label_of
from oda_widgets.request.science_windows import Identifiers, ScienceWindowList, SkippedWindow
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval

Find = Callable[[Source | None], ScienceWindowList]


def windows_near(
    sources: Iterable[CatalogSource | Source], find: Find, radius: float
) -> ScienceWindowList | Identifiers:
    """Return windows that point near sources, without sources that no window sees.

    Parameters
    ----------
    sources
        One search serves all sources near its windows.
    find
        Finds the windows near one source, or anywhere.
    radius
        Largest angle between pointing and source, degrees.

    Raises
    ------
    EmptySelection
        If no window points near any of them.
    """
    selections: list[ScienceWindowList] = []
    unseen: list[EmptySelection] = []
    for source in sources:
        if not any(_point_near(source, selection, radius) for selection in selections):
            try:
                selections.append(find(Source(source.name, source.ra, source.dec)))
            except EmptySelection as error:
                unseen.append(error)
    if unseen and not selections:
        raise unseen[0]
    if len(selections) > 1:
        names = sorted({i for selection in selections for i in selection.ids})
        return Identifiers(names, len(names), _unusable(selections))
    # A single selection knows the number of windows that it was drawn from.
    return selections[0] if selections else find(None)


def _unusable(selections: Iterable[ScienceWindowList]) -> Iterable[SkippedWindow]:
    """Return the windows that cannot be read, each once."""
    return dict.fromkeys(window for selection in selections for window in selection.unusable)


def check_time(
    intervals: Sequence[TimeInterval], instrument: str, find: Callable[..., ScienceWindowList]
) -> None:
    """Check that a query of an instrument without sources has a time.

    Parameters
    ----------
    intervals
        Intervals of the query.
    instrument
        Its name.
    find
        Finds the science windows of an instrument, for the message.

    Raises
    ------
    BadParameter
        If there is no interval; the message says when the archive has science windows.
    """
    if intervals:
        return
    limit = f"{label_of(instrument)} is asked for no time"
    advice = "Give start=... and stop=..., or intervals=[(start, stop), ...]."
    try:
        windows: Any = find(instrument=instrument, limit=None)
    except OdaError:  # an archive without windows, or without a readable list
        raise BadParameter("start", None, limit, advice) from None
    there = TimeInterval(
        min(window.start for window in windows), max(window.stop for window in windows)
    )
    advice += f" Science windows in the archive: {there}."
    raise BadParameter("start", None, limit, advice)


def _point_near(source: Source | CatalogSource, windows: ScienceWindowList, radius: float) -> bool:
    """Return whether any window points near a source."""
    pointings = np.array([(window.ra, window.dec) for window in windows])
    angles = separations(pointings[:, 0], pointings[:, 1], source.ra, source.dec)
    return bool((angles <= radius).any())
