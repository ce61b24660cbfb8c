"""Workers make the same product as one process, even if some of them die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.analysis import mosaic_image, scheduler, worker_task
from oda_widgets.backend.embedded import EmbeddedBackend
from oda_widgets.errors import (
    BadParameter,
    IncompleteProduct,
    JobCancelled,
    JobError,
    MissingTool,
    ServiceError,
    StoreError,
)
from oda_widgets.provenance.store import Store
from oda_widgets.workers import workers
from oda_widgets.workers.cluster import Cluster
from oda_widgets.workers.process_executor import ProcessExecutor
from oda_widgets.workers.workers import Workers
from tests.analysis.calls import TroubledArchive
from tests.analysis.compare import same
from tests.patience import PATIENCE, held, wait_until
from tests.photons.fields import CENTRE

pytestmark = pytest.mark.usefixtures("cache")

ROOT = Path(__file__).parents[2]
CATALOG = oda.SourceCatalog.of([oda.CatalogSource("Crab", *CENTRE)])
SCRIPT = """
import os, sys
import oda_widgets as oda

site = oda.connect(archive=sys.argv[1], executor=2)
job = site.submit(oda.ImageQuery(science_windows=site.science_windows().ids))
if sys.argv[2:]:
    # The first window is in the store when the job tells so.
    job.listen(lambda job: job.progress.step == "finished" and os.kill(os.getpid(), 9))
computed = [step for step in job.result().provenance.nodes if step.computed]
print(sum(step.name == "ii_skyimage" and not step.from_store for step in computed))
"""


class Counting(ThreadPoolExecutor):
    """Threads that count the calls they were given."""

    calls = 0

    def submit(self, *words: Any, **others: Any) -> Future[Any]:
        self.calls += 1
        return super().submit(*words, **others)


def site_of(root: Path, **words: Any) -> oda.Site:
    return oda.connect(archive=root, **words)


def query_of(site: oda.Site, **words: Any) -> oda.ImageQuery:
    return oda.ImageQuery(science_windows=site.science_windows().ids, **words)


def processes_of(site: oda.Site) -> ProcessExecutor:
    backend: Any = site._backend
    executor: ProcessExecutor = backend._workers.executor
    return executor


def locks(cache: Path) -> list[Path]:
    return list(cache.glob("store/locks/*"))


def test_worker_processes_answer_bit_for_bit_as_one_process(
    three_windows: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results come from the store the next time, without any process."""
    alone, together = site_of(three_windows, executor="none"), site_of(three_windows, executor=2)
    job = together.submit(query_of(together))
    steps: list[tuple[str, float]] = []
    job.listen(lambda job: steps.append((str(job.progress), job.progress.fraction)))
    image = job.result(PATIENCE)
    assert isinstance(image, oda.SkyImage)
    history = image.provenance
    assert history is not None
    assert not any(step.from_store for step in history.nodes)
    assert all(step.seconds > 0 for step in history.nodes if step.seconds is not None)
    assert [part for _, part in steps] == sorted(part for _, part in steps)
    for window in image.observation.science_windows:
        assert any(window in step for step, _ in steps)
    curves = together.light_curves(catalog=CATALOG, time_bin=10)["Crab"]
    spectrum = together.spectra(catalog=CATALOG)["Crab"]
    assert len(processes_of(together)._processes) == 2

    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(cache / "other"))
    alone = site_of(three_windows, executor="none")
    same(alone.image(), image)
    same(alone.light_curves(catalog=CATALOG, time_bin=10)["Crab"], curves)
    same(alone.spectra(catalog=CATALOG)["Crab"], spectrum)
    later = site_of(three_windows, executor=2)
    same(later.image(), image)
    later.image(windows=image.observation.science_windows[0], energy=(30, 50))
    assert not processes_of(later)._processes
    assert locks(cache) == []


def test_a_job_that_is_cancelled_ends_and_holds_nothing(three_windows: Path, cache: Path) -> None:
    site = site_of(three_windows, executor=2)
    under_way = threading.Event()
    with held(site):
        job = site.submit(query_of(site))
        job.listen(lambda job: under_way.set() if job.progress.science_window else None)
    assert under_way.wait(PATIENCE)
    job.cancel()
    with pytest.raises(JobCancelled):
        job.result(PATIENCE)
    assert locks(cache) == []
    assert len(site.image().observation.science_windows) == 3


def test_windows_of_killed_workers_are_done_again(three_windows: Path) -> None:
    site = site_of(three_windows, executor=2)
    killed: list[int] = []

    def kill(job: oda.Job) -> None:
        if not killed and job.progress.science_window:
            killed.extend(process._popen.pid for process in processes_of(site)._processes)
            for process in killed:
                os.kill(process, signal.SIGKILL)

    with held(site):
        job = site.submit(query_of(site))
        job.listen(kill)
    image: Any = job.result(PATIENCE)
    assert killed
    assert len(image.observation.science_windows) == 3
    assert job.warnings == ()


def test_a_window_that_kills_three_workers_is_left_out_and_said(
    three_windows: Path, cache: Path
) -> None:
    """It may be read another time: results without it are not stored."""
    windows = site_of(three_windows).science_windows().ids
    archive = TroubledArchive(three_windows, windows[1], "kills")
    two = Workers(ProcessExecutor(2), 2)
    site = oda.Site(EmbeddedBackend(archive, Store(cache / "store", 1 << 30), two))
    says = f"{windows[1]} was skipped: 3 workers died .*SIGKILL"
    with pytest.warns(IncompleteProduct, match=says):
        image = site.image()
    assert [window.id for window in image.observation.skipped] == [windows[1]]
    assert image.observation.science_windows == (windows[0], windows[2])
    whole = site_of(three_windows)
    assert whole.plan(query_of(whole)).in_store == 2
    assert whole.image().observation.science_windows == windows

    refused = TroubledArchive(three_windows, windows[1], "refused")
    site = oda.Site(EmbeddedBackend(refused, Store(cache / "none", 0), two))
    with pytest.raises(StoreError, match="tape robot"):
        site.image()


def test_a_killed_session_resumes_from_the_store(three_windows: Path) -> None:
    """A script asks as it stands, without the guard that the standard library wants."""
    command = [sys.executable, "-c", SCRIPT, str(three_windows)]
    killed = subprocess.run([*command, "kill"], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    site = site_of(three_windows)
    there = site.plan(query_of(site)).in_store
    assert there >= 1
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert int(shown.stdout) == 3 - there
    assert shown.stderr == ""


def test_two_sessions_that_ask_the_same_at_once_compute_it_once(
    three_windows: Path, decoded: list[str]
) -> None:
    with ThreadPoolExecutor(2) as one, ThreadPoolExecutor(2) as other:
        sites = [site_of(three_windows, executor=executor) for executor in (one, other)]
        jobs = [site.submit(query_of(site)) for site in sites]
        products = [job.result(PATIENCE) for job in jobs]
    same(*products)
    assert len(decoded) == 3


def test_only_so_many_windows_are_under_way_as_keep_the_workers_busy(
    three_windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the number of windows."""
    sent: list[int] = []
    with Counting(1) as executor:
        monkeypatch.setattr(mosaic_image, "_add", lambda *_: sent.append(executor.calls))
        monkeypatch.setattr(scheduler, "_PER_WORKER", 1)
        site_of(three_windows, executor=executor).image()
    assert sent == [2, 3, 3, 5, 6, 6]  # twice: a first mosaic tells what to clean


def test_a_worker_with_other_code_is_refused(
    three_windows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = iter(f"version {number}" for number in range(100))
    monkeypatch.setattr(worker_task, "_version", lambda: next(versions))
    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(JobError, match="another version of oda_widgets"),
    ):
        site_of(three_windows, executor=executor).image()


def test_a_plan_counts_on_the_workers(three_windows: Path) -> None:
    first = site_of(three_windows)
    first.image(windows=first.science_windows().ids[0])
    query = query_of(first, energy=(30, 50))
    alone, together = (
        site_of(three_windows, executor=who).plan(query).seconds for who in ("none", 3)
    )
    assert alone == pytest.approx(3 * together)


@pytest.mark.parametrize("bad", ["many", "0", "-3", "2000", 1.5, ""])
def test_values_that_are_not_executors_are_refused_with_the_next_step(bad: object) -> None:
    with pytest.raises(BadParameter, match=r"executor=.* from 1 to 1024\. Give \"processes\""):
        oda.connect(archive="sample", executor=bad)


def test_a_cluster_that_does_not_answer_or_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODA_WIDGETS_EXECUTOR", "tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingTool, match="pip install distributed"):
        oda.connect(archive="sample")


def test_a_cluster_answers_bit_for_bit_as_one_process(
    three_windows: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "_PATIENCE", 0.5)
    with pytest.raises(BadParameter, match=r"executor='tcp://127\.0\.0\.1:9': no Dask scheduler"):
        oda.connect(archive="sample", executor="tcp://127.0.0.1:9")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        image = site_of(three_windows, executor=client).image()
        monkeypatch.setattr("oda_widgets.workers.cluster.PATIENCE", 1.0)
        cluster.scale(0)
        wait_until(lambda: not client.scheduler_info(n_workers=-1)["workers"])
        with pytest.raises(ServiceError, match=r"has had no worker for 1 s\. Start one with 'dask"):
            site_of(three_windows, executor=client).image(energy=(30, 50))
        connection = Cluster(client)
    with pytest.raises(ServiceError, match=r"scheduler at .* is gone"):
        connection.check()
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(cache / "other"))
    same(site_of(three_windows, executor="none").image(), image)
