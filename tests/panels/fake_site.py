"""A site that answers at once with hand-made products, through the interface of the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.job import JobStatus
from oda_widgets.errors import BadParameter, JobCancelled, OdaError, UnknownSource
from oda_widgets.products.by_source import BySource
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.workers.progress import Progress
from tests.views import handmade


class FakeJob:
    """A job whose steps the test takes one by one."""

    def __init__(self, query: Query, answer: Callable[[], Any]) -> None:
        self.query = query
        self.status = JobStatus.QUEUED
        self.progress = Progress("", 0, 1)
        self.error: OdaError | None = None
        self.warnings: tuple[str, ...] = ()
        self.elapsed = 0.0
        self._answer = answer
        self._product: Any = None
        self._listeners: list[Callable[[Any], None]] = []

    @property
    def listened(self) -> bool:
        return bool(self._listeners)

    def listen(self, callback: Callable[[Any], None]) -> None:
        self._listeners.append(callback)
        callback(self)

    def step(self, name: str, done: int, total: int) -> None:
        self.status = JobStatus.RUNNING
        self.progress = Progress(name, done, total)
        self._tell()

    def finish(self) -> None:
        try:
            self._product = self._answer()
        except OdaError as error:
            self.error, self.status = error, JobStatus.FAILED
        else:
            self.status = JobStatus.DONE
        self._tell()

    def cancel(self) -> None:
        self.status = JobStatus.CANCELLED
        self.error = JobCancelled("The job was cancelled.", "Submit it again.")
        self._tell()

    def result(self, timeout: float | None = None) -> Any:
        del timeout
        if self.error is not None:
            raise self.error
        return self._product

    def _tell(self) -> None:
        for listener in self._listeners:
            listener(self)


class FakeSite:
    """Answers with hand-made products; keeps the jobs."""

    name = "bundled sample <real>"

    def __init__(
        self, *, finish: bool = True, failure: OdaError | None = None, in_store: int = 1
    ) -> None:
        self.jobs: list[FakeJob] = []
        self.planned: list[Query] = []
        self.plan_failure: OdaError | None = None
        self.searches: list[dict[str, Any]] = []
        self._finish = finish
        self._in_store = in_store
        self._failure = failure

    def resolve(self, name: str) -> Source:
        known = {"sgr 1935+2154": handmade.MAGNETAR}
        known["cyg x-1"] = Source("Cyg X-1", 299.5903, 35.2016, "SIMBAD")
        if name.casefold() not in known:
            limit = "nobody knows this name"
            raise UnknownSource("source", name, limit, "Check the spelling, or give coordinates.")
        return known[name.casefold()]

    def science_windows(self, source: Any = None, **search: Any) -> ScienceWindowList:
        self.searches.append({"source": source, **search})
        return self._windows()

    def _windows(self) -> ScienceWindowList:
        start, stop = handmade.START, handmade.START + 3600 / 86400
        window = ScienceWindow(handmade.WINDOW, start, stop, 293.0, 22.5, 20.0, 5.0, 3552.0)
        return ScienceWindowList((window,), 1, self.name)

    def named_windows(self, windows: Any) -> ScienceWindowList:
        known = [w for w in self._windows() if w.id in windows]
        return ScienceWindowList(tuple(known), len(known), self.name)

    def use_token(self, token: str) -> None:
        raise BadParameter("token", len(token), "this site does not use tokens", "Leave it out.")

    def plan(self, query: Query) -> Plan:
        self.planned.append(query)
        if self.plan_failure is not None:
            raise self.plan_failure
        return Plan(len(query.science_windows), self._in_store, 12.0)

    def submit(self, query: Query) -> FakeJob:
        job = FakeJob(query, lambda: self._answer(query))
        self.jobs.append(job)
        if self._finish:
            job.finish()
        return job

    def _answer(self, query: Query) -> Any:
        if self._failure is not None:
            raise self._failure
        if isinstance(query, ImageQuery):
            return handmade.image(target=query.source)
        if isinstance(query, LightCurveQuery):
            sources = list(query.catalog) or [Source("SPI-ACS", 0.0, 0.0)]
            curves = (handmade.light_curve(source=_place(s)) for s in sources)
            return BySource(tuple(curves))
        return BySource(tuple(handmade.spectrum(source=_place(s)) for s in query.catalog))


def _place(source: Any) -> Source:
    return Source(source.name, source.ra, source.dec)
