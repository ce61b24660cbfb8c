"""Jobs: progress, elapsed time and cancel of one of them, and the list of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from threading import RLock, Thread
from time import sleep

from ipywidgets import HTML, Button, VBox

from oda_widgets.backend.job import FINAL, Job, JobStatus
from oda_widgets.backend.survey import SurveyJob
from oda_widgets.errors import OdaError
from oda_widgets.panels.card import button, row
from oda_widgets.panels.job_table import AGAIN, CANCEL, COLUMNS, MARKS, SHOW, job_row
from oda_widgets.panels.kept_job import AnyJob, KeptJob, record_of
from oda_widgets.panels.query_text import differences, kind_of, query_title
from oda_widgets.panels.session import JobRecord
from oda_widgets.panels.stage import Stage
from oda_widgets.request.instruments import described
from oda_widgets.request.survey_query import AnyQuery
from oda_widgets.views.message import Message, shown_in
from oda_widgets.views.row_table import RowTable

_TICK = 0.5  # seconds between updates of the clock
_MOST_LINES = 20  # the table has all
_ONCE_MORE = f"To submit it once more, press {AGAIN} in the tab Jobs."


@dataclass(frozen=True)
class JobActions:
    """Functions that the list of jobs calls.

    Parameters
    ----------
    on_done
        Called with a job when it has a result, and again when it is chosen from the list.
    on_aside
        Called with a job that ends while the result of a later one is awaited.
    on_error
        Called with the error of a job that failed, after it was shown.
    on_again
        Called with a job, of this page or an earlier one, whose query is to be submitted again.
    on_query
        Called with a job whose query is to be shown in the form.
    on_change
        Called after each change of the list.
    on_survey
        Called with a survey at each of its changes, as its sky grows.
    """

    on_done: Callable[[Job], object]
    on_aside: Callable[[Job], object]
    on_error: Callable[[OdaError], object]
    on_again: Callable[[AnyJob], object]
    on_query: Callable[[AnyJob], object]
    on_change: Callable[[], object]
    on_survey: Callable[[SurveyJob], object]


class JobPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Shows jobs: the progress of one, the latest as lines, all of them in a table.

    The workbench places the progress (`running`), the errors (`message`) and the `table`.

    Parameters
    ----------
    actions
        Functions that it calls.
    stage
        Makes the changes of jobs, which happen in other threads.
    """

    def __init__(self, actions: JobActions, stage: Stage) -> None:
        self.jobs: list[AnyJob] = []
        self._actions = actions
        self._stage = stage
        self._targets: dict[AnyJob, str] = {}
        self._computed: dict[
            AnyJob, float
        ] = {}  # seconds that their results took when they were computed
        self._lines: dict[AnyJob, Button] = {}
        self._delivered: list[AnyJob] = []
        self._followed: Job | None = None  # the job whose progress is shown
        self._awaited: set[AnyJob] = set()  # jobs whose results are shown when they arrive
        self._stopping: list[AnyJob] = []
        self._ticking = False
        self._lock = RLock()
        self.bar = HTML()
        self.bar.add_class("oda-progress")
        self.cancel_button = button("Cancel", "Stop this job", "oda-chip")
        self.cancel_button.on_click(lambda _button: self.cancel())
        self.message = Message()
        self.running = row(self.bar, self.cancel_button)
        self.running.add_class("oda-running")
        self.running.layout.visibility = "hidden"
        self.table = RowTable("Jobs of this session", COLUMNS, on_act=self.act)
        self.history = VBox()
        self.history.add_class("oda-history")
        # The progress is in the header too: in a notebook, which scrolls, only one is in sight.
        super().__init__([self.running, self.history])

    @property
    def records(self) -> tuple[JobRecord, ...]:
        """What a session remembers of the jobs."""
        return tuple(
            record_of(job, self.target(job), self.seconds(job)) for job in tuple(self.jobs)
        )

    def follow(
        self, job: Job, target: str = "", instead_of: AnyJob | None = None, *, besides: bool = False
    ) -> None:
        """List a job and show its progress until it ends.

        Parameters
        ----------
        job
            As submitted.
        target
            Name of the source that it is about.
        instead_of
            A job of the same query, whose place in the list it takes.
        besides
            Whether results of other jobs that are awaited are shown as well.
        """
        with self._lock:
            self._targets[job] = target
            if instead_of is not None and instead_of.status is JobStatus.DONE:
                self._computed[job] = self.seconds(instead_of)
            if instead_of in self.jobs:
                self.jobs[self.jobs.index(instead_of)] = job
            else:
                self.jobs.append(job)
            self._followed = job
            self._awaited = {*self._awaited, job} if besides else {job}
            self._list_jobs()
        job.listen(lambda changed: self._stage(lambda: self._show_change(changed)))
        self._start_clock()

    def restore(self, records: Iterable[JobRecord]) -> None:
        """List the jobs of a session in place of the present ones."""
        with self._lock:
            for job in self.jobs:
                if not isinstance(job, KeptJob) and job.status not in FINAL:
                    job.cancel()
            kept = [(KeptJob(record), record.target) for record in records]
            self._targets.update(dict(kept))
            self.jobs = [job for job, _ in kept]
            self._followed, self._awaited = None, set()
            self._list_jobs()
            self._show_progress()

    def catch_up(self) -> None:
        """Show the latest job as it stands, before the stage delivers its last change."""
        with self._lock:
            latest = self.jobs[-1] if self.jobs else None
            if latest is not None and not isinstance(latest, KeptJob):
                self._show_change(latest)

    def under_way(self, query: AnyQuery) -> Job | None:
        """Return the running job of an equal query; None if there is none."""
        for job in self.jobs:
            if isinstance(job, KeptJob) or job.status in FINAL or job in self._stopping:
                continue
            if _equal(job.query, query):
                return job
        return None

    def answered(self, query: AnyQuery) -> AnyJob | None:
        """Return the latest job of an equal query that has a result."""
        done = (job for job in reversed(self.jobs) if job.status is JobStatus.DONE)
        return next((job for job in done if _equal(job.query, query)), None)

    def latest_of(self, query: AnyQuery) -> AnyJob | None:
        """Return the latest job of an equal query that did not fail."""
        good = (job for job in reversed(self.jobs) if job.status is not JobStatus.FAILED)
        return next((job for job in good if _equal(job.query, query)), None)

    def target(self, job: AnyJob) -> str:
        """Return the name of the source that a job is about, or of what sees the whole sky."""
        instrument = described(job.query.instrument)
        return self._targets.get(job, "") if instrument.sources else instrument.label

    def seconds(self, job: AnyJob) -> float:
        """Return the seconds since submission or, of a job that has ended, that computing took.

        Reading its result from the store again does not count.
        """
        done = job.status is JobStatus.DONE
        return max(job.elapsed, self._computed.get(job, 0.0) if done else 0.0)

    def number(self, job: AnyJob) -> int:
        """Return which image, spectrum or light curve of the session a job is, from 1."""
        kind = kind_of(job.query)
        return 1 + [j for j in self.jobs if kind_of(j.query) == kind].index(job)

    def cancel(self) -> None:
        """Stop the job whose progress is shown, and say at once that it is stopping."""
        if self._followed is not None:
            self._stop(self._followed)

    def choose(self, job: AnyJob) -> None:
        """Show the result, the error or the progress of a job in the list."""
        if isinstance(job, KeptJob):
            self._actions.on_again(job)
        elif job.status not in FINAL:
            self._followed, self._awaited = job, {job}
            self._show_progress()
        elif job.error is not None:
            self.message.show(job.error)
            self._actions.on_error(job.error)
        else:
            self._awaited.add(job)
            with shown_in(self.message):
                self._actions.on_done(job)
            if job.warnings and not self.message.value:
                self.message.note(" ".join(job.warnings))

    def show_again(self, job: Job, target: str) -> None:
        """Show the job of an equal query, that of a source first, and say so."""
        self._targets[job] = target
        self.choose(job)
        if job.status is JobStatus.DONE and job.error is None:
            remark = f"{self._title(job)}, has this query already: it is shown again. {_ONCE_MORE}"
            self.message.note(" ".join((remark, *job.warnings)))

    def act(self, place: str, action: str) -> None:
        """Do the action of a button in the table to the job in a row, counted from 0."""
        job = self.jobs[int(place)]
        with shown_in(self.message):
            if action == CANCEL:
                self._stop(job)
            elif action == AGAIN:
                self._actions.on_again(job)
            elif action == SHOW:
                self._actions.on_query(job)
        if action not in (CANCEL, AGAIN, SHOW):
            self.choose(job)

    def _stop(self, job: AnyJob) -> None:
        if not isinstance(job, KeptJob):
            self._stopping.append(job)
            job.cancel()
            self._show_progress()
            self._fill_table()

    def _show_change(self, job: Job) -> None:
        """Show one change of a job, and its result if it has ended."""
        with self._lock:
            if job not in self.jobs:  # another session was opened meanwhile
                return
            if job in self._lines:
                self._lines[job].description = self._line(job)
            self._show_progress()
            self._fill_table()
            if isinstance(job, SurveyJob):
                self._actions.on_survey(job)
            if job.status in FINAL and job not in self._delivered:
                self._delivered.append(job)
                if job in self._awaited:
                    self.choose(job)
                elif job.status is JobStatus.DONE:
                    self._actions.on_aside(job)
                self._actions.on_change()

    def _show_progress(self) -> None:
        """Show the progress of the followed job or, when it has ended, of another one."""
        if self._followed is None or self._followed.status in FINAL:
            self._followed = self._latest_running()
        job = self._followed
        self.running.layout.visibility = "hidden" if job is None else "visible"
        if job is not None:
            self.bar.value = _bar(job, self._title(job), stopping=job in self._stopping)

    def _latest_running(self) -> Job | None:
        alive = (job for job in reversed(self.jobs) if not isinstance(job, KeptJob))
        return next((job for job in alive if job.status not in FINAL), None)

    def _start_clock(self) -> None:
        """Update the elapsed times while jobs run; one clock serves all of them."""
        with self._lock:
            if not self._ticking:
                self._ticking = True
                Thread(target=self._tick, name="oda-clock", daemon=True).start()

    def _tick(self) -> None:
        while self._keeps_ticking():
            self._stage(self._show_progress)
            self._stage(self._fill_table)
            sleep(_TICK)

    def _keeps_ticking(self) -> bool:
        """Return whether a job runs; if none does, the next one starts another clock."""
        with self._lock:
            self._ticking = self._latest_running() is not None
            return self._ticking

    def _list_jobs(self) -> None:
        """List the latest jobs as lines, and all in the table."""
        latest = self.jobs[-_MOST_LINES:]
        self._lines = {job: self._lines.get(job) or self._new_line(job) for job in latest}
        self.history.children = tuple(reversed(self._lines.values()))
        self._fill_table()
        self._actions.on_change()

    def _new_line(self, job: AnyJob) -> Button:
        line = button(self._line(job), f"Show {self._title(job)}", "oda-history-line")
        line.on_click(lambda _button: self.choose(job))
        return line

    def _fill_table(self) -> None:
        numbers: Counter[str] = Counter()
        rows = []
        for place, job in enumerate(self.jobs):
            kind = kind_of(job.query)
            numbers[kind] += 1
            target, seconds = self.target(job), self.seconds(job)
            stopping = self._is_stopping(job)
            rows.append(job_row(job, place, target, numbers[kind], seconds, stopping=stopping))
        self.table.show(reversed(rows))

    def _is_stopping(self, job: AnyJob) -> bool:
        return job in self._stopping and job.status not in FINAL

    def _line(self, job: AnyJob) -> str:
        took = f" · {self.seconds(job):.1f} s" if job.status in FINAL else ""
        return f"{MARKS[job.status]}  {self._title(job)}{took}"

    def _title(self, job: AnyJob) -> str:
        return query_title(job.query, self.target(job), self.number(job))


def _equal(query: AnyQuery, other: AnyQuery) -> bool:
    return kind_of(query) == kind_of(other) and not differences(query, other)


def _bar(job: Job, title: str, *, stopping: bool) -> str:
    """Return the progress of a job as HTML, with a title as its tooltip."""
    fill = f'<div class="oda-fill" style="width:{100 * job.progress.fraction:.0f}%"></div>'
    text = escape("Stopping…" if stopping else _progress_text(job))
    line = f'<div class="oda-quiet" role="status" title="{escape(title, quote=True)}">{text}</div>'
    return f'<div class="oda-track">{fill}</div>{line}'


def _progress_text(job: Job) -> str:
    """Return the step of a job, its number of parts done, and the time it took so far.

    The time left is not estimated: steps differ too much in length.
    """
    progress = job.progress
    count = f" · {int(progress.done)} of {progress.total:g}" if progress.total > 1 else ""
    return f"{progress}{count} · {job.elapsed:.0f} s"
