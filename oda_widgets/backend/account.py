"""The account of what was observed, kept while the windows of a question are worked through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oda_widgets.archive.base import WindowEvents
from oda_widgets.engine.shadowgram import live_seconds
from oda_widgets.engine.window_background import pixel_health
from oda_widgets.instruments import isgri
from oda_widgets.products.observation import Observation, SkippedWindow
from oda_widgets.request.queries import Query
from oda_widgets.request.timespan import TimeInterval


@dataclass
class Account:
    """What was used so far."""

    query: Query
    intervals: list[TimeInterval] = field(default_factory=list)
    live_time: float = 0.0
    _identity: list[str] = field(default_factory=list)
    _pixels: list[int] = field(default_factory=list)
    _first: WindowEvents | None = None
    _simulated: bool = False
    _with_dead_time: int = 0

    def add(self, events: WindowEvents, intervals: Sequence[TimeInterval]) -> float:
        """Take note of a window; return its live time in seconds."""
        seconds = live_seconds(events, intervals)
        self.live_time += seconds
        self.intervals += intervals
        self._identity.append(events.window.id)
        self._pixels.append(int(pixel_health(events).used.sum()))
        self._first = self._first or events
        self._simulated |= events.window.simulated
        self._with_dead_time += events.live_fraction is not None
        return seconds

    def observation(self, skipped: Sequence[SkippedWindow]) -> Observation:
        """Return the account as it goes into a product."""
        if self._first is None:
            message = "an observation needs at least one science window"
            raise ValueError(message)
        window = self._first.window
        return Observation(
            instrument=self.query.instrument,
            science_windows=tuple(self._identity),
            start=min(interval.start for interval in self.intervals),
            stop=max(interval.stop for interval in self.intervals),
            ontime=sum(interval.seconds for interval in self.intervals),
            live_time=self.live_time,
            dead_time_note=self._dead_time_note(),
            pixels_note=self._pixels_note(),
            intervals=self.query.intervals,
            skipped=tuple(skipped),
            simulated=self._simulated,
            revolution=window.revolution,
            pointing=(window.ra, window.dec, window.ra_z, window.dec_z),
        )

    def _dead_time_note(self) -> str:
        if self._with_dead_time == len(self._identity):
            return "Live time is good time corrected for dead time."
        return (
            "The event files carry no dead time: live time is the sum of the good time "
            "intervals, and rates are lower than OSA's by its live fraction (0.67 to 0.78)."
        )

    def _pixels_note(self) -> str:
        low, high = min(self._pixels), max(self._pixels)
        used = f"{low}" if low == high else f"{low} to {high}"
        return (
            f"{used} of {isgri.WORKING_PIXELS} pixels used; left out are those that are silent "
            "and those most of whose events are flagged as noise."
        )
