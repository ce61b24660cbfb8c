"""Science windows given by name: look them up in the index of the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oda_widgets.errors import OdaError
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.instrument import Instrument
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site


OF_A_LINK, OF_A_JOB, OF_A_LIST = "the link", "the job", "a list of yours"
"""Origins of windows that no search found."""

_AND = ", "


@dataclass(frozen=True)
class KeptWindows:
    """Windows that stay in use with another instrument.

    Parameters
    ----------
    windows
        Those that stay.
    account
        How many stay, and why others do not, in a sentence; empty if all stay.
    """

    windows: ScienceWindowList
    account: str


def look_up(site: Site, windows: ScienceWindowList, instrument: Instrument) -> ScienceWindowList:
    """Return windows with their times and pointings; those that the archive lacks are unchanged.

    Parameters
    ----------
    site
        Knows the archive.
    windows
        Of some, only the names may be known.
    instrument
        Whose good time is given.

    Raises
    ------
    OdaError
        If the archive cannot be asked.
    """
    answer = site.named_windows(windows.ids)
    known = {window.id: window for window in answer}
    known |= {window.id[:12]: window for window in answer}
    found = [
        replace(_with_good_time(known[one.id], instrument) or one, id=one.id)
        if one.id in known
        else one
        for one in windows
    ]
    found.sort(key=lambda window: window.start)
    by = windows.answered_by
    if known:
        by = _AND.join(filter(None, (named_by(windows), answer.answered_by)))
    return replace(windows, windows=tuple(found), answered_by=by)


def named_by(windows: ScienceWindowList) -> str:
    """Return where the names of windows come from, such as "the link"; empty after a search."""
    first = windows.answered_by.partition(_AND)[0]
    return first if first in (OF_A_LINK, OF_A_JOB, OF_A_LIST) else ""


def known_by(windows: ScienceWindowList) -> str:
    """Return the archive that windows were found in; empty if only their names are known."""
    return windows.answered_by.removeprefix(named_by(windows)).removeprefix(_AND)


def kept_windows(
    site: Site, names: tuple[str, ...], source: Source | None, instrument: Instrument
) -> KeptWindows:
    """Return which of some windows stay in use with another instrument.

    Parameters
    ----------
    site
        Knows the archive.
    names
        Identifiers of the windows that were in use.
    source
        Windows from which the instrument does not see it do not stay.
    instrument
        The other instrument; windows in which it was off do not stay.

    Raises
    ------
    OdaError
        If the archive cannot be asked.
    """
    answer = site.named_windows(names)
    on = [w for window in answer if (w := _with_good_time(window, instrument)) is not None]
    stay = [window for window in on if _sees(window, source, instrument)]
    reasons = (
        (len(names) - len(on), f"without data of {instrument.label}"),
        (len(on) - len(stay), f"too far from the source for {instrument.label}"),
    )
    left = ", ".join(f"{count:,} {why}" for count, why in reasons if count)
    account = (
        f"{len(stay):,} of the {len(names):,} windows in use are kept: {left}." if left else ""
    )
    return KeptWindows(ScienceWindowList(tuple(stay), len(stay), answer.answered_by), account)


def with_number_found(
    windows: ScienceWindowList, search: Callable[[], ScienceWindowList]
) -> ScienceWindowList:
    """Return windows that stay in use, with the number of all that a search finds."""
    with suppress(OdaError):  # if it finds none, those that stay are all
        available = max(search().available, len(windows))
        return replace(windows, available=available)
    return windows


def _with_good_time(window: ScienceWindow, instrument: Instrument) -> ScienceWindow | None:
    """Return a window with the good time of an instrument; None if it was off."""
    if not instrument.sources:  # it counts always
        return replace(window, good_time=(window.stop - window.start) * SECONDS_PER_DAY)
    return window.seen_by(instrument.name)


def _sees(window: ScienceWindow, source: Source | None, instrument: Instrument) -> bool:
    if source is None or not instrument.sources:
        return True
    angles: Iterable[float] = separations([window.ra], [window.dec], source.ra, source.dec)
    return all(angle <= instrument.field for angle in angles)
