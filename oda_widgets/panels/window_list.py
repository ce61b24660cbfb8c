"""Lists of science windows that users have: pasted, or in files of any table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oda_widgets.errors import BadParameter, shorten
from oda_widgets.panels.known_windows import OF_A_LIST
from oda_widgets.panels.opening import windows_named
from oda_widgets.request.queries import MOST_WINDOWS
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList

LARGEST_LIST = 4 << 20  # bytes
# The version stands behind a dot, or in a column of its own, which is ignored.
_IDENTIFIER = re.compile(r"(?<![0-9.])([0-9]{12})(\.[0-9]{3})?(?![0-9])")
_HOW = "Give identifiers such as 255900280010.001, in any table or list."


def identifiers_in(text: str) -> tuple[str, ...]:
    """Return the identifiers of science windows in a text, each once, in its order.

    Parameters
    ----------
    text
        A list with commas, blanks or lines, or a table, for example of w3browse.

    Raises
    ------
    BadParameter
        If there is none, or more than a query takes.

    Examples
    --------
    >>> identifiers_in("| 255900280010 | 001 |, 255900290010.001, 255900290010.001")
    ('255900280010', '255900290010.001')
    """
    found: dict[str, str] = {}
    for stem, version in _IDENTIFIER.findall(text):
        found.setdefault(stem, stem + version)
    if not found:
        raise BadParameter("science_windows", shorten(text), "no identifier is in it", _HOW)
    if len(found) > MOST_WINDOWS:
        limit = f"{len(found):,} science windows, more than {MOST_WINDOWS:,} at once"
        raise BadParameter("science_windows", shorten(text), limit, "Give fewer.")
    return tuple(found.values())


def windows_in(text: str, known: Sequence[ScienceWindow]) -> tuple[ScienceWindowList, int]:
    """Return the windows of a list, and how many of them are unknown.

    Of unknown windows only the identifier and the revolution are given.
    """
    by_stem = {window.id[:12]: window for window in known}
    names = identifiers_in(text)
    unknown = [name for name in names if name[:12] not in by_stem]
    made = {window.id: window for window in windows_named(unknown)}
    windows = [by_stem.get(name[:12]) or made[name] for name in names]
    windows.sort(key=lambda window: window.start)
    return ScienceWindowList(tuple(windows), len(windows), OF_A_LIST), len(unknown)
