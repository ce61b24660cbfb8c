"""Opening the science windows of a question, one after the other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from oda_widgets.archive.base import Archive, WindowEvents
from oda_widgets.archive.select import find
from oda_widgets.backend.base import Monitor
from oda_widgets.errors import BadParameter, DamagedFile, DataError
from oda_widgets.products.observation import SkippedWindow
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval, intersect, isot_utc

_KEPT = 3  # windows in memory, some 35 MB each: brushing a light curve asks for the same again


@dataclass
class WindowReader:
    """Reads science windows, and remembers the last few."""

    archive: Archive
    _events: OrderedDict[str, WindowEvents] = field(default_factory=OrderedDict)

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of a window."""
        if identifier not in self._events:
            self._events[identifier] = self.archive.events(identifier)
            while len(self._events) > _KEPT:
                self._events.popitem(last=False)
        self._events.move_to_end(identifier)
        return self._events[identifier]


@dataclass(frozen=True)
class Place:
    """Which window of how many."""

    position: int
    number: int


@dataclass
class Opened:
    """The windows of a question as far as they could be opened.

    Parameters
    ----------
    query
        The question.
    reader
        Where the events come from.
    monitor
        Who wants to know.
    skipped
        Windows that could not be used, filled as they are met.
    """

    query: Query
    reader: WindowReader
    monitor: Monitor
    skipped: list[SkippedWindow] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[Place, WindowEvents, tuple[TimeInterval, ...]]]:
        """Iterate over the windows, with their events and the good time that is asked for.

        Raises
        ------
        DamagedFile
            If no window can be read.
        BadParameter
            If no window has good time in the intervals asked for.
        """
        identifiers = self._identifiers()
        used: list[ScienceWindow] = []
        for position, identifier in enumerate(identifiers):
            place = Place(position, len(identifiers))
            self.tell(f"reading {identifier}", place, 0.0)
            events = self._read(identifier)
            if events is None:
                continue
            intervals = self._intervals(events)
            if intervals:
                used.append(events.window)
                yield place, events, intervals
        if not used:
            raise self._nothing_left()
        self._tell_mixed(used)

    def tell(self, step: str, place: Place, part: float) -> None:
        """Say what begins now; `part` is the part of this window that is done."""
        self.monitor.step(step, place.position + part, place.number)

    def tell_unseen(self, names: Iterable[str]) -> None:
        """Warn that sources were asked for that no window sees."""
        for name in names:
            self.monitor.warn(f"{name} is left out: no science window has it in its field of view.")

    def _identifiers(self) -> tuple[str, ...]:
        """Return the identifiers that the archive can open; the damaged ones are skipped."""
        damaged = {w.id: w for w in self.reader.archive.unusable_windows()}
        stems = {identifier[:12]: identifier for identifier in damaged}
        wanted = []
        for identifier in self.query.science_windows:
            found = stems.get(identifier[:12]) if identifier not in damaged else identifier
            if found is None:
                wanted.append(identifier)
            else:
                self._skip(found, damaged[found].reason)
        if not wanted:
            return ()
        return find(self.reader.archive.science_windows(), wanted, self.reader.archive.name).ids

    def _tell_mixed(self, used: Sequence[ScienceWindow]) -> None:
        simulated = sum(window.simulated for window in used)
        if 0 < simulated < len(used):
            self.monitor.warn(
                f"{simulated} of {len(used)} science windows are simulated and the others real: "
                "the product mixes them and is labelled as simulated."
            )

    def _read(self, identifier: str) -> WindowEvents | None:
        try:
            return self.reader.events(identifier)
        except DataError as error:
            if len(self.query.science_windows) == 1:
                raise
            self._skip(identifier, error.problem)
            return None

    def _skip(self, identifier: str, reason: str) -> None:
        self.skipped.append(SkippedWindow(identifier, reason))
        self.monitor.warn(f"Science window {identifier} was skipped: {reason}")

    def _intervals(self, events: WindowEvents) -> tuple[TimeInterval, ...]:
        if not self.query.intervals:
            return events.good_time
        return intersect(events.good_time, self.query.intervals)

    def _nothing_left(self) -> BadParameter | DamagedFile:
        """Return the error for a question of which no window could be used."""
        if len(self.skipped) == len(self.query.science_windows):
            problem = f"None of the science windows can be used; {self.skipped[0].reason}"
            return DamagedFile(problem, "Choose others, or repair the files.")
        windows = find(self.reader.archive.science_windows(), self._identifiers())
        first, last = windows[0], windows[-1]
        given = _as_dates(self.query.intervals)
        limit = "outside the good time of the science windows"
        advice = (
            f"They cover {isot_utc(first.start)} to {isot_utc(last.stop)} UTC"
            f" (IJD {first.start:.5f} to {last.stop:.5f})."
        )
        return BadParameter("intervals", given, limit, advice)


def _as_dates(intervals: Sequence[TimeInterval]) -> list[tuple[str, str]]:
    return [(isot_utc(interval.start), isot_utc(interval.stop)) for interval in intervals]
