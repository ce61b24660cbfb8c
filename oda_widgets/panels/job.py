"""A question on its way: progress, elapsed time, cancel; and the questions before it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from threading import RLock, Thread
from time import sleep

from ipywidgets import HTML, Button, VBox

from oda_widgets.backend.job import FINAL, Job, JobStatus
from oda_widgets.errors import OdaError
from oda_widgets.panels.card import button, row
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.times import describe
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query
from oda_widgets.views.message import Message, shown_in

OnDone = Callable[[Job], object]

_TICK = 0.5  # seconds between updates of the clock
_SETTLED, _ENOUGH = 3.0, 0.1  # seconds and part of the work before the rest is estimated
_MARKS = {
    JobStatus.QUEUED: "◌",
    JobStatus.RUNNING: "◐",
    JobStatus.DONE: "✓",
    JobStatus.FAILED: "✕",
    JobStatus.CANCELLED: "–",
}


class JobPanel(VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Follows jobs: the latest with its progress, all of them as a list.

    The progress (`running`) and what went wrong (`message`) belong where they are seen at once;
    whoever lays out the page places them.

    Parameters
    ----------
    on_done
        Called with a job when it has a result, and again when it is chosen from the list.
    stage
        Where the changes of jobs, which happen in other threads, are shown.
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
        self._lines: list[Button] = []
        self._delivered: list[Job] = []
        self._stopping: Job | None = None
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

    def follow(self, job: Job) -> None:
        """Show the progress of a job until it ends."""
        with self._lock:
            self.jobs.append(job)
            self._list(job)
        job.listen(lambda changed: self._stage(lambda: self._changed(changed)))
        Thread(target=self._tick, args=(job,), name="oda-clock", daemon=True).start()

    def catch_up(self) -> None:
        """Show the latest job as it stands, be it that the page has not yet heard of its end."""
        with self._lock:
            if self.jobs:
                self._changed(self.jobs[-1])

    def cancel(self) -> None:
        """Ask the latest job to stop, and say at once that it does."""
        if self.jobs:
            self._stopping = self.jobs[-1]
            self._stopping.cancel()
            self._show_progress(self._stopping)

    def choose(self, job: Job) -> None:
        """Show the result, or the error, of an earlier job again."""
        if job.error is not None:
            self.message.show(job.error)
            self._on_error(job.error)
        elif job.status == JobStatus.DONE:
            with shown_in(self.message):
                self._on_done(job)
            self._warn(job)

    def _changed(self, job: Job) -> None:
        """Follow one change of a job."""
        with self._lock:
            self._lines[self.jobs.index(job)].description = _line(job)
            if job is self.jobs[-1]:
                self._show_progress(job)
                self._deliver(job)

    def _deliver(self, job: Job) -> None:
        """Hand over a result, or show the error, once."""
        if job.status not in FINAL or job in self._delivered:
            return
        self._delivered.append(job)
        self.choose(job)

    def _warn(self, job: Job) -> None:
        if job.warnings and not self.message.value:
            self.message.note(" ".join(job.warnings))

    def _show_progress(self, job: Job) -> None:
        running = job.status not in FINAL
        self.running.layout.visibility = "visible" if running else "hidden"
        if running:
            self.bar.value = _bar(job, stopping=job is self._stopping)

    def _tick(self, job: Job) -> None:
        while job.status not in FINAL and job is self.jobs[-1]:
            self._show_progress(job)
            sleep(_TICK)

    def _list(self, job: Job) -> None:
        line = button(_line(job), "Show this result again", "oda-history-line")
        line.on_click(lambda _button: self.choose(job))
        self._lines.append(line)
        self.history.children = tuple(reversed(self._lines))


def title(query: Query) -> str:
    """Return a question in a few words."""
    kind = {ImageQuery: "Image", LightCurveQuery: "Light curve"}.get(type(query), "Spectrum")
    band = f" · {query.energy}" if hasattr(query, "energy") else ""
    time = f" · {describe(query.intervals)}" if query.intervals else ""
    return f"{kind}{band}{time}"


def _line(job: Job) -> str:
    took = f" · {job.elapsed:.1f} s" if job.status in FINAL else ""
    return f"{_MARKS[job.status]}  {title(job.query)}{took}"


def _bar(job: Job, *, stopping: bool) -> str:
    fill = f'<div class="oda-fill" style="width:{100 * job.progress.fraction:.0f}%"></div>'
    text = "Stopping…" if stopping else escape(_how_far(job))
    return f'<div class="oda-track">{fill}</div><div class="oda-quiet" role="status">{text}</div>'


def _how_far(job: Job) -> str:
    """Return what a job does, how many parts of it are done, and how long it takes."""
    progress = job.progress
    count = f" · {int(progress.done)} of {progress.total:g}" if progress.total > 1 else ""
    left = ""
    if job.elapsed > _SETTLED and progress.fraction > _ENOUGH:
        rest = job.elapsed * (1 - progress.fraction) / progress.fraction
        left = f", about {rest:.0f} s left"
    return f"{progress}{count} · {job.elapsed:.0f} s{left}"
