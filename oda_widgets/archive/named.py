"""Look up science windows by name, some of which an archive may lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oda_widgets.request.science_windows import (
    ScienceWindow,
    ScienceWindowList,
    parse_identifiers,
)


def named(
    windows: Sequence[ScienceWindow], identifiers: Any, answered_by: str = ""
) -> ScienceWindowList:
    """Return the named science windows in order of time, without missing ones.

    Parameters
    ----------
    windows
        All windows of an archive.
    identifiers
        Identifiers, with or without version.
    answered_by
        Name of the archive.

    Raises
    ------
    BadParameter
        If an identifier is malformed or given twice.
    """
    asked = set(parse_identifiers(identifiers))
    found = [window for window in windows if asked & {window.id, window.id[:12]}]
    found.sort(key=lambda window: (window.start, window.id))
    return ScienceWindowList(tuple(found), len(found), answered_by)
