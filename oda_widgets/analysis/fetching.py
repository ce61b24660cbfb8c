"""A query to a mirror: its windows are fetched, and computed while others are on their way.

The node of a window is known when its file is, for the content of the file is a part of it. So
windows are computed as soon as they and their neighbours have arrived; the product then finds
their results in the store.
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

_GROUP = 8  # windows computed together: enough for all workers, few enough to begin early

MakeSession = Callable[[Monitor], Session]


def fetched(
    query: MirrorQuery, store: Store, monitor: Monitor, make_session: MakeSession
) -> CalibratedArchive:
    """Return the windows of a query as an archive; those that are missing are fetched.

    Parameters
    ----------
    query
        The query.
    store
        Where results go; while it stores nothing, nothing is computed before its turn.
    monitor
        Is told the progress.
    make_session
        Returns a session that computes windows and reports to a monitor.

    Raises
    ------
    ServiceError
        If the server is at fault that there are no windows.
    StoreError
        If what is fetched cannot be written.
    JobCancelled
        If the job was asked to stop; so do the transfers.
    """
    missing = query.to_fetch(query.known_tasks(), store)
    if not missing:
        return query.archive()
    query.mirror.cache.used(query.wanted.known.values())
    arrived = _Arrived(query, missing)
    limit = query.mirror.cache.limit
    ahead = limit // 2 if store.keeps_results and limit is not None else None
    with Fetcher(arrived.fetch, missing, ahead) as fetcher:
        telling = _Telling(monitor, fetcher, len(query.wanted.listed))
        for window, outcome in fetcher.arrivals(telling.tell):
            arrived.take(window, outcome)
            if store.keeps_results and (len(arrived.ready) >= _GROUP or fetcher.full):
                telling.computed += arrived.compute(make_session(telling))
                fetcher.release()
    return arrived.archive()


class _Arrived:
    """The windows of a query that have arrived, and which of them can be computed.

    Parameters
    ----------
    query
        The query.
    missing
        Those that are on their way.
    """

    def __init__(self, query: MirrorQuery, missing: Sequence[ScienceWindow]) -> None:
        self._query = query
        self._known = dict(query.wanted.known)
        self._refused = list(query.wanted.refused)
        self._errors: list[OdaError] = []
        self._needs = _needs(query.wanted.listed, {window.id[:12] for window in missing})
        self.ready = [stem for stem, needs in self._needs.items() if not needs]

    def archive(self) -> CalibratedArchive:
        """Return the windows that are there.

        Raises
        ------
        ServiceError
            If the server is at fault that there are none.
        """
        faults = [error for error in self._errors if isinstance(error, ServiceError)]
        if faults and not self._known:
            raise faults[0]
        return self._so_far()

    def fetch(self, identifier: str, watch: Watch) -> Record:
        """Fetch a window, with what calibrates it."""
        return self._query.mirror.fetch_all(identifier, watch)

    def take(self, window: ScienceWindow, outcome: Record | OdaError) -> None:
        """Take a window that has arrived, or the reason why it never will."""
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
        """Compute the windows that are ready and store the results; return how many there were.

        What fails fails again when its turn comes, and is reported then.
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
    """Return for each window which windows must arrive before it can be computed."""
    return {
        window.id[:12]: awaited.intersection(
            other.id[:12] for other in (window, *neighbours(windows, window))
        )
        for window in windows
    }


@dataclass
class _Telling:
    """A monitor that says how far both fetching and computing are."""

    monitor: Monitor
    fetcher: Fetcher
    total: int
    computed: int = 0

    def tell(self) -> None:
        """Report the traffic."""
        self.monitor.report(Progress(str(self.fetcher.traffic), self.computed, self.total))

    def report(self, progress: Progress) -> None:
        """Report the step that is computed, and the traffic beside it."""
        traffic = self.fetcher.traffic
        moving = "" if traffic.windows == traffic.total else f", {traffic}"
        done, step = self.computed + progress.done, f"{progress.step}{moving}"
        self.monitor.report(Progress(step, done, self.total, progress.science_window))

    def warn(self, text: str) -> None:
        """Pass a warning on."""
        self.monitor.warn(text)
