"""Which jobs of a session are submitted again when it is opened: each query once, not too many."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from oda_widgets.backend.job import JobStatus
from oda_widgets.panels.kept_job import AnyJob, KeptJob
from oda_widgets.panels.query_text import kind_of
from oda_widgets.panels.session import Session


@dataclass(frozen=True)
class JobsToResume:
    """Jobs of a session by the use of their results.

    Parameters
    ----------
    shown
        Their results are shown in the tab of their kind.
    awaited
        The latest of each kind that had not ended: shown as soon as their results are there.
    beside
        Their results are offered beside those on show: drawn there before, or of an earlier job.
    others
        Their results are offered if the store has them.
    left
        Number of jobs that are listed only, beyond the limit.
    """

    shown: tuple[AnyJob, ...]
    awaited: tuple[AnyJob, ...]
    beside: tuple[AnyJob, ...]
    others: tuple[AnyJob, ...]
    left: int


def jobs_to_resume(kept: Sequence[AnyJob], session: Session, most: int) -> JobsToResume:
    """Return the jobs of a session that are submitted again, each query once.

    Parameters
    ----------
    kept
        All jobs of the session, in its order.
    session
        Names the results on show, and those that are drawn beside them.
    most
        How many are submitted besides those on show, the latest first.
    """
    chosen = {identity for _, tools in session.tools for identity, _ in tools.beside}
    submitted: set[str] = set()
    shown = _each_once((kept[number] for _, number in session.shown), submitted)
    wanted = _each_once((job for job in reversed(kept) if _is_wanted(job, chosen)), submitted)
    latest = wanted[:most]
    awaited: dict[str, AnyJob] = {}
    for job in filter(_ended_early, latest):
        awaited.setdefault(kind_of(job.query), job)
    done = (job for job in reversed(kept) if _may_be_offered(job))
    return JobsToResume(
        shown=shown,
        awaited=tuple(awaited.values()),
        beside=tuple(job for job in reversed(latest) if job not in awaited.values()),
        others=_each_once(done, submitted)[::-1],
        left=len(wanted) - len(latest),
    )


def _is_wanted(job: AnyJob, chosen: Container[str]) -> bool:
    return _ended_early(job) or job.query.identity in chosen


def _ended_early(job: AnyJob) -> bool:
    return isinstance(job, KeptJob) and job.was_running


def _may_be_offered(job: AnyJob) -> bool:
    return job.status is JobStatus.DONE and kind_of(job.query) not in {"image", "survey"}


def _each_once(jobs: Iterable[AnyJob], submitted: set[str]) -> tuple[AnyJob, ...]:
    """Return the first job of each query that is not submitted yet, and note its query."""
    found = []
    for job in jobs:
        if job.query.identity not in submitted:
            submitted.add(job.query.identity)
            found.append(job)
    return tuple(found)
