"""Several processes share a store; any of them may be killed at any time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from oda_widgets.errors import JobCancelled
from oda_widgets.provenance import lock
from oda_widgets.provenance.lock import only_one
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from tests.patience import PATIENCE, wait_until
from tests.provenance.conftest import Counted, run_of

WORKER = """
import sys, time
from pathlib import Path
import numpy as np
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store
from oda_widgets.provenance import lock

lock._DEAD = 1e9
root, log, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
run = Run(Store(root, 1 << 30), lambda: None, lambda text: None)

def compute(number):
    with log.open("a") as file:
        file.write(f"{number}\\n")
    time.sleep(seconds)
    return Payload({"number": number}, {"values": np.full(1000, float(number))})

for number in range(int(sys.argv[4])):
    task = Task(Node("ii_skyimage", "1", {"number": number}), lambda: compute(number))
    assert run.result(task).arrays["values"][0] == number
"""


def start(root: Path, log: Path, seconds: float, number: int) -> subprocess.Popen[bytes]:
    """Start a worker, which never ends if it waits for the heart of the dead to stop."""
    words = map(str, (root, log, seconds, number))
    return subprocess.Popen([sys.executable, "-c", WORKER, *words])


def lines(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def test_two_processes_that_ask_the_same_at_once_compute_it_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    processes = [start(tmp_path / "store", log, 0.2, 4) for _ in range(3)]
    assert [process.wait(PATIENCE) for process in processes] == [0, 0, 0]
    assert sorted(lines(log)) == ["0", "1", "2", "3"]


def test_a_killed_process_leaves_a_store_from_which_the_next_goes_on(tmp_path: Path) -> None:
    root, log = tmp_path / "store", tmp_path / "log"
    process = start(root, log, 0.3, 5)
    wait_until(lambda: len(lines(log)) == 3)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    assert start(root, log, 0.0, 5).wait(PATIENCE) == 0
    assert sorted(lines(log)) == ["0", "1", "2", "2", "3", "4"]


def test_a_process_killed_while_it_writes_leaves_no_half_result(
    tmp_path: Path,
) -> None:
    root, log = tmp_path / "store", tmp_path / "log"
    for moment in (0.0, 0.002, 0.004, 0.008, 0.016):
        process = start(root, log, 0.0, 10**9)
        before = len(lines(log))
        wait_until(lambda before=before: len(lines(log)) > before + 5)  # type: ignore[misc]
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
    store = Store(root, 1 << 30)
    results = list(store.folder.results())
    assert results
    assert all(store.read(used.id) is not None for used in results)


class KilledError(BaseException):
    """What ends a process at a moment that a test chooses."""


@pytest.mark.parametrize(("where", "call"), [(os, "fdopen"), (Path, "hardlink_to")])
def test_a_lock_names_its_holder_whenever_that_is_killed(
    where: Any, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object, **__: object) -> None:
        raise KilledError

    held = tmp_path / "a.lock"
    with monkeypatch.context() as patched:
        patched.setattr(where, call, end)
        with pytest.raises(KilledError), only_one(held, lambda: None):
            pass
    assert not held.exists()
    with only_one(held, lambda: None):
        assert json.loads(held.read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_held_where_files_cannot_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    def give_up() -> None:
        raise JobCancelled("The job was cancelled.", "Submit it again.")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    held = tmp_path / "a.lock"
    with only_one(held, lambda: None):
        assert json.loads(held.read_text())["pid"] == os.getpid()
        with pytest.raises(JobCancelled), only_one(held, give_up):
            pass
    assert list(tmp_path.iterdir()) == []


def test_the_draft_of_a_lock_whose_process_is_gone_is_removed(tmp_path: Path) -> None:
    store = Store(tmp_path, 1 << 30)
    script = "from oda_widgets.files import draft_name; print(draft_name())"
    name = subprocess.check_output([sys.executable, "-c", script], text=True).strip()
    draft = store.folder.lock("a").with_name(name)
    draft.parent.mkdir()
    draft.write_text("{")
    assert store.folder.remove_abandoned() == (1, 1)
    assert not draft.exists()


@pytest.mark.parametrize("content", ['{"host": "elsewhere", "pid": 1, "token": "x"}', ""])
def test_a_lock_without_a_heartbeat_is_taken_over(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its holder ran on another machine, whose processes cannot be seen, or named nobody."""
    monkeypatch.setattr(lock, "_DEAD", 0.3)
    held = tmp_path / "a.lock"
    held.write_text(content)
    began = time.monotonic()
    with only_one(held, lambda: None):
        assert time.monotonic() - began >= 0.3
    assert not held.exists()


def test_a_stale_lock_that_cannot_be_removed_stops_no_computation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    """The store was closed to us after its holder, a process of this machine, had died."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(PATIENCE)
    store, task = Store(tmp_path, 1 << 30), counted.task("a")
    with store.claim(task.node.id, lambda: None):
        [held] = (tmp_path / "locks").iterdir()
        living = held.read_text()
    held.write_text(living.replace(f'"pid": {os.getpid()}', f'"pid": {ended.pid}'))

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    Run(store, lambda: None, lambda _: None).result(task)
    assert counted.computed == ["a"]


def test_a_lock_with_a_heartbeat_is_respected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks sees it beat each time, and takes it at no hour."""
    path, beats, hours = tmp_path / "a.lock", [0], count(step=lock._DEAD / 2)

    def look() -> None:
        wait_until(lambda: path.stat().st_mtime_ns != beats[-1])
        beats.append(path.stat().st_mtime_ns)
        if len(beats) == 10:
            raise JobCancelled("The job was cancelled.", "Submit it again.")

    monkeypatch.setattr(lock, "_BEAT", 0.01)
    clock = SimpleNamespace(monotonic=lambda: next(hours), sleep=lambda _: None)
    with only_one(path, lambda: None):
        monkeypatch.setattr(lock, "time", clock)
        with pytest.raises(JobCancelled), only_one(path, look):
            pass
        assert path.exists()


def test_waiting_for_a_lock_can_be_cancelled(tmp_path: Path, counted: Counted) -> None:
    def give_up() -> None:
        raise JobCancelled("The job was cancelled.", "Submit it again.")

    store, task = Store(tmp_path, 1 << 30), counted.task("a")
    with store.claim(task.node.id, lambda: None), pytest.raises(JobCancelled):
        Run(store, give_up, lambda _: None).result(task)
    assert counted.computed == []


def test_results_are_computed_without_a_lock_if_nothing_may_be_written(
    tmp_path: Path, counted: Counted
) -> None:
    no_folder = tmp_path / "file"  # nobody can write below a file, not even root
    no_folder.touch()
    said: list[str] = []
    Run(Store(no_folder / "store", 1 << 30), lambda: None, said.append).result(counted.task("a"))
    assert len(said) == 1
    assert counted.computed == ["a"]


def test_an_interrupted_computation_releases_its_lock(tmp_path: Path, counted: Counted) -> None:
    store = Store(tmp_path, 1 << 30)
    task = counted.task("a")
    with pytest.raises(KeyboardInterrupt), store.claim(task.node.id, lambda: None):
        raise KeyboardInterrupt
    run_of(store).result(task)
    assert list((tmp_path / "locks").iterdir()) == []
