"""The speed of repeated queries, and of queries that are nearly the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter, process_time
from typing import Any

import pytest

import oda_widgets as oda
from tests.benchmarks.machine import scaled
from tests.benchmarks.rows import Rows
from tests.photons import fields

ROOT = Path(__file__).parents[2]
MAGNETAR = "SGR 1935+2154"
CENTRE = fields.CENTRE
AGAIN = f"""
import oda_widgets as oda
image = oda.connect(archive="sample").image({MAGNETAR!r}, energy=(28, 150))
assert image.provenance.nodes[-1].from_store
"""


@pytest.fixture(autouse=True)
def own_store(nothing_stored: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give an empty store."""
    del nothing_stored
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "1")
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path))


def seconds_of(action: Callable[[], Any]) -> float:
    begun = perf_counter()
    action()
    return perf_counter() - begun


def processor_seconds_of(action: Callable[[], Any]) -> float:
    begun = process_time()
    action()
    return process_time() - begun


def test_the_same_question_again(rows: Rows) -> None:
    site = oda.connect(archive="sample")
    first = processor_seconds_of(lambda: site.image(MAGNETAR, energy=(28, 150)))
    again = median(
        processor_seconds_of(lambda: site.image(MAGNETAR, energy=(28, 150))) for _ in range(7)
    )
    process = [sys.executable, "-c", AGAIN]
    new = min(seconds_of(lambda: subprocess.run(process, check=True, cwd=ROOT)) for _ in range(5))
    rows.note("the same image again, same process", again, "the first time", first)
    here = rows.note("the same image again, same process", again, "limit", scaled(0.012))
    what = "the same image again, new process with imports"
    there = rows.note(what, new, "limit", scaled(0.35))
    assert here <= 1
    assert there <= 1


def test_another_threshold(rows: Rows) -> None:
    site = oda.connect(archive="sample")
    site.image(MAGNETAR, energy=(28, 150))
    seconds = median(
        processor_seconds_of(
            partial(site.image, MAGNETAR, energy=(28, 150), detection_threshold=limit)
        )
        for limit in (7, 8, 9, 10, 11)
    )
    assert rows.note("a changed detection threshold", seconds, "limit", scaled(0.02)) <= 1


def test_cancelling(rows: Rows, three_windows: Path) -> None:
    site = oda.connect(archive=three_windows, executor=2)
    query = oda.ImageQuery(science_windows=site.science_windows().ids)
    job, under_way = site.submit(query), Event()
    job.listen(lambda job: under_way.set() if job.progress.science_window else None)
    assert under_way.wait(60)

    def cancel() -> None:
        job.cancel()
        with pytest.raises(oda.OdaError, match="cancelled"):
            job.result(60)

    took = seconds_of(cancel)
    assert rows.note("cancelling what two processes work at", took, "limit", 1.0) <= 1


def test_one_window_more(rows: Rows, three_windows: Path) -> None:
    """Seconds of the processor, which other programs do not lengthen."""
    site = oda.connect(archive=three_windows)
    ids = site.science_windows().ids
    begun = process_time()
    site.image(CENTRE, ids[:2])
    two, begun = process_time() - begun, process_time()
    site.image(CENTRE, ids)
    one_more = process_time() - begun
    assert rows.note("one window more", one_more, "each of the first two", two / 2) <= 1.3


def test_an_hour_of_the_shield(rows: Rows) -> None:
    site = oda.connect(archive="simulated")
    hour = {"start": "2012-05-02T00:00", "stop": "2012-05-02T01:00", "time_bin": 0.05}
    seconds = seconds_of(lambda: site.light_curves(instrument="spi_acs", **hour))
    assert rows.note("an hour of SPI-ACS in bins of 50 ms", seconds, "limit", 1.0) <= 1
    curve = site.light_curves(instrument="spi_acs", **hour)["SPI-ACS"]
    begun = process_time()
    curve.bursts()
    seconds = process_time() - begun
    assert rows.note("a search for bursts in it", seconds, "limit", 1.0) <= 1
