"""The embedded backend: our own coded-mask engine over an archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from oda_widgets.analysis.analysis import Analysis, analysis_of
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.fetching import fetched
from oda_widgets.analysis.garbage import uncollected
from oda_widgets.analysis.makers import maker_of
from oda_widgets.analysis.mirror_plan import mirror_query, plan_with_fetching
from oda_widgets.analysis.plan import Plan, plan_of
from oda_widgets.analysis.product import make_product, tasks_of
from oda_widgets.analysis.scheduler import scheduled
from oda_widgets.analysis.session import Session, WindowReader
from oda_widgets.analysis.shield_light_curve import (
    are_simulated,
    shield_light_curves,
    shield_tasks,
    times_of,
)
from oda_widgets.analysis.survey import Grown, Survey, survey
from oda_widgets.analysis.survey_plan import survey_plan
from oda_widgets.analysis.survey_sums import SurveySums
from oda_widgets.archive.base import Archive
from oda_widgets.archive.jemx_events import check_can_be_read, is_jemx
from oda_widgets.archive.mirror.archive import MirrorArchive
from oda_widgets.archive.named import named
from oda_widgets.archive.select import find, select
from oda_widgets.archive.shield.base import ShieldArchive
from oda_widgets.archive.shield.open import shield_of
from oda_widgets.archive.shield.service import SERVICE
from oda_widgets.backend.base import WithoutServer
from oda_widgets.instruments.isgri.energies.origin import EnergyChoice
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.answer import Product
from oda_widgets.products.shield import SHIELD
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.python_call import connection
from oda_widgets.request.queries import MOST_WINDOWS, ImageQuery, LightCurveQuery, Query
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.timespan import TimeInterval
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.memory import check_memory
from oda_widgets.workers.progress import Monitor, Progress
from oda_widgets.workers.workers import Workers

_LEAST_MEMORY = 200 << 20  # bytes for one science window, without imports


class EmbeddedBackend(WithoutServer):
    """Analyses events with the engine of this package.

    Parameters
    ----------
    archive
        Where the events come from.
    store
        Where results are kept.
    workers
        Workers that compute windows; None for this process alone.
    energies
        Choice of energies by the user.
    shield_service
        Address of the service for counts of SPI-ACS; empty for that of MMODA.
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
            present = self._archive.science_windows()  # reads the files before the next line
            return select(present, query, self.name, self._archive.unusable_windows())

    def named_windows(self, identifiers: tuple[str, ...]) -> ScienceWindowList:
        """Return the science windows with given identifiers, without missing ones."""
        return named(self._archive.science_windows(), identifiers, self.name)

    def plan(self, query: Query) -> Plan:
        """Return the expected cost of a query, and the files to fetch for it."""
        if isinstance(query, LightCurveQuery) and query.instrument == SHIELD:
            times, shield = self._shield_times(query), self._shield()
            plan = plan_of(shield_tasks(times, shield, query.time_bin), self._store)
            return replace(plan, instead="interval", simulated=are_simulated(times, shield))
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
        if isinstance(query, LightCurveQuery) and query.instrument == SHIELD:
            monitor.report(Progress("counts of SPI-ACS"))
            tasks = shield_tasks(self._shield_times(query), self._shield(), query.time_bin)
            run = self._run_of(monitor)
            return shield_light_curves(query, tasks, run, self._archive.archive, monitor.warn)
        self._check(query)
        check_memory(_LEAST_MEMORY)
        with self._sessions() as make_session:
            archive = self._fetched(query, monitor, make_session)
            return make_product(analysis_of(query, archive), make_session(monitor))

    def surveyed(
        self, energy: EnergyBand, wanted: WindowQuery | tuple[str, ...], nside: int
    ) -> Survey:
        """Return the survey of windows that satisfy conditions, or of named ones.

        Raises
        ------
        EmptySelection
            If none satisfies the conditions.
        ArchiveError
            If the archive lacks a named one.
        """
        present = self._archive.science_windows()  # reads the files before the next line
        damaged = self._archive.unusable_windows()
        if isinstance(wanted, WindowQuery):
            windows: Sequence[ScienceWindow] = self.science_windows(wanted)
            # The time of a damaged window is unknown.
            restricted = wanted != WindowQuery(seed=wanted.seed)
            unusable = () if restricted else damaged
        else:
            stems = {identifier[:12] for identifier in wanted}
            unusable = tuple(window for window in damaged if window.id[:12] in stems)
            stems -= {window.id[:12] for window in unusable}
            usable = [identifier for identifier in wanted if identifier[:12] in stems]
            windows = find(present, usable, self.name) if usable else ()
        address, energies = self._archive.address, self._archive.energies
        there = frozenset(window.id for window in present)
        # The files of a mirror do not change, and those of added windows need not be here any more.
        is_mirror = isinstance(self._archive.archive, MirrorArchive)
        events_of = None if is_mirror else (lambda window: self._archive.node(window).id)
        return Survey(energy, tuple(windows), nside, address, energies, unusable, there, events_of)

    def survey(
        self,
        query: Survey,
        folder: Path,
        monitor: Monitor,
        *,
        resume: bool,
        grown: Grown | None,
    ) -> AllSky:
        """Return the all-sky map of a survey (see `oda_widgets.analysis.survey`)."""
        check_memory(_LEAST_MEMORY)
        with self._sessions() as make_session:

            def opened(part: ImageQuery, monitor: Monitor) -> tuple[Analysis, Session]:
                with uncollected():
                    archive = self._fetched(part, monitor, make_session)
                    return analysis_of(part, archive), make_session(monitor)

            return survey(query, folder, opened, monitor, resume=resume, grown=grown)

    def plan_of_survey(self, query: Survey, folder: Path) -> Plan:
        """Return the expected cost of adding the missing windows of a survey to its folder."""
        added = set(SurveySums.windows_in(query.file_in(folder)))
        left = [window for window in query.windows if window.id not in added]

        def image_of(some: Sequence[ScienceWindow]) -> ImageQuery:
            names = tuple(window.id for window in some)
            return ImageQuery(science_windows=names, energy=query.energy)

        if left and isinstance(self._archive.archive, MirrorArchive):
            return self.plan(image_of(left[:MOST_WINDOWS]))  # fetching takes longest
        with uncollected():
            return survey_plan(
                query.energy,
                left,
                len(query.windows) - len(left),
                lambda some: analysis_of(image_of(some), self._archive),
                self._store,
                1 if self._workers is None else self._workers.number,
            )

    @contextmanager
    def _sessions(self) -> Iterator[Callable[[Monitor], Session]]:
        """Yield the maker of sessions of a query; none of their tasks outlives the context."""
        # For our small matrices BLAS threads would mostly wait for each other.
        with threadpool_limits(limits=1, user_api="blas"), ExitStack() as leaving:

            def make_session(monitor: Monitor) -> Session:
                schedule = partial(scheduled, workers=self._workers, leaving=leaving)
                return Session(self._reader, monitor, self._run_of(monitor), schedule)

            yield make_session

    def _run_of(self, monitor: Monitor) -> Run:
        def waiting() -> None:
            monitor.report(Progress("waiting for another process that computes this"))

        return Run(self._store, waiting, monitor.warn)

    def _check(self, query: Query) -> None:
        """Check that the engine can make the product, before files are fetched."""
        maker_of(query)
        if is_jemx(query.instrument):
            windows = find(self._archive.science_windows(), query.science_windows, self.name)
            check_can_be_read(self._archive.archive, windows, query.instrument)

    def _shield(self) -> ShieldArchive:
        """Return the archive of the counts of SPI-ACS."""
        return shield_of(self._archive.archive, self._shield_service, online=self._online)

    def _shield_times(self, query: LightCurveQuery) -> tuple[TimeInterval, ...]:
        """Return the times of a light curve of SPI-ACS, which needs no science windows."""
        asked = query.science_windows
        windows = find(self._archive.science_windows(), asked, self.name).windows if asked else ()
        return times_of(query, windows)

    def _fetched(
        self, query: Query, monitor: Monitor, make_session: Callable[[Monitor], Session]
    ) -> CalibratedArchive:
        """Return the archive of a query, after fetching needed files from a mirror."""
        archive, energies = self._archive.archive, self._archive.energies
        if not isinstance(archive, MirrorArchive):
            return self._archive
        asked = mirror_query(query, archive, energies)
        return fetched(asked, self._store, monitor, make_session)
