"""The embedded backend: our own coded-mask engine over an archive."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any

from threadpoolctl import threadpool_limits

from oda_widgets.analysis.analysis import analysis_of
from oda_widgets.analysis.energies import CalibratedArchive
from oda_widgets.analysis.plan import Plan, plan_of
from oda_widgets.analysis.product import make_product, tasks_of
from oda_widgets.analysis.scheduler import scheduled
from oda_widgets.analysis.session import Session, WindowReader
from oda_widgets.archive.base import Archive
from oda_widgets.archive.select import select
from oda_widgets.backend.base import no_other_instrument, no_token_needed
from oda_widgets.instruments.isgri.energies.origin import EnergyChoice
from oda_widgets.products.answer import Product
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.progress import Monitor, Progress
from oda_widgets.workers.workers import Workers


class EmbeddedBackend:
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
        Which energies of the events are used.
    """

    at_once = 1  # one query keeps all processors busy

    def __init__(
        self,
        archive: Archive,
        store: Store,
        workers: Workers | None = None,
        energies: EnergyChoice = "auto",
    ) -> None:
        self._archive = CalibratedArchive(archive, energies)
        self._reader = WindowReader(self._archive)
        self._store = store
        self._workers = workers

    @property
    def name(self) -> str:
        """Name of the backend in a sentence."""
        return self._archive.name

    def science_windows(self, query: WindowQuery) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions."""
        return select(self._archive.science_windows(), query, self.name)

    def plan(self, query: Query) -> Plan:
        """Return what a query will cost."""
        tasks = tasks_of(analysis_of(query, self._archive))
        return plan_of(tasks, self._store, 1 if self._workers is None else self._workers.number)

    def run(self, query: Query, monitor: Monitor) -> Product:
        """Return the product of a query."""

        def waiting() -> None:
            monitor.report(Progress("waiting for another process that computes this"))

        # Our matrices are small: several BLAS threads wait for each other more than they work.
        with threadpool_limits(limits=1, user_api="blas"), ExitStack() as leaving:
            run = Run(self._store, waiting, monitor.warn)
            schedule = partial(scheduled, workers=self._workers, leaving=leaving)
            session = Session(self._reader, monitor, run, schedule)
            return make_product(analysis_of(query, self._archive), session)

    def use_token(self, token: str) -> None:
        """Refuse a token: there is no server."""
        del token
        raise no_token_needed(self.name)

    def instrument(self, name: str) -> Any:
        """Refuse: ISGRI is analysed by the methods of the site."""
        raise no_other_instrument(name, self.name)
