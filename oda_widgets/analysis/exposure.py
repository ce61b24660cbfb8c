"""The account of a science window: the events and the time used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from oda_widgets.engine.efficiency import correction
from oda_widgets.engine.pixel_health import PixelHealth, pixel_health
from oda_widgets.engine.shadowgram import Recorded, live_seconds
from oda_widgets.errors import EmptySelection
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.energies.origin import EnergyOrigin
from oda_widgets.instruments.isgri.window_counts import WindowCounts
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval, intersect

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import QueryWindow
    from oda_widgets.analysis.session import Session


@dataclass(frozen=True)
class RateOrigin:
    """The calibration of the rates of a science window, and its errors.

    Parameters
    ----------
    note
        Origin of the pixel efficiencies, in words; empty where they are not known.
    live_note
        Treatment of dead time, in words.
    scale_error
        Relative error of all rates.
    correction
        Factor by which rates of the band were raised for photons that the pixels do not record.
    correction_error
        Relative error of the correction.
    live_spread
        Relative departure of the live fraction of parts of the window from its mean.
    """

    note: str = ""
    live_note: str = ""
    scale_error: float = 0.0
    correction: float = 1.0
    correction_error: float = 0.0
    live_spread: float = 0.0

    @classmethod
    def of(cls, events: Recorded, band: EnergyBand | None, health: PixelHealth) -> Self:
        """Return the calibration of the events of a window in a band."""
        sensitivity = events.sensitivity
        if sensitivity is None:
            return cls(events.note)
        origin = cls(
            sensitivity.note,
            sensitivity.live_note,
            sensitivity.scale_error,
            live_spread=sensitivity.live_spread,
        )
        if band is None:
            return origin
        raised = correction(events, band.low, band.high, health)
        return replace(origin, correction=raised.factor, correction_error=raised.error)


@dataclass(frozen=True)
class WindowAccount:
    """Events and time of one science window that were used.

    Parameters
    ----------
    intervals
        The good time that was used.
    live_time
        Seconds in which the detector could record events.
    pixels
        Number of working pixels.
    with_dead_time
        True when the archive knows the dead time.
    energies
        Origin of the energies of its events.
    rates
        Calibration of its rates.
    left_out
        Good time and rows of the file that are not used, in words; empty if none.
    """

    window: ScienceWindow
    intervals: tuple[TimeInterval, ...]
    live_time: float
    pixels: int
    with_dead_time: bool
    energies: EnergyOrigin
    rates: RateOrigin
    left_out: str = ""

    @classmethod
    def of(
        cls,
        events: Recorded,
        intervals: Sequence[TimeInterval],
        band: EnergyBand | None = None,
        health: PixelHealth | None = None,
    ) -> Self:
        """Return the account of some good time of a window, in a band if the product has one.

        Parameters
        ----------
        events, intervals, band
            The events or counts of the window, the good time, and the band.
        health
            Health of its pixels, if it is known.
        """
        health = pixel_health(events) if health is None else health
        return cls(
            window=events.window,
            intervals=tuple(intervals),
            live_time=live_seconds(events, intervals),
            pixels=health.working,
            with_dead_time=events.live_fraction is not None,
            energies=events.origin,
            rates=RateOrigin.of(events, band, health),
            left_out=events.left_out,
        )

    def facts(self) -> dict[str, Any]:
        """Return the account in the form of the store."""
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return the account from the form of the store."""
        window = ScienceWindow(**facts["window"])
        intervals = tuple(TimeInterval(**interval) for interval in facts["intervals"])
        origin = facts["energies"]
        uncertainty = tuple((energy, relative) for energy, relative in origin["uncertainty"])
        energies = EnergyOrigin(**{**origin, "uncertainty": uncertainty})
        rates = RateOrigin(**facts["rates"])
        known = {"window": window, "intervals": intervals, "energies": energies, "rates": rates}
        return cls(**{**facts, **known})


def accounts_of(facts: Mapping[str, Any]) -> tuple[WindowAccount, ...]:
    """Return the accounts in the facts of a result."""
    return tuple(WindowAccount.from_facts(account) for account in facts["accounts"])


def selected_events(
    window: QueryWindow, session: Session, counts: WindowCounts | None = None
) -> tuple[WindowEvents, tuple[TimeInterval, ...]]:
    """Return the events of a window of a query, and its good time in the query's intervals.

    Parameters
    ----------
    counts
        Its counts, if there are any.

    Raises
    ------
    EmptySelection
        If it has no good time in the intervals.
    """
    session.report("reading", window, 0.0)
    events = session.events(window.science_window, window.events, window.instrument, counts)
    intervals = events.good_time
    if window.restriction:
        intervals = intersect(events.good_time, window.restriction)
    if not intervals:
        problem = f"Science window {window.id} has no good time in the intervals."
        raise EmptySelection(problem, "Change the intervals, or leave the window out.")
    return events, intervals
