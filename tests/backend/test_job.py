"""A job reports progress, can be cancelled, and ends in a product or an error of ours."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.backend.job import Job, JobStatus
from oda_widgets.errors import BadParameter, JobCancelled, JobError
from oda_widgets.workers.progress import Progress
from tests.patience import PATIENCE, held

QUERY = oda.ImageQuery(science_windows=("255900280010.001",))
PRODUCT: Any = object()


class ScriptedBackend:
    """A backend that follows the script of a test."""

    name = "script"

    def __init__(self, script: Callable[[Any], Any]) -> None:
        self._script = script

    def run(self, _: Any, monitor: Any) -> Any:
        return self._script(monitor)


def submit(script: Callable[[Any], Any], executor: ThreadPoolExecutor | None = None) -> Job:
    backend: Any = ScriptedBackend(script)
    return Job(QUERY, backend, executor or ThreadPoolExecutor(1))


def test_a_job_tells_its_steps_and_delivers() -> None:
    seen: list[tuple[JobStatus, str]] = []
    go = threading.Event()

    def script(monitor: Any) -> Any:
        go.wait(PATIENCE)
        monitor.report(Progress("reading", 0, 2))
        monitor.report(Progress("imaging", 1, 2))
        return PRODUCT

    job = submit(script)
    job.listen(lambda job: seen.append((job.status, job.progress.step)))
    go.set()
    assert job.result(timeout=PATIENCE) is PRODUCT
    assert [step for status, step in seen if status is JobStatus.RUNNING][-2:] == [
        "reading",
        "imaging",
    ]
    assert seen[-1] == (JobStatus.DONE, "done")
    assert job.progress == Progress("done", 1, 1)


def test_a_running_job_stops_at_its_next_step() -> None:
    running, go = threading.Event(), threading.Event()

    def script(monitor: Any) -> Any:
        running.set()
        go.wait(PATIENCE)
        monitor.report(Progress("imaging", 1, 2))

    job = submit(script)
    running.wait(PATIENCE)
    job.cancel()
    go.set()
    with pytest.raises(JobCancelled, match="cancelled"):
        job.result(timeout=PATIENCE)
    assert job.status is JobStatus.CANCELLED


def test_a_waiting_job_is_cancelled_at_once() -> None:
    go = threading.Event()
    executor = ThreadPoolExecutor(1)
    first = submit(lambda _: go.wait(PATIENCE), executor)
    second = submit(lambda _: PRODUCT, executor)
    second.cancel()
    assert second.status is JobStatus.CANCELLED
    go.set()
    first.result(timeout=PATIENCE)


def test_an_error_of_ours_arrives_as_it_was_raised() -> None:
    def script(_: Any) -> Any:
        raise BadParameter("energy", 3, "too low", "Choose more.")

    job = submit(script)
    with pytest.raises(BadParameter, match="energy=3: too low"):
        job.result(timeout=PATIENCE)
    assert job.status is JobStatus.FAILED


def test_a_defect_arrives_as_an_error_of_ours_with_its_cause() -> None:
    job = submit(lambda _: 1 / 0)
    with pytest.raises(JobError, match="ZeroDivisionError") as failed:
        job.result(timeout=PATIENCE)
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


def test_waiting_has_an_end_and_the_job_goes_on() -> None:
    go = threading.Event()
    job = submit(lambda _: go.wait(PATIENCE) and PRODUCT)
    with pytest.raises(JobError, match=r"not ended after 0\.01 s"):
        job.result(timeout=0.01)
    go.set()
    assert job.result(timeout=PATIENCE) is PRODUCT


def test_a_real_job_can_be_cancelled(sample_site: oda.Site) -> None:
    with held(sample_site):
        job = sample_site.submit(QUERY)
        job.cancel()
    with pytest.raises(JobCancelled):
        job.result(timeout=PATIENCE)


SMALL = """
import os, resource
import oda_widgets as oda
site = oda.connect(archive="sample", executor="none")
query = oda.ImageQuery(science_windows=site.science_windows().ids)
taken = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
resource.setrlimit(resource.RLIMIT_AS, (taken + (170 << 20),) * 2)
try:
    site.submit(query).result()
except oda.OdaError as error:
    print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the size in /proc")
def test_too_little_memory_is_said_before_anything_is_computed() -> None:
    command = [sys.executable, "-W", "ignore", "-c", SMALL]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert "200 MB of memory are needed; this process may take " in done.stdout, done.stderr


def test_a_computation_that_runs_out_of_memory_says_so() -> None:
    def script(_: Any) -> Any:
        raise MemoryError

    with pytest.raises(JobError, match=r"was not enough memory\. Ask for fewer science windows"):
        submit(script).result(timeout=PATIENCE)
