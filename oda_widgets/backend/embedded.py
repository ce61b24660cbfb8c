"""The embedded backend: our own coded-mask engine over an archive."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from threadpoolctl import threadpool_limits

from oda_widgets.analysis.answer import answer, work_of
from oda_widgets.analysis.plan import Plan, plan_of
from oda_widgets.analysis.question import Opened, WindowReader
from oda_widgets.analysis.scheduler import ahead
from oda_widgets.archive.base import Archive
from oda_widgets.archive.select import select
from oda_widgets.products.answer import Product
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.monitor import Monitor, Silent
from oda_widgets.workers.workers import Workers


class EmbeddedBackend:
    """Answers with the engine of this package.

    Parameters
    ----------
    archive
        Where the events come from.
    store
        Where results are kept.
    workers
        Who works on the windows of a question beside this process, if anybody.
    """

    def __init__(self, archive: Archive, store: Store, workers: Workers | None = None) -> None:
        self._reader = WindowReader(archive)
        self._store = store
        self._workers = workers

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return self._reader.archive.name

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        return select(self._reader.archive.science_windows(), query, self.name)

    def plan(self, query: Query) -> Plan:
        """Return what a question will cost."""
        work = work_of(query, self._opened(query, Silent(), ExitStack()))
        return plan_of(work, self._store, 1 if self._workers is None else self._workers.number)

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Answer a question."""
        # Our matrices are small: several BLAS threads wait for each other more than they work.
        with threadpool_limits(limits=1, user_api="blas"), ExitStack() as leaving:
            return answer(query, self._opened(query, monitor, leaving))

    def _opened(self, query: Query, monitor: Monitor, leaving: ExitStack) -> Opened:
        def waiting() -> None:
            monitor.step("another process computes this; waiting for it", 0.0, 1.0)

        run = Run(self._store, waiting, monitor.warn)
        at_hand = partial(ahead, workers=self._workers, leaving=leaving)
        return Opened(query, self._reader, monitor, run, at_hand)
