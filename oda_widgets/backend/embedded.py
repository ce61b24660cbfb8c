"""The embedded backend: our own coded-mask engine over an archive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from threadpoolctl import threadpool_limits

from oda_widgets.analysis.analysis import analysis_of
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.fetching import fetched
from oda_widgets.analysis.garbage import uncollected
from oda_widgets.analysis.makers import maker_of
from oda_widgets.analysis.mirror_plan import mirror_query, plan_with_fetching
from oda_widgets.analysis.plan import Plan, Tasks, plan_of
from oda_widgets.analysis.product import make_product, tasks_of
from oda_widgets.analysis.scheduler import scheduled
from oda_widgets.analysis.session import Session, WindowReader
from oda_widgets.analysis.shield_light_curve import (
    shield_light_curves,
    shield_tasks,
    times_of,
)
from oda_widgets.archive.base import Archive
from oda_widgets.archive.jemx_events import check_can_be_read, is_jemx
from oda_widgets.archive.mirror.archive import MirrorArchive
from oda_widgets.archive.named import named
from oda_widgets.archive.select import find, select
from oda_widgets.archive.shield.open import shield_of
from oda_widgets.archive.shield.service import SERVICE
from oda_widgets.backend.base import WithoutServer
from oda_widgets.instruments.isgri.energies.origin import EnergyChoice
from oda_widgets.products.answer import Product
from oda_widgets.products.shield import SHIELD
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from oda_widgets.request.python_call import connection
from oda_widgets.request.queries import LightCurveQuery, Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.memory import check_memory
from oda_widgets.workers.progress import Monitor, Progress
from oda_widgets.workers.workers import Workers

_LEAST_MEMORY = 200 << 20  # bytes that one science window takes beyond those of the imports


class EmbeddedBackend(WithoutServer):
    """Analyses events with the engine of this package.

    Parameters
    ----------
    archive
        Where the events come from.
    store
        Where results are kept.
    workers
        Compute the windows of a query; None for this process alone.
    energies
        Choice of energies by the user.
    shield_service
        Address of the service that has the counts of SPI-ACS; empty for that of MMODA.
    online
        Whether it may be asked.
    """

    at_once = 1  # one query keeps all processors busy

    def __init__(
        self,
        archive: Archive,
        store: Store,
        workers: Workers | None = None,
        energies: EnergyChoice = "auto",
        *,
        shield_service: str = "",
        online: bool = True,
    ) -> None:
        self._archive = CalibratedArchive(archive, energies)
        self._reader = WindowReader(self._archive)
        self._store = store
        self._workers = workers
        self._shield_service = shield_service or SERVICE
        self._online = online

    @property
    def name(self) -> str:
        """Name of the backend in a sentence."""
        return self._archive.name

    @property
    def connection(self) -> str:
        """Python that connects to the archive again."""
        return connection(archive=self._archive.address, energies=self._archive.energies)

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        with uncollected():
            return select(self._archive.science_windows(), query, self.name)

    def named_windows(self, identifiers: tuple[str, ...]) -> ScienceWindowList:
        """Return the science windows of some identifiers, without those the archive has not."""
        return named(self._archive.science_windows(), identifiers, self.name)

    def plan(self, query: Query) -> Plan:
        """Return the expected cost of a query, and the files to fetch for it."""
        if isinstance(query, LightCurveQuery) and query.instrument == SHIELD:
            plan = plan_of(self._shield_tasks(query), self._store)
            return replace(plan, instead="interval")
        self._check(query)
        workers = 1 if self._workers is None else self._workers.number
        archive, energies = self._archive.archive, self._archive.energies
        if isinstance(archive, MirrorArchive):
            asked = mirror_query(query, archive, energies)
            return plan_with_fetching(asked, self._store, workers)
        with uncollected():
            return plan_of(tasks_of(analysis_of(query, self._archive)), self._store, workers)

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Return the product of a query."""

        def waiting() -> None:
            monitor.report(Progress("waiting for another process that computes this"))

        if isinstance(query, LightCurveQuery) and query.instrument == SHIELD:
            monitor.report(Progress("counts of SPI-ACS"))
            run, tasks = Run(self._store, waiting, monitor.warn), self._shield_tasks(query)
            return shield_light_curves(query, tasks, run, self._archive.archive, monitor.warn)
        self._check(query)
        check_memory(_LEAST_MEMORY)

        # Our matrices are small: several BLAS threads wait for each other more than they work.
        with threadpool_limits(limits=1, user_api="blas"), ExitStack() as leaving:

            def make_session(monitor: Monitor) -> Session:
                run = Run(self._store, waiting, monitor.warn)
                schedule = partial(scheduled, workers=self._workers, leaving=leaving)
                return Session(self._reader, monitor, run, schedule)

            archive = self._fetched(query, monitor, make_session)
            return make_product(analysis_of(query, archive), make_session(monitor))

    def _check(self, query: Query) -> None:
        """Check that the engine makes the product, before files are fetched for it."""
        maker_of(query)
        if is_jemx(query.instrument):
            windows = find(self._archive.science_windows(), query.science_windows, self.name)
            check_can_be_read(self._archive.archive, windows, query.instrument)

    def _shield_tasks(self, query: LightCurveQuery) -> Tasks:
        """Return the tasks of a light curve of SPI-ACS, which need no science windows."""
        asked = query.science_windows
        windows = find(self._archive.science_windows(), asked, self.name).windows if asked else ()
        shield = shield_of(self._archive.archive, self._shield_service, online=self._online)
        return shield_tasks(times_of(query, windows), shield, query.time_bin)

    def _fetched(
        self, query: Query, monitor: Monitor, make_session: Callable[[Monitor], Session]
    ) -> CalibratedArchive:
        """Return the archive of a query, with the files it needs fetched from a mirror."""
        archive, energies = self._archive.archive, self._archive.energies
        if not isinstance(archive, MirrorArchive):
            return self._archive
        asked = mirror_query(query, archive, energies)
        return fetched(asked, self._store, monitor, make_session)
