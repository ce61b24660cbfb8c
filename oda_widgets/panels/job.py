"""Jobs: progress, elapsed time and cancel of one of them, and the list of all."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from threading import RLock, Thread
from time import sleep

from ipywidgets import HTML, Button, VBox

from oda_widgets.backend.job import FINAL, Job, JobStatus
from oda_widgets.errors import OdaError
from oda_widgets.panels.card import button, row
from oda_widgets.panels.query_text import differences, kind_of, query_title
from oda_widgets.panels.stage import Stage
from oda_widgets.request.queries import Query
from oda_widgets.views.message import Message, shown_in

OnDone = Callable[[Job], object]

_TICK = 0.5  # seconds between updates of the clock
_SETTLED, _ENOUGH = 3.0, 0.1  # seconds and fraction done before the rest is estimated
_MARKS = {
    JobStatus.QUEUED: "◌",
    JobStatus.RUNNING: "◐",
    JobStatus.DONE: "✓",
    JobStatus.FAILED: "✕",
    JobStatus.CANCELLED: "–",
}


class JobPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Follows jobs: one with its progress, all of them as a list.

    The progress (`running`) and the errors (`message`) are placed by the workbench, where they
    are seen at once.

    Parameters
    ----------
    on_done
        Called with a job when it has a result, and again when it is chosen from the list.
    stage
        Makes the changes of jobs, which happen in other threads.
    on_error
        Called with the error of a job that failed, after it was shown.
    """

    def __init__(
        self,
        on_done: OnDone,
        stage: Stage,
        on_error: Callable[[OdaError], object],
    ) -> None:
        self.jobs: list[Job] = []
        self._on_done = on_done
        self._on_error = on_error
        self._stage = stage
        self._targets: dict[Job, str] = {}
        self._lines: list[Button] = []
        self._delivered: list[Job] = []
        self._followed: Job | None = None  # its progress is shown
        self._awaited: Job | None = None  # its result is shown as soon as it is there
        self._stopping: list[Job] = []
        self._lock = RLock()
        self.bar = HTML()
        self.bar.add_class("oda-progress")
        self.cancel_button = button("Cancel", "Stop this job", "oda-chip")
        self.cancel_button.on_click(lambda _button: self.cancel())
        self.message = Message()
        self.running = row(self.bar, self.cancel_button)
        self.running.add_class("oda-running")
        self.running.layout.visibility = "hidden"
        self.history = VBox()
        self.history.add_class("oda-history")
        super().__init__([self.history])

    def follow(self, job: Job, target: str = "") -> None:
        """List a job and show its progress until it ends; `target` is the source it is about."""
        with self._lock:
            self.jobs.append(job)
            self._targets[job] = target
            self._list(job)
            self._followed = self._awaited = job
        job.listen(lambda changed: self._stage(lambda: self._changed(changed)))
        Thread(target=self._tick, args=(job,), name="oda-clock", daemon=True).start()

    def catch_up(self) -> None:
        """Show the latest job as it stands, before the stage delivers its last change."""
        with self._lock:
            if self.jobs:
                self._changed(self.jobs[-1])

    def under_way(self, query: Query) -> Job | None:
        """Return the job that is answering an equal query already."""
        for job in self.jobs:
            same = kind_of(job.query) == kind_of(query) and not differences(job.query, query)
            if same and job.status not in FINAL and job not in self._stopping:
                return job
        return None

    def target(self, job: Job) -> str:
        """Return the name of the source that a job is about."""
        return self._targets.get(job, "")

    def number(self, job: Job) -> int:
        """Return which image, spectrum or light curve of the session a job is, from 1."""
        kind = kind_of(job.query)
        return 1 + [j for j in self.jobs if kind_of(j.query) == kind].index(job)

    def cancel(self) -> None:
        """Stop the job whose progress is shown, and say at once that it is stopping."""
        if self._followed is not None:
            self._stopping.append(self._followed)
            self._followed.cancel()
            self._show_progress()

    def choose(self, job: Job) -> None:
        """Show the result, the error or the progress of a job in the list."""
        if job.status not in FINAL:
            self._followed = self._awaited = job
            self._show_progress()
        elif job.error is not None:
            self.message.show(job.error)
            self._on_error(job.error)
        else:
            self._awaited = job
            with shown_in(self.message):
                self._on_done(job)
            if job.warnings and not self.message.value:
                self.message.note(" ".join(job.warnings))

    def _changed(self, job: Job) -> None:
        """Follow one change of a job."""
        with self._lock:
            self._lines[self.jobs.index(job)].description = self._line(job)
            self._show_progress()
            if job.status in FINAL and job not in self._delivered:
                self._delivered.append(job)
                if job is self._awaited:
                    self.choose(job)

    def _show_progress(self) -> None:
        """Show the progress of the followed job or, when it has ended, of another one."""
        if self._followed is None or self._followed.status in FINAL:
            self._followed = next((j for j in reversed(self.jobs) if j.status not in FINAL), None)
        job = self._followed
        self.running.layout.visibility = "hidden" if job is None else "visible"
        if job is not None:
            what = self._title(job)
            self.bar.value = _bar(job, what, stopping=job in self._stopping)

    def _tick(self, job: Job) -> None:
        while job.status not in FINAL:
            if job is self._followed:
                self._stage(self._show_progress)
            sleep(_TICK)

    def _list(self, job: Job) -> None:
        line = button(self._line(job), f"Show {self._title(job)}", "oda-history-line")
        line.on_click(lambda _button: self.choose(job))
        self._lines.append(line)
        self.history.children = tuple(reversed(self._lines))

    def _line(self, job: Job) -> str:
        took = f" · {job.elapsed:.1f} s" if job.status in FINAL else ""
        return f"{_MARKS[job.status]}  {self._title(job)}{took}"

    def _title(self, job: Job) -> str:
        return query_title(job.query, self.target(job), self.number(job))


def _bar(job: Job, what: str, *, stopping: bool) -> str:
    fill = f'<div class="oda-fill" style="width:{100 * job.progress.fraction:.0f}%"></div>'
    text = escape("Stopping…" if stopping else _how_far(job))
    line = f'<div class="oda-quiet" role="status" title="{escape(what, quote=True)}">{text}</div>'
    return f'<div class="oda-track">{fill}</div>{line}'


def _how_far(job: Job) -> str:
    """Return the step of a job, its number of parts done, and the time it takes."""
    progress = job.progress
    count = f" · {int(progress.done)} of {progress.total:g}" if progress.total > 1 else ""
    left = ""
    if job.elapsed > _SETTLED and progress.fraction > _ENOUGH:
        rest = job.elapsed * (1 - progress.fraction) / progress.fraction
        left = f", about {rest:.0f} s left"
    return f"{progress}{count} · {job.elapsed:.0f} s{left}"
