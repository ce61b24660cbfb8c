"""Jobs of an earlier page: known by their query, submitted again when they are opened."""

from __future__ import annotations

from oda_widgets.backend.job import FINAL, Job, JobStatus
from oda_widgets.errors import OdaError
from oda_widgets.panels.session import JobRecord
from oda_widgets.request.survey_query import AnyQuery


class KeptJob:
    """A job that a session remembers; its result, if it has one, is in the store.

    Parameters
    ----------
    record
        Its query, status and duration in the session.
    """

    def __init__(self, record: JobRecord) -> None:
        self.query: AnyQuery = record.query
        self.elapsed = record.seconds
        self.error: OdaError | None = None
        self.warnings: tuple[str, ...] = ()
        status = JobStatus(record.status)
        self.was_running = status not in FINAL
        # Its computation ended with its page, and goes on when it is submitted again.
        self.status = JobStatus.CANCELLED if self.was_running else status


AnyJob = Job | KeptJob


def record_of(job: AnyJob, target: str, seconds: float) -> JobRecord:
    """Return the record of a job and its seconds that a session keeps."""
    return JobRecord(job.query, target, str(job.status), round(seconds, 3))
