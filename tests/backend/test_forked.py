"""A site used in processes that are forked from this one, as `multiprocessing` does on Linux."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
USED_BEFORE_AND_IN_A_POOL = """
import multiprocessing, threading, time
import oda_widgets as oda
from oda_widgets.backend.site import Site
from oda_widgets.errors import DataError
from oda_widgets.workers.process_executor import ProcessExecutor

class Refusing:
    name, at_once = "a backend that refuses", 1

    def run(self, query, monitor):
        if query.detection_threshold > 7:
            end_of_pool.wait()
        raise DataError("There are no data.", "Ask for others.")

def said_by(job):
    try:
        job.result(300)
    except oda.OdaError as error:
        return str(error)

def asked(number):
    words = said_by(site.submit(now)), said_by(pending), str(pending.status)
    return *words, executor.submit(abs, number).result(300)

end_of_pool = threading.Event()
window = "255900280010.001"
now, later = (oda.ImageQuery(science_windows=window, detection_threshold=t) for t in (7, 9))
site, executor = Site(Refusing()), ProcessExecutor(1)
assert "no data" in said_by(site.submit(now))
executor.submit(abs, -1).result()
sleeping, pending = executor.submit(time.sleep, 2), site.submit(later)
with multiprocessing.get_context("fork").Pool(2) as pool:
    for here, there, status, number in pool.map_async(asked, [-3, -3]).get(300):
        assert ("no data" in here, status, number) == (True, "failed", 3)
        assert "in the process that this one was forked from" in there
end_of_pool.set()
assert sleeping.result(300) is None
assert executor.submit(abs, -2).result(300) == 2
assert "no data" in said_by(pending)
print("all well")
"""
DURING_A_FIT = """
import multiprocessing, threading
from oda_widgets.fitting.models import library

def ask(_):
    with library._LOCK:
        return 1

def hold():
    while not done:
        with library._LOCK:
            sum(range(20_000))

done = []
thread = threading.Thread(target=hold)
thread.start()
try:
    for _ in range(10):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map_async(ask, [1, 2]).get(300) == [1, 1]
finally:
    done.append(1)
print("all well")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not fork")
@pytest.mark.parametrize("script", [USED_BEFORE_AND_IN_A_POOL, DURING_A_FIT], ids=["site", "fit"])
def test_forked_processes_get_answers(script: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stdout == "all well\n", done.stderr[-2000:]
