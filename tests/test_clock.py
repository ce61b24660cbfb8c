"""The clock of the machine is set back or forward: nothing is lost, and nobody waits for it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from oda_widgets.archive.mirror import archive
from oda_widgets.backend.dispatcher import analysis_request, remote_jobs
from oda_widgets.backend.dispatcher.remote_jobs import RemoteJob, RemoteJobs
from oda_widgets.cli.store import _when
from oda_widgets.provenance.folder import Used
from oda_widgets.provenance.store import Store
from oda_widgets.server import job_table
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_table import JobTable
from oda_widgets.server.tidy import remove_old_jobs
from tests.provenance.conftest import Counted, run_of

YEARS = 50 * 365.25 * 86400.0


def clock(ahead: float) -> SimpleNamespace:
    """Return a clock that is ahead of ours; what counts seconds only is as it was."""
    return SimpleNamespace(time=lambda: time.time() + ahead, monotonic=time.monotonic)


@pytest.mark.parametrize("ahead", [-YEARS, YEARS])
def test_stored_results_are_found_with_any_clock(
    ahead: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted()
    monkeypatch.setattr("oda_widgets.provenance.prune.time", clock(ahead))
    for _ in range(2):
        store, task = Store(tmp_path, 1 << 30), counted.task("a")
        run_of(store).result(task)
        for path in filter(Path.is_file, tmp_path.rglob("*")):
            os.utime(path, (time.time() + ahead,) * 2)
    assert counted.computed == ["a"]
    [used] = store.folder.results()
    assert len(_when(used)) == len("2026-11-30 23:43")


@pytest.mark.parametrize("seconds", [-1e15, 1e15])
def test_a_time_that_no_calendar_has_is_listed_all_the_same(seconds: float) -> None:
    assert _when(Used("a", 1, seconds)) == "at no known time"


def test_a_client_whose_job_began_in_the_future_does_not_wait_for_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = JobFolder(tmp_path)
    with JobTable(folder.table) as table:
        monkeypatch.setattr(job_table, "time", clock(YEARS))
        table.submit("early", {}, "one")
        assert table.take("worker") is not None
        table.finish("early", "worker")
        monkeypatch.setattr(job_table, "time", clock(0.0))  # it is set right
        remove_old_jobs(table, folder)
        assert [job for job, _ in table.ended()] == ["early"]
        table.submit("other 1", {}, "another")
        assert table.take("worker") is not None
        table.submit("other 2", {}, "another")
        table.submit("mine", {}, "one")
        taken = table.take("worker")
        assert taken is not None
        assert taken.id == "mine"


def test_a_list_of_the_future_is_compared_with_the_server(tmp_path: Path) -> None:
    path = tmp_path / "windows.npz"
    path.touch()
    assert archive._is_fresh(path)
    for ahead in (-YEARS, YEARS):
        os.utime(path, (time.time() + ahead,) * 2)
        assert not archive._is_fresh(path)


@pytest.mark.parametrize("ahead", [-YEARS, YEARS])
def test_a_job_at_a_server_is_not_given_up_because_the_clock_is_set(
    ahead: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = RemoteJobs(tmp_path)
    jobs.save("ab", RemoteJob("SESSION", "0d26", time.time()))
    request = analysis_request.AnalysisRequest.__new__(analysis_request.AnalysisRequest)
    began = time.monotonic()
    for room in (analysis_request, remote_jobs):
        monkeypatch.setattr(room, "time", clock(ahead))
    request._check_patience(began)  # says nothing
    assert (jobs.find("ab") is None) == (ahead > 0)  # what is a month old is asked for anew
