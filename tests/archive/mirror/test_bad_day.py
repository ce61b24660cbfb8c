"""Failing servers: each fetched file is whole, or is absent."""

from __future__ import annotations

import errno
import gzip
import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.mirror.cache import Record
from oda_widgets.archive.mirror.download import Watch
from oda_widgets.archive.mirror.fetcher import Fetcher, fetched_all
from oda_widgets.archive.mirror.transport import Stopped
from oda_widgets.archive.write import write_isdc
from oda_widgets.cli.main import main
from oda_widgets.errors import ArchiveError, OdaError, ServiceError, StoreError
from tests.archive.conftest import build_window
from tests.archive.mirror.conftest import WINDOWS, OpenMirror, parts_in
from tests.archive.mirror.served import IMPATIENT, write_index
from tests.servers.archive_server import FAULTS, ArchiveServer, serving_archive

KINDS = (*FAULTS, "full")
NUMBER, EACH = 50, 4
FIRST = WINDOWS[0]
SLOW_IS_BAD = replace(IMPATIENT, slowest=5e5, over=0.2)


class _BadDay:
    """Four faults in a row for each window, of all kinds in turn."""

    def __init__(self) -> None:
        self.injected: Counter[str] = Counter()
        self._met: Counter[str] = Counter()
        self._lock = threading.Lock()

    def fault(self, path: str) -> str:
        """Return the fault of the server at a path."""
        if "isgri_events.fits.gz" not in path:
            return ""
        return self._next(path.split("/")[-2], on_disk=False)

    def next_on_disk(self, window: str) -> bool:
        """Return True if the disk is full now for a window."""
        return window[:4].isdigit() and self._next(window, on_disk=True) == "full"

    def _next(self, window: str, *, on_disk: bool) -> str:
        with self._lock:
            met = self._met[window]
            kind = KINDS[(int(window[4:8]) + 3 * met) % len(KINDS)] if met < EACH else ""
            if not kind or (kind == "full") is not on_disk:
                return ""
            self._met[window] += 1
            self.injected[kind] += 1
            return kind


def test_two_hundred_faults_cost_no_window_and_no_byte(
    tmp_path: Path, mirror_at: OpenMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, day = tmp_path / "served", _BadDay()
    names = [f"0066{number:04d}0010.001" for number in range(1, NUMBER + 1)]
    for name in names:
        write_isdc(build_window(name), root)
    write_index(root, IsdcArchive(root).science_windows())
    opened = Path.open

    def full(path: Path, mode: str = "r", *arguments: Any, **words: Any) -> Any:
        if path.suffix == ".part" and mode in {"wb", "ab"} and day.next_on_disk(path.parent.name):
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *arguments, **words)

    monkeypatch.setattr(Path, "open", full)
    with serving_archive(root, fault=day.fault) as server:
        mirror = mirror_at(server.address, limit=None, patience=SLOW_IS_BAD)
        fetcher = Fetcher(mirror.fetch, mirror.science_windows())
        arrivals = fetched_all(fetcher, lambda _: None)
    assert sum(day.injected.values()) == NUMBER * EACH
    assert set(day.injected) == set(KINDS)
    failed = {window.id: outcome for window, outcome in arrivals if isinstance(outcome, OdaError)}
    assert failed == {}
    for name in names:
        path = Path("scw", name[:4], name, "isgri_events.fits.gz")
        assert (mirror.cache.root / path).read_bytes() == (root / path).read_bytes()
    assert parts_in(mirror.cache.root) == []


def test_a_transfer_that_broke_is_resumed_where_it_stopped(
    server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    breaks = iter(["truncated"])
    server.fault = lambda path: next(breaks, "") if "isgri_events" in path else ""
    mirror = mirror_at(server.address)
    record = mirror.fetch(FIRST)
    assert [line.partition("bytes=")[2] for line in server.files_asked[-2:]] == [
        "",
        f"{record.bytes // 2}-",
    ]
    assert server.bodies - _index_bytes(server) == record.bytes


def test_a_session_resumes_what_another_left(server: ArchiveServer, mirror_at: OpenMirror) -> None:
    first = mirror_at(server.address)
    first.science_windows()
    arrived: list[int] = []
    with pytest.raises(Stopped):
        first.fetch(FIRST, Watch(on_bytes=arrived.append, stopped=lambda: sum(arrived) > 0))
    assert len(parts_in(first.cache.root)) == 1
    server.asked.clear()
    second = mirror_at(server.address)
    record = second.fetch(FIRST)
    assert "Range" not in server.asked
    assert second.cache.has_file(record)
    assert parts_in(second.cache.root) == []


def test_parts_of_two_different_files_are_never_joined(
    server: ArchiveServer, root: Path, mirror_at: OpenMirror
) -> None:
    mirror = mirror_at(server.address)
    mirror.science_windows()
    served = root / "scw" / "0066" / FIRST / "isgri_events.fits.gz"
    replaced = threading.Event()

    def fault(path: str) -> str:
        if "isgri_events" not in path:
            return ""
        if replaced.is_set():
            write_isdc(build_window(FIRST, select_flag=build_window(FIRST).select_flag * 0), root)
            return ""
        replaced.set()
        return "truncated"

    server.fault = fault
    record = mirror.fetch(FIRST)
    assert mirror.cache.path(record).read_bytes() == served.read_bytes()


def test_a_file_that_is_damaged_on_the_server_is_refused_in_words(
    server: ArchiveServer, root: Path, mirror_at: OpenMirror
) -> None:
    served = root / "scw" / "0066" / FIRST / "isgri_events.fits.gz"
    served.write_bytes(served.read_bytes()[:-2000])
    mirror = mirror_at(server.address)
    with pytest.raises(ServiceError, match=r"sends is damaged: .*truncated"):
        mirror.fetch(FIRST)
    assert list((mirror.cache.root / "scw").rglob("*.gz")) == []
    assert parts_in(mirror.cache.root) == []


def test_a_proxy_that_answers_its_own_page_is_named(
    server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    server.fault = lambda _: "page"
    with pytest.raises(ServiceError, match=r"no FITS file but something else \(text/html\)"):
        mirror_at(server.address).science_windows()


def test_a_page_in_place_of_events_leaves_nothing_in_the_folder(
    server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    mirror = mirror_at(server.address)
    mirror.science_windows()
    server.fault = lambda _: "page"
    with pytest.raises(ServiceError, match="no FITS file but something else"):
        mirror.fetch(FIRST)
    assert parts_in(mirror.cache.root) == []


def test_a_server_that_is_gone_is_asked_no_more(
    server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    mirror = mirror_at("http://127.0.0.1:9/archive")
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:9/archive does not answer"):
        mirror.science_windows()
    del server


def test_without_network_the_cache_answers(root: Path, mirror_at: OpenMirror) -> None:
    with serving_archive(root) as server:
        mirror = mirror_at(server.address)
        mirror.fetch(FIRST)
    again = mirror_at(server.address)
    assert [window.id for window in again.science_windows()] == list(WINDOWS)
    assert len(again.events(FIRST).time) > 0
    with pytest.raises(ServiceError, match="does not answer"):
        again.fetch(WINDOWS[1])
    again.cache.make_room(0)
    with pytest.raises(ArchiveError, match="does not answer"):
        again.events(FIRST)


def test_what_was_damaged_in_the_cache_is_fetched_again(
    server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    mirror = mirror_at(server.address)
    path = mirror.cache.path(mirror.fetch(FIRST))
    whole = path.read_bytes()
    path.write_bytes(whole[:1000] + bytes(100) + whole[1100:])
    assert len(mirror.events(FIRST).time) > 0
    assert path.read_bytes() == whole


def test_one_window_is_transferred_once_however_many_want_it(
    server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    mirrors = [mirror_at(server.address) for _ in range(4)]
    mirrors[0].science_windows()
    with ThreadPoolExecutor(4) as pool:
        records = list(pool.map(lambda mirror: mirror.fetch(FIRST), mirrors))
    assert len(set(map(str, records))) == 1
    assert sum("isgri_events" in line for line in server.asked) == 1


@pytest.mark.parametrize("where", ["cache", "cache/mirrors"])
def test_a_cache_that_takes_no_files_is_named(
    where: str, server: ArchiveServer, tmp_path: Path, mirror_at: OpenMirror
) -> None:
    blocked = tmp_path / where
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("a file")
    with pytest.raises(StoreError, match=r"cannot be written in .*CACHE_FOLDER"):
        mirror_at(server.address).science_windows()


def test_a_disk_that_stays_full_is_named(
    server: ArchiveServer, mirror_at: OpenMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = mirror_at(server.address)
    mirror.science_windows()
    opened: Callable[..., Any] = Path.open

    def full(path: Path, *arguments: Any, **words: Any) -> Any:
        if path.suffix == ".part":
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, *arguments, **words)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StoreError, match="No space left on device"):
        mirror.fetch(FIRST)
    assert parts_in(mirror.cache.root) == []


def test_the_cache_keeps_below_its_limit_and_remembers_what_it_removed(
    server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    size = mirror_at(server.address).fetch(FIRST).bytes
    mirror = mirror_at(server.address, limit=3 * size)
    records = [mirror.fetch(name) for name in WINDOWS]
    assert mirror.cache.size()[1] <= 3 * size
    assert not mirror.cache.has_file(records[0])
    assert mirror.content(FIRST) == records[0].content
    assert len(mirror.events(FIRST).time) > 0


def test_a_file_that_changed_on_the_server_is_no_input_of_an_old_result(
    server: ArchiveServer, root: Path, mirror_at: OpenMirror
) -> None:
    mirror = mirror_at(server.address)
    mirror.cache.path(mirror.fetch(FIRST)).unlink()
    write_isdc(build_window(FIRST, select_flag=build_window(FIRST).select_flag * 0), root)
    with pytest.raises(ArchiveError, match="has changed on the server"):
        mirror.events(FIRST)


def test_a_whole_file_without_events_is_fetched_once(
    server: ArchiveServer, root: Path, mirror_at: OpenMirror
) -> None:
    empty = build_window(FIRST)
    nothing = {name: getattr(empty, name)[:0] for name in ("time", "energy", "dety", "detz")}
    write_isdc(build_window(FIRST, **nothing, select_flag=empty.select_flag[:0]), root)
    mirror = mirror_at(server.address)
    record: Record = mirror.fetch(FIRST)
    assert record.problem == "its event file holds no events."
    asked = len(server.asked)
    assert mirror_at(server.address).fetch(FIRST) == record
    assert len(server.asked) == asked


def _nothing(_: Path) -> bytes:
    return b""


def _zeros(_: Path) -> bytes:
    return gzip.compress(fits.PrimaryHDU().header.tostring().encode() + bytes(8 << 20), 1)


def _another_window(folder: Path) -> bytes:
    return (folder.parent / WINDOWS[1] / "isgri_events.fits.gz").read_bytes()


@pytest.mark.parametrize("content", [_nothing, _zeros, _another_window])
def test_a_file_that_is_not_of_the_window_is_asked_for_again(
    content: Callable[[Path], bytes], server: ArchiveServer, root: Path, mirror_at: OpenMirror
) -> None:
    file = next((root / "scw").glob(f"*/{FIRST}/isgri_events.fits.gz"))
    right = file.read_bytes()
    file.write_bytes(content(file.parent))
    with pytest.raises(ServiceError, match=r"damaged|is empty"):
        mirror_at(server.address).fetch(FIRST)
    assert parts_in(mirror_at(server.address).cache.root) == []
    file.write_bytes(right)
    assert mirror_at(server.address).fetch(FIRST).problem == ""


def test_a_verdict_by_earlier_rules_does_not_count(
    server: ArchiveServer, mirror_at: OpenMirror
) -> None:
    mirror = mirror_at(server.address)
    known = mirror.fetch(FIRST)
    mirror.cache.save(replace(known, problem="its event file holds no table."))
    (saved,) = mirror.cache.root.rglob(f"{FIRST}.json")
    assert mirror.fetch(FIRST).problem
    saved.write_text(re.sub(r',\s*"check": \d+', "", saved.read_text()))
    assert mirror_at(server.address).fetch(FIRST) == known


def test_fetch_fails_if_a_window_is_missing(
    server: ArchiveServer, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = build_window(FIRST)
    nothing = {name: getattr(empty, name)[:0] for name in ("time", "energy", "dety", "detz")}
    write_isdc(build_window(FIRST, **nothing, select_flag=empty.select_flag[:0]), root)
    copy = ["--to", str(tmp_path / "copy")]
    assert main(["fetch", "--archive", server.address, *copy, "--windows", *WINDOWS[:2]]) == 1
    said = capsys.readouterr().out
    assert f"skipped {FIRST}: its event file holds no events." in said
    assert "1 of 2 science windows are in" in said


def _index_bytes(server: ArchiveServer) -> int:
    return (server.root / "idx" / "scw" / "GNRL-SCWG-GRP-IDX.fits").stat().st_size
