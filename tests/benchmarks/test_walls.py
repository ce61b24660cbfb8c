"""What grows with the number of science windows: plans, ghosts, histories; and new processes.

Seconds are those of the processor, limits those of a machine whose FFT takes 0.48 ms, scaled by the
FFT of the same run.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.analysis.analysis import analysis_of
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.analysis.ghosts import Ghosts
from oda_widgets.analysis.product import tasks_of
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.provenance.prov_json import prov_json
from oda_widgets.provenance.step import Step
from tests.benchmarks.machine import fft_milliseconds, scaled
from tests.benchmarks.rows import Rows

ROOT = Path(__file__).parents[2]
MANY = 5000
AGAIN = """
import oda_widgets as oda
image = oda.connect(archive="sample").image(energy=(28, 150))
assert image.provenance.nodes[-1].from_store
"""


@pytest.fixture(scope="module")
def query() -> oda.ImageQuery:
    """Give the query of an image of 5,000 simulated windows."""
    windows = oda.connect(archive="simulated").science_windows(limit=MANY)
    return oda.ImageQuery(science_windows=windows.ids, energy=(20, 40))


def seconds_of(work: Callable[[], object], times: int = 3) -> float:
    """Return the seconds of processor time of the fastest of some runs."""
    taken = []
    for _ in range(times):
        begun = process_time()
        work()
        taken.append(process_time() - begun)
    return min(taken)


def test_the_machine_at_that_time(rows: Rows) -> None:
    what = "the machine for the rows of many windows: scipy.fft of 384 x 384, there and back"
    rows.note(what, fft_milliseconds(), "where their limits come from", 0.48, "ms")


def test_the_plan_of_many_windows(rows: Rows, query: oda.ImageQuery) -> None:
    site = oda.connect(archive="simulated")
    site.plan(query)
    took = seconds_of(lambda: site.plan(query))
    assert rows.note(f"the plan of {MANY:,} windows", took, "limit", scaled(0.5)) <= 1


def test_ghosts_of_many_sources_in_many_windows(rows: Rows) -> None:
    windows = [
        window
        for window in SimulatedArchive().science_windows()
        if abs(window.ra - 270) < 15 and abs(window.dec + 25) < 15
    ]
    ghosts = Ghosts([pointing_of(window) for window in windows[:MANY]], IBIS)
    places = np.random.default_rng(1).uniform((267, -28), (273, -22), (300, 2)).tolist()

    def judge() -> None:
        for ra, dec in places:
            ghosts.add(ra, dec, 100.0)
        for ra, dec in places[:10]:
            ghosts.explain(ra, dec, 5.0)

    took = seconds_of(judge, 1)
    what = f"10 peaks judged by the ghosts of 300 sources in {MANY:,} windows"
    assert rows.note(what, took, "limit", scaled(1.0)) <= 1


def test_the_history_of_many_windows(rows: Rows, query: oda.ImageQuery) -> None:
    tasks = tasks_of(analysis_of(query, CalibratedArchive(SimulatedArchive())))
    steps = map(Step.of, tasks.whole.node.history())
    made = tuple(replace(step, seconds=1.0, made="2026-11-22T00:00:00Z") for step in steps)
    size = len(prov_json(made).encode()) / 1e6
    assert rows.note(f"PROV-JSON of {MANY:,} windows", size, "limit", 1.0, "MB") <= 1


def test_a_stored_image_in_a_new_process(
    rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "1")
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path))
    oda.connect(archive="sample").image(energy=(28, 150))
    took = min(_seconds_of_process(AGAIN) for _ in range(3))
    what = "a stored image in a new process with imports, processor"
    assert rows.note(what, took, "limit", scaled(0.35)) <= 1


def _seconds_of_process(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
