"""What fetching costs: fifty windows against one curl, and the plan of five thousand."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.mirror.cache import Record
from oda_widgets.archive.mirror.fetcher import Fetcher, fetched_all
from oda_widgets.archive.mirror.open import open_mirror
from oda_widgets.archive.mirror.window_list import checked, save_list
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import OdaError
from tests.archive.mirror.served import window_of, write_index
from tests.benchmarks.rows import Rows

ROOT = Path(__file__).parents[2]
NUMBER, LATENCY = 50, 0.02
GIGABIT = 100e6  # bytes per second
SERVE = """
import sys
from pathlib import Path
from tests.servers.archive_server import serving_archive
seconds, rate = map(float, sys.argv[2:])
with serving_archive(Path(sys.argv[1]), seconds=seconds, rate=rate) as server:
    print(server.address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def _served(root: Path, events: int, rate: float) -> Iterator[str]:
    """Serve fifty windows from another process; give the address."""
    for index in range(1, NUMBER + 1):
        write_isdc(window_of(f"0066{index:04d}0010.001", events), root)
    write_index(root, IsdcArchive(root).science_windows())
    command = [sys.executable, "-c", SERVE, str(root), str(LATENCY), str(rate)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@pytest.mark.parametrize(
    ("events", "rate", "line"),
    [
        (100_000, 0.0, "this machine"),
        (1_000_000, GIGABIT, "100 MB/s"),
        (1_000_000, 0.0, "this machine"),
    ],
)
def test_fifty_windows_against_curl(
    events: int, rate: float, line: str, tmp_path: Path, rows: Rows
) -> None:
    root = tmp_path / "served"
    with _served(root, events, rate) as address:
        files = sorted(root.glob("scw/*/*/isgri_events.fits.gz"))
        theirs = min(_seconds(lambda: _curl(address, root, files)) for _ in "12")
        ours = min(_fetched(address, tmp_path / attempt) for attempt in "12")
    size = sum(f.stat().st_size for f in files) / NUMBER / 1e6
    what = f"{NUMBER} windows of {size:.0f} MB fetched and checked, 20 ms a request, {line}"
    rows.note(what, ours, "one curl", theirs)
    # 80 % of the speed of curl: 1.25 times its time.
    rows.note(what, ours, "requirement", theirs / 0.8)


def _curl(address: str, root: Path, files: Sequence[Path]) -> None:
    """Fetch files with one curl."""
    places = [(f"{address}/{f.relative_to(root)}", str(f.with_suffix(".copy"))) for f in files]
    words = [word for place, copy in places for word in (place, "-o", copy)]
    subprocess.run(["curl", "-s", *words], check=True)


def _fetched(address: str, cache: Path) -> float:
    """Fetch all windows; return the seconds."""
    mirror = open_mirror(address, cache, None)
    fetcher = Fetcher(mirror.fetch, mirror.science_windows())
    began = time.perf_counter()
    arrivals = fetched_all(fetcher, lambda _: None)
    assert not any(isinstance(outcome, OdaError) for _, outcome in arrivals)
    return time.perf_counter() - began


def test_the_plan_of_five_thousand_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: Rows
) -> None:
    address = "http://127.0.0.1:9/archive"  # where nobody answers
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path))
    monkeypatch.setenv("ODA_WIDGETS_STORE_LIMIT", "10")
    windows = SimulatedArchive().science_windows()
    names = {"TSTART": "start", "TSTOP": "stop", "RA_SCX": "ra", "DEC_SCX": "dec"}
    names |= {"RA_SCZ": "ra_z", "DEC_SCZ": "dec_z"}
    columns = {key: np.array([getattr(w, name) for w in windows]) for key, name in names.items()}
    mirror = open_mirror(address, tmp_path, None)
    columns["id"] = np.array([window.id for window in windows], "S16")
    save_list(mirror.cache.lists / "windows.npz", checked(columns))
    site = oda.connect(archive=address)
    chosen = site.science_windows(limit=5000)
    query = oda.ImageQuery(science_windows=chosen.ids, energy=(20, 40))
    fresh = _seconds(lambda: site.plan(query))
    assert site.plan(query).to_fetch == 5000
    rows.note("plan of 5,000 windows of a server, none fetched", fresh, "requirement", 2.0)
    for window in chosen:
        mirror.cache.save(Record(window, "isgri_events.fits.gz", 30_000_000, "ab" * 32))
    known = _seconds(lambda: site.plan(query))
    rows.note("plan of 5,000 windows of a server, all fetched before", known, "requirement", 2.0)
