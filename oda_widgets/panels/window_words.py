"""Science windows of the form in words."""

from __future__ import annotations

from oda_widgets.panels.known_windows import named_by
from oda_widgets.panels.opening import is_only_named
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.timespan import isot_utc
from oda_widgets.request.words import counted


def number_of(found: ScienceWindowList) -> str:
    """Return the number of windows in words, out of those available or with their origin.

    Examples
    --------
    >>> number_of(ScienceWindowList((), 1240, "a mirror"))
    '0 of 1,240'
    """
    named = named_by(found)
    if named:
        return f"{counted(len(found), 'window')}, from {named}"
    return f"{len(found):,} of {found.available:,}"


def kind_of(found: ScienceWindowList) -> str:
    """Return whether windows are simulated or real, which their names do not tell."""
    if any(window.simulated for window in found):
        return '<b class="oda-simulated">SIMULATED</b>'
    unknown = sum(map(is_only_named, found))
    if not unknown:
        return "real data"
    return "known by name only" if unknown == len(found) else f"{unknown:,} known by name only"


def line_of(window: ScienceWindow) -> str:
    """Return a window as a line of a list."""
    if is_only_named(window):
        return f"{window.id} · revolution {int(window.id[:4])}"
    day = isot_utc(window.start)[:16].replace("T", " ")
    return f"{window.id} · {day} · {window.good_time:,.0f} s"
