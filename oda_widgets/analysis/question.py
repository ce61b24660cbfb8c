"""The science windows of a question: which they are, and opening them one after the other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from oda_widgets.analysis.exposure import WindowAccount, accounts_of, observation, skipped_of
from oda_widgets.analysis.graph import events_node
from oda_widgets.archive.base import Archive
from oda_widgets.archive.select import find
from oda_widgets.errors import BadParameter, DamagedFile, DataError, EmptySelection
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.run import Run
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow
from oda_widgets.request.timespan import TimeInterval, intersect, isot_utc
from oda_widgets.workers.monitor import Monitor


@dataclass
class WindowReader:
    """Reads science windows, and remembers the last few.

    Parameters
    ----------
    archive
        Where they are.
    kept
        How many are kept in memory, some 35 MB each: brushing a light curve asks for the same
        again.
    """

    archive: Archive
    kept: int = 3
    _events: OrderedDict[str, WindowEvents] = field(default_factory=OrderedDict)

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of a window."""
        # Threads may read at once: each step leaves a whole.
        events = self._events.pop(identifier, None) or self.archive.events(identifier)
        self._events[identifier] = events
        while len(self._events) > self.kept:
            self._events.popitem(last=False)
        return events


@dataclass(frozen=True)
class Place:
    """Which window of how many."""

    position: int
    number: int


@dataclass(frozen=True)
class AskedWindow:
    """A science window as a question asks for it, before anything of it is read.

    Parameters
    ----------
    window
        What the index knows.
    place
        Which of how many.
    restriction
        The part of its time that is asked for; empty for all of it.
    events
        The node of its events.
    """

    window: ScienceWindow
    place: Place
    restriction: tuple[TimeInterval, ...]
    events: Node

    @property
    def asked_time(self) -> tuple[TimeInterval, ...]:
        """The part of its time that is asked for."""
        return self.restriction or (TimeInterval(self.window.start, self.window.stop),)


Ahead = Callable[["Opened", Sequence[Task]], Iterator[tuple[AskedWindow, Task]]]


def one_by_one(opened: Opened, tasks: Sequence[Task]) -> Iterator[tuple[AskedWindow, Task]]:
    """Iterate over windows and their tasks, nobody working ahead."""
    for asked, task in zip(opened.windows, tasks, strict=True):
        opened.tell(f"science window {asked.window.id}", asked.place, 0.0)
        yield asked, task


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
    run
        Where results come from.
    ahead
        Iterates over the windows and their tasks, so that results are at hand (see
        `oda_widgets.analysis.scheduler`); by default one after the other.
    skipped
        Windows whose files are known to be unusable.
    """

    query: Query
    reader: WindowReader
    monitor: Monitor
    run: Run
    ahead: Ahead = one_by_one
    skipped: list[SkippedWindow] = field(default_factory=list)

    def __getstate__(self) -> dict[str, object]:
        """Travel to a worker with the question alone; the worker has its own of all else."""
        return {"query": self.query}

    def at_work(self, reader: WindowReader, monitor: Monitor, run: Run) -> None:
        """Take the place of what did not travel."""
        self.reader, self.monitor, self.run = reader, monitor, run

    @cached_property
    def windows(self) -> tuple[AskedWindow, ...]:
        """The windows that have time in the intervals asked for, in order of time.

        Raises
        ------
        DamagedFile
            If no window can be used.
        BadParameter
            If none has time in the intervals asked for.
        """
        found = [(window, self._restriction(window)) for window in self._usable()]
        inside = [(window, restriction) for window, restriction in found if restriction is not None]
        if not inside:
            raise self._nothing_left(())
        return tuple(
            AskedWindow(window, Place(position, len(inside)), restriction, self.events_node(window))
            for position, (window, restriction) in enumerate(inside)
        )

    @cached_property
    def archive_windows(self) -> tuple[ScienceWindow, ...]:
        """All windows of the archive, which may be a folder to look through."""
        return self.reader.archive.science_windows()

    def events_node(self, window: ScienceWindow) -> Node:
        """Return the node of the events of a window.

        Raises
        ------
        ArchiveError
            If the archive cannot say what it holds.
        """
        archive = self.reader.archive
        return events_node(window, archive.content(window.id), archive.version(window.id))

    def read(self, asked: AskedWindow) -> tuple[WindowEvents, tuple[TimeInterval, ...]]:
        """Return the events of a window and the good time that is asked for.

        Raises
        ------
        EmptySelection
            If it has no good time there.
        """
        self.tell(f"reading {asked.window.id}", asked.place, 0.0)
        events = self.reader.events(asked.window.id)
        intervals = events.good_time
        if asked.restriction:
            intervals = intersect(events.good_time, asked.restriction)
        if not intervals:
            problem = f"Science window {asked.window.id} has no good time in the intervals."
            raise EmptySelection(problem, "Change the intervals, or leave the window out.")
        return events, intervals

    def whole(self, task: Task) -> Payload:
        """Return the result of the last task of a question, which may be that of a window.

        Raises
        ------
        DamagedFile
            If no window can be used.
        BadParameter
            If none has good time in the intervals asked for.
        """
        try:
            return self.run.result(task)
        except EmptySelection:
            raise self._nothing_left(()) from None
        except DataError as error:
            if len(self.query.science_windows) == 1 or len(self.windows) > 1:
                raise
            skipped = SkippedWindow(self.windows[0].window.id, error.problem)
            raise self._nothing_left([skipped]) from None

    def parts(self, tasks: Sequence[Task], skipped: list[SkippedWindow]) -> Iterator[Payload]:
        """Iterate over the results of the windows that have one.

        Parameters
        ----------
        tasks
            One per window.
        skipped
            Filled with the windows that could not be used.

        Raises
        ------
        DamagedFile
            If no window can be used.
        BadParameter
            If none has good time in the intervals asked for.
        """
        used = 0
        for asked, task in self.ahead(self, tasks):
            try:
                part = self.run.result(task)
            except EmptySelection:
                continue
            except DataError as error:
                if len(self.query.science_windows) == 1:
                    raise
                skipped.append(SkippedWindow(asked.window.id, error.problem))
                continue
            used += 1
            yield part
        if not used:
            raise self._nothing_left(skipped)

    def observation(self, result: Payload) -> Observation:
        """Return what was observed for the result of a question; tell what was skipped."""
        skipped = (*self.skipped, *skipped_of(result.facts))
        for window in skipped:
            self.monitor.warn(f"Science window {window.id} was skipped: {window.reason}")
        accounts = accounts_of(result.facts)
        self._tell_mixed(accounts)
        return observation(self.query, accounts, skipped)

    def tell(self, step: str, place: Place, part: float) -> None:
        """Say what begins now; `part` is the part of this window that is done."""
        self.monitor.step(step, place.position + part, place.number)

    def tell_unseen(self, names: Iterable[str]) -> None:
        """Warn that sources were asked for that no window sees."""
        for name in names:
            self.monitor.warn(f"{name} is left out: no science window has it in its field of view.")

    def _usable(self) -> tuple[ScienceWindow, ...]:
        """Return the windows that the archive can open; the damaged ones are skipped."""
        archive = self.reader.archive
        present = self.archive_windows
        damaged = {window.id: window for window in archive.unusable_windows()}
        stems = {identifier[:12]: identifier for identifier in damaged}
        wanted = []
        for identifier in self.query.science_windows:
            found = stems.get(identifier[:12]) if identifier not in damaged else identifier
            if found is None:
                wanted.append(identifier)
            else:
                self.skipped.append(damaged[found])
        if not wanted:
            return ()
        return find(present, wanted, archive.name).windows

    def _tell_mixed(self, accounts: Sequence[WindowAccount]) -> None:
        simulated = sum(account.window.simulated for account in accounts)
        if 0 < simulated < len(accounts):
            self.monitor.warn(
                f"{simulated} of {len(accounts)} science windows are simulated and the others "
                "real: the product mixes them and is labelled as simulated."
            )

    def _restriction(self, window: ScienceWindow) -> tuple[TimeInterval, ...] | None:
        """Return the part of a window that is asked for: empty for all, None for nothing."""
        whole = (TimeInterval(window.start, window.stop),)
        asked = intersect(whole, self.query.intervals) if self.query.intervals else whole
        if asked == whole:
            return ()
        return asked or None

    def _nothing_left(self, skipped: Sequence[SkippedWindow]) -> BadParameter | DamagedFile:
        """Return the error for a question of which no window could be used."""
        unusable = [*self.skipped, *skipped]
        if len(unusable) == len(self.query.science_windows):
            problem = f"None of the science windows can be used; {unusable[0].reason}"
            return DamagedFile(problem, "Choose others, or repair the files.")
        names = {window.id for window in unusable}
        wanted = find(self.archive_windows, set(self.query.science_windows) - names)
        first, last = wanted[0], wanted[-1]
        given = _as_dates(self.query.intervals)
        limit = "outside the good time of the science windows"
        advice = (
            f"They cover {isot_utc(first.start)} to {isot_utc(last.stop)} UTC"
            f" (IJD {first.start:.5f} to {last.stop:.5f})."
        )
        return BadParameter("intervals", given, limit, advice)


def _as_dates(intervals: Sequence[TimeInterval]) -> list[tuple[str, str]]:
    return [(isot_utc(interval.start), isot_utc(interval.stop)) for interval in intervals]
