"""A query to a mirror: windows are computed while others are still being fetched.

The node of a window depends on the content of its file, so it is known only after the file has
arrived. Windows are computed as soon as they and their neighbours have arrived; the product then
finds their results in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from oda_widgets.analysis.analysis import analysis_of
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.mirror_plan import MirrorQuery
from oda_widgets.analysis.pixel_template import neighbours
from oda_widgets.analysis.product import tasks_of
from oda_widgets.analysis.session import Session
from oda_widgets.archive.mirror.cache import Record
from oda_widgets.archive.mirror.download import Watch
from oda_widgets.archive.mirror.fetcher import Fetcher
from oda_widgets.errors import BadParameter, DataError, OdaError, ServiceError
from oda_widgets.provenance.store import Store
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow
from oda_widgets.workers.progress import Monitor, Progress

_GROUP = 8  # windows computed together: enough for all workers, few enough to start early

MakeSession = Callable[[Monitor], Session]


def fetched(
    query: MirrorQuery, store: Store, monitor: Monitor, make_session: MakeSession
) -> CalibratedArchive:
    """Return the windows of a query as an archive, after fetching the missing ones.

    Parameters
    ----------
    store
        Store of the results; if it stores nothing, nothing is computed in advance.
    monitor
        Receives the progress.
    make_session
        Returns a session that computes windows and reports to a monitor.

    Raises
    ------
    ServiceError
        If no window arrived because of the server.
    StoreError
        If the fetched files cannot be written.
    JobCancelled
        If the job was cancelled; the transfers stop as well.
    """
    missing = query.to_fetch(query.known_tasks(), store)
    if not missing:
        return query.archive()
    query.mirror.cache.used(query.wanted.known.values())
    arrived = _Arrived(query, missing)
    limit = query.mirror.cache.limit
    ahead = limit // 2 if store.keeps_results and limit is not None else None
    with Fetcher(arrived.fetch, missing, ahead) as fetcher:
        relay = _TrafficMonitor(monitor, fetcher, len(query.wanted.listed))
        for window, outcome in fetcher.arrivals(relay.report_traffic):
            arrived.take(window, outcome)
            if store.keeps_results and (len(arrived.ready) >= _GROUP or fetcher.full):
                relay.computed += arrived.compute(make_session(relay))
                fetcher.release()
    return arrived.archive()


class _Arrived:
    """The windows of a query that have arrived, and those ready to be computed.

    Parameters
    ----------
    missing
        Windows being fetched.
    """

    def __init__(self, query: MirrorQuery, missing: Sequence[ScienceWindow]) -> None:
        self._query = query
        self._known = dict(query.wanted.known)
        self._refused = list(query.wanted.refused)
        self._errors: list[OdaError] = []
        self._needs = _needs(query.wanted.listed, {window.id[:12] for window in missing})
        self.ready = [stem for stem, needs in self._needs.items() if not needs]

    def archive(self) -> CalibratedArchive:
        """Return the windows that have arrived.

        Raises
        ------
        ServiceError
            If none arrived because of the server.
        """
        faults = [error for error in self._errors if isinstance(error, ServiceError)]
        if faults and not self._known:
            raise faults[0]
        return self._so_far()

    def fetch(self, identifier: str, watch: Watch) -> Record:
        """Fetch a window with its calibration files."""
        return self._query.mirror.fetch_all(identifier, watch)

    def take(self, window: ScienceWindow, outcome: Record | OdaError) -> None:
        """Take a window that has arrived, or the error that prevented it."""
        stem = window.id[:12]
        if isinstance(outcome, Record):
            self._known[stem] = outcome
        else:
            self._known.pop(stem, None)
            self._errors.append(outcome)
            self._refused.append(SkippedWindow(window.id, outcome.problem))
        for other, needs in self._needs.items():
            if stem in needs:
                needs.discard(stem)
                if not needs:
                    self.ready.append(other)

    def compute(self, session: Session) -> int:
        """Compute the windows that are ready, store the results, and return their number.

        A window that fails will fail again in its turn, and is reported then.
        """
        ready, self.ready = self.ready, []
        records = (self._known.get(stem) for stem in ready)
        names = tuple(r.window.id for r in records if r is not None and not r.problem)
        if not names:
            return len(ready)
        query = replace(self._query.query, science_windows=names)
        with suppress(DataError, BadParameter):
            analysis = analysis_of(query, self._so_far())
            tasks = tasks_of(analysis).windows
            for _, task in session.schedule(session, analysis.windows, tasks):
                with suppress(DataError):
                    session.result(task)
        return len(ready)

    def _so_far(self) -> CalibratedArchive:
        wanted = replace(self._query.wanted, known=dict(self._known), refused=tuple(self._refused))
        return self._query.archive(wanted)


def _needs(windows: Sequence[ScienceWindow], awaited: set[str]) -> dict[str, set[str]]:
    """Return, for each window, the windows that must arrive before it can be computed."""
    return {
        window.id[:12]: awaited.intersection(
            other.id[:12] for other in (window, *neighbours(windows, window))
        )
        for window in windows
    }


@dataclass
class _TrafficMonitor:
    """A monitor that reports the progress of both fetching and computing."""

    monitor: Monitor
    fetcher: Fetcher
    total: int
    computed: int = 0

    def report_traffic(self) -> None:
        """Report the traffic."""
        self.monitor.report(Progress(str(self.fetcher.traffic), self.computed, self.total))

    def report(self, progress: Progress) -> None:
        """Report the current step and the traffic."""
        traffic = self.fetcher.traffic
        moving = "" if traffic.windows == traffic.total else f", {traffic}"
        done, step = self.computed + progress.done, f"{progress.step}{moving}"
        self.monitor.report(Progress(step, done, self.total, progress.science_window))

    def warn(self, text: str) -> None:
        """Pass a warning on."""
        self.monitor.warn(text)
