"""The account of what was observed: one per science window, added up for a product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.engine.shadowgram import live_seconds
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.products.observation import Observation
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import Identifiers, ScienceWindow, SkippedWindow
from oda_widgets.request.timespan import TimeInterval


@dataclass(frozen=True)
class WindowAccount:
    """What was used of one science window.

    Parameters
    ----------
    window
        Which one.
    intervals
        The good time that was used.
    live_time
        Seconds in which the detector could record.
    pixels
        How many working pixels were used.
    with_dead_time
        True when the archive knows the dead time.
    """

    window: ScienceWindow
    intervals: tuple[TimeInterval, ...]
    live_time: float
    pixels: int
    with_dead_time: bool

    @classmethod
    def of(cls, events: WindowEvents, intervals: Sequence[TimeInterval]) -> Self:
        """Return the account of some good time of a window."""
        return cls(
            window=events.window,
            intervals=tuple(intervals),
            live_time=live_seconds(events, intervals),
            pixels=pixel_health(events).working,
            with_dead_time=events.live_fraction is not None,
        )

    def facts(self) -> dict[str, Any]:
        """Return the account as the store keeps it."""
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return the account that the store has kept."""
        window = ScienceWindow(**facts["window"])
        intervals = tuple(TimeInterval(**interval) for interval in facts["intervals"])
        return cls(**{**facts, "window": window, "intervals": intervals})


def accounts_of(facts: Mapping[str, Any]) -> tuple[WindowAccount, ...]:
    """Return the accounts in the facts of a result."""
    return tuple(WindowAccount.from_facts(account) for account in facts["accounts"])


def skipped_of(facts: Mapping[str, Any]) -> tuple[SkippedWindow, ...]:
    """Return the windows that a result had to do without."""
    return tuple(SkippedWindow(**window) for window in facts["skipped"])


def observation(
    query: Query, accounts: Sequence[WindowAccount], skipped: Iterable[SkippedWindow]
) -> Observation:
    """Return what was observed, as it goes into a product.

    Parameters
    ----------
    query
        The question.
    accounts
        Of the windows that were used, at least one.
    skipped
        Windows that could not be used.
    """
    first = accounts[0].window
    intervals = [interval for account in accounts for interval in account.intervals]
    return Observation(
        instrument=query.instrument,
        science_windows=tuple(account.window.id for account in accounts),
        start=min(interval.start for interval in intervals),
        stop=max(interval.stop for interval in intervals),
        ontime=sum(interval.seconds for interval in intervals),
        live_time=sum(account.live_time for account in accounts),
        dead_time_note=_dead_time_note(accounts),
        pixels_note=_pixels_note(accounts),
        intervals=query.intervals,
        skipped=tuple(skipped),
        simulated=any(account.window.simulated for account in accounts),
        revolution=first.revolution,
        pointing=(first.ra, first.dec, first.ra_z, first.dec_z),
        available=_available(query),
    )


def _available(query: Query) -> int:
    """Return from how many windows those of a question were chosen at random; 0 if not so."""
    windows = query.science_windows
    available = windows.available if isinstance(windows, Identifiers) else 0
    return available if available > len(windows) else 0


def _dead_time_note(accounts: Sequence[WindowAccount]) -> str:
    if all(account.with_dead_time for account in accounts):
        return "Live time is good time corrected for dead time."
    return (
        "The event files carry no dead time: live time is the sum of the good time "
        "intervals, and rates are lower than OSA's by its live fraction (0.67 to 0.78)."
    )


def _pixels_note(accounts: Sequence[WindowAccount]) -> str:
    pixels = [account.pixels for account in accounts]
    low, high = min(pixels), max(pixels)
    used = f"{low}" if low == high else f"{low} to {high}"
    return (
        f"{used} of {isgri.WORKING_PIXELS} pixels used; left out are those that are silent "
        "and those most of whose events are flagged as noise."
    )
