"""The science windows that tell most of the detector as it was in another one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from oda_widgets.archive.layout import is_pointing
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.science_windows import ScienceWindow

_NUMBER = 3
_APART = 0.5  # degrees: two widths of a peak
_REACH = 3.0  # days: the length of a revolution


def neighbours(windows: Sequence[ScienceWindow], window: ScienceWindow) -> list[ScienceWindow]:
    """Return the three pointings of the same revolution that are nearest in time.

    They depend on the archive and on the window, not on what else is asked for. All point elsewhere
    than the window and than each other: what is too faint to be taken out of them must not lie on
    the same pixels each time, or it would be taken for their efficiency.

    Parameters
    ----------
    windows
        Of the archive, in order of time.
    window
        One of them.
    """
    first, last = (
        bisect_left(windows, window.start + reach, key=lambda other: other.start)
        for reach in (-_REACH, _REACH)
    )
    candidates = [other for other in windows[first:last] if _alike(other, window)]
    chosen = [window]
    for candidate in sorted(candidates, key=lambda other: abs(other.start - window.start)):
        if len(chosen) <= _NUMBER and all(_apart(candidate, other) for other in chosen):
            chosen.append(candidate)
    return chosen[1:]


def _alike(other: ScienceWindow, window: ScienceWindow) -> bool:
    """Return whether both are pointings of one revolution, and both real or both simulated."""
    same = (other.id[:4], other.simulated) == (window.id[:4], window.simulated)
    return same and is_pointing(other.id)


def _apart(one: ScienceWindow, other: ScienceWindow) -> bool:
    return float(separations(one.ra, one.dec, other.ra, other.dec)) > _APART
