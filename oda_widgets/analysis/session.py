"""The session of a query: the archive, results and monitor used by the functions of tasks.

A session passes on events and results unchanged. It affects no number, so it is not part of the
versions of steps: their modules import only its type.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from oda_widgets.analysis.analysis import QueryWindow, node_of_events
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.archive.jemx_events import jemx_events_of
from oda_widgets.errors import ArchiveError
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.window_counts import WindowCounts
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.run import Run
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.workers.progress import Monitor, Progress


@dataclass
class WindowReader:
    """Reads science windows and keeps the last few in memory.

    Parameters
    ----------
    most
        Number of windows in memory, about 35 MB each: brushing a light curve reads one repeatedly.
    """

    archive: CalibratedArchive
    most: int = 3
    _events: OrderedDict[str, WindowEvents] = field(default_factory=OrderedDict)

    def events(
        self,
        window: ScienceWindow,
        node: Node,
        instrument: str = "isgri",
        counts: WindowCounts | None = None,
    ) -> WindowEvents:
        """Return the usable events of a window; see `Session.events`."""
        # Threads may read at the same time: each line leaves the dictionary consistent.
        events = self._events.pop(node.id, None) or self._read(window, node, instrument, counts)
        self._events[node.id] = events
        while len(self._events) > self.most:
            self._events.popitem(last=False)
        return events

    def _read(
        self, window: ScienceWindow, node: Node, instrument: str, counts: WindowCounts | None
    ) -> WindowEvents:
        """Return the events in the files of a window, if the files have not changed.

        Results and failures are stored under the node: if the files were replaced after the query
        was planned, they would belong to other data.
        """
        try:
            if instrument == "isgri":
                return self.archive.events(window.id, counts)
            return jemx_events_of(self.archive.archive, window.id, instrument)
        finally:
            if node_of_events(self.archive, window, instrument) != node:
                problem = f"The files of science window {window.id} changed during the query."
                raise ArchiveError(problem, "Ask again when they are complete.")


Pairs = Iterator[tuple[QueryWindow, Task]]
Schedule = Callable[["Session", Sequence[QueryWindow], Sequence[Task]], Pairs]


def one_by_one(session: Session, windows: Sequence[QueryWindow], tasks: Sequence[Task]) -> Pairs:
    """Iterate over windows and their tasks; each is computed when its result is requested."""
    for window, task in zip(windows, tasks, strict=True):
        session.report("next science window", window, 0.0)
        yield window, task


@dataclass(frozen=True)
class Session:
    """The archive, results and monitor used by the functions of tasks.

    Parameters
    ----------
    monitor
        Receives the progress.
    run
        Gives the results of other tasks.
    schedule
        Iterates over windows and their tasks so that each result is ready in its turn (see
        `oda_widgets.analysis.scheduler`); by default one after the other.
    span
        The part of the job that this pass over the windows takes, from and to, each 0 to 1; a job
        may go through its windows more than once.
    """

    reader: WindowReader
    monitor: Monitor
    run: Run
    schedule: Schedule = one_by_one
    span: tuple[float, float] = (0.0, 1.0)

    def events(
        self,
        window: ScienceWindow,
        node: Node,
        instrument: str = "isgri",
        counts: WindowCounts | None = None,
    ) -> WindowEvents:
        """Return the usable events of a science window.

        Parameters
        ----------
        window
            Its entry in the index of the archive.
        node
            The node of its events; files that changed since are refused.
        instrument
            Instrument that recorded the events.
        counts
            The counts of the window, if there are any: its sensitivity is taken from them.

        Raises
        ------
        ArchiveError
            If its files may not be read, or changed since the node was made.
        DamagedFile
            If they are truncated, foreign or inconsistent.
        """
        return self.reader.events(window, node, instrument, counts)

    def result(self, task: Task) -> Payload:
        """Return the result of a task, computing it only if the store does not have it.

        Raises
        ------
        DataError
            If the task failed, now or before.
        """
        return self.run.result(task, self)

    def report(self, step: str, window: QueryWindow, part: float, identifier: str = "") -> None:
        """Report the current step.

        Parameters
        ----------
        part
            Fraction of this window that is done, 0 to 1.
        identifier
            The window being processed, if it is another.
        """
        done = window.index + part
        self.report_windows(Progress(step, done, window.number, identifier or window.id))

    def report_windows(self, progress: Progress) -> None:
        """Report the number of windows done, scaled to the span of the job."""
        begin, end = self.span
        done = begin * progress.total + (end - begin) * progress.done
        self.monitor.report(replace(progress, done=done))
