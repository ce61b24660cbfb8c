"""All jobs of the session in a table: source, product, band, windows, state, time."""

from __future__ import annotations

from oda_widgets.backend.job import FINAL, JobStatus
from oda_widgets.panels.kept_job import AnyJob, KeptJob
from oda_widgets.panels.query_text import kind_of, product_word
from oda_widgets.panels.times import describe
from oda_widgets.request.instruments import label_of
from oda_widgets.views.row_table import Cell, Row

COLUMNS = ("No.", "Source", "Instrument", "Product", "Band", "Windows", "Times", "State", "Time")
OPEN, CANCEL, AGAIN, SHOW = "Open", "Cancel", "Run again", "Show query"
MARKS = {
    JobStatus.QUEUED: "◌",
    JobStatus.RUNNING: "◐",
    JobStatus.DONE: "✓",
    JobStatus.FAILED: "✕",
    JobStatus.CANCELLED: "–",
}


def job_row(
    job: AnyJob, place: int, target: str, number: int, seconds: float, *, stopping: bool
) -> Row:
    """Return the row of a job.

    Parameters
    ----------
    job
        Of this page or an earlier one.
    place
        Its place among all, from 0.
    target
        Name of the source that it is about.
    number
        Which image, spectrum or light curve of the session it is.
    seconds
        Time since its submission, or that its result took to compute.
    stopping
        Whether it was cancelled and has not ended yet.
    """
    query = job.query
    energy, count = getattr(query, "energy", None), len(query.science_windows)
    cells: tuple[Cell, ...] = (
        (str(place + 1), place),
        target or "—",
        label_of(query.instrument),
        f"{product_word(kind_of(query))} {number}",
        "—" if energy is None else (str(energy), energy.low),
        (f"{count:,}" if count else "—", count),
        describe(query.intervals),
        "stopping" if stopping else _state(job),
        (f"{seconds:.1f} s", seconds),
    )
    return Row(str(place), cells, _actions(job))


def _state(job: AnyJob) -> str:
    word = f"{MARKS[job.status]} {job.status}"
    if job.status is JobStatus.RUNNING and not isinstance(job, KeptJob):
        return f"{word}, {100 * job.progress.fraction:.0f} %"
    return word


def _actions(job: AnyJob) -> tuple[str, ...]:
    if job.status not in FINAL:
        return CANCEL, SHOW
    if job.status is JobStatus.DONE:
        return OPEN, SHOW
    return (AGAIN, SHOW) if job.error is None else (AGAIN, OPEN, SHOW)
