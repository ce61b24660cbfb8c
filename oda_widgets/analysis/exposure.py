"""The account of what was used of a science window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.engine.shadowgram import live_seconds
from oda_widgets.errors import EmptySelection
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.energies.origin import EnergyOrigin
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval, intersect

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import QueryWindow
    from oda_widgets.analysis.session import Session


@dataclass(frozen=True)
class WindowAccount:
    """What was used of one science window.

    Parameters
    ----------
    window
        The science window.
    intervals
        The good time that was used.
    live_time
        Seconds in which the detector could record events.
    pixels
        Number of working pixels.
    with_dead_time
        True when the archive knows the dead time.
    energies
        How the energies of its events came to be.
    """

    window: ScienceWindow
    intervals: tuple[TimeInterval, ...]
    live_time: float
    pixels: int
    with_dead_time: bool
    energies: EnergyOrigin

    @classmethod
    def of(cls, events: WindowEvents, intervals: Sequence[TimeInterval]) -> Self:
        """Return the account of some good time of a window."""
        return cls(
            window=events.window,
            intervals=tuple(intervals),
            live_time=live_seconds(events, intervals),
            pixels=pixel_health(events).working,
            with_dead_time=events.live_fraction is not None,
            energies=events.origin,
        )

    def facts(self) -> dict[str, Any]:
        """Return the account as the store keeps it."""
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return the account that the store has kept."""
        window = ScienceWindow(**facts["window"])
        intervals = tuple(TimeInterval(**interval) for interval in facts["intervals"])
        origin = facts["energies"]
        uncertainty = tuple((energy, relative) for energy, relative in origin["uncertainty"])
        energies = EnergyOrigin(**{**origin, "uncertainty": uncertainty})
        known = {"window": window, "intervals": intervals, "energies": energies}
        return cls(**{**facts, **known})


def accounts_of(facts: Mapping[str, Any]) -> tuple[WindowAccount, ...]:
    """Return the accounts in the facts of a result."""
    return tuple(WindowAccount.from_facts(account) for account in facts["accounts"])


def selected_events(
    window: QueryWindow, session: Session
) -> tuple[WindowEvents, tuple[TimeInterval, ...]]:
    """Return the events of a window of a query, and the good time that the query asks for.

    Raises
    ------
    EmptySelection
        If it has no good time there.
    """
    session.report("reading", window, 0.0)
    events = session.events(window.id)
    intervals = events.good_time
    if window.restriction:
        intervals = intersect(events.good_time, window.restriction)
    if not intervals:
        problem = f"Science window {window.id} has no good time in the intervals."
        raise EmptySelection(problem, "Change the intervals, or leave the window out.")
    return events, intervals
