"""Worker processes run calls, survive the death of others, and end with the session."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.workers.process_executor import SILENCE, ProcessExecutor, WorkerDied
from tests.analysis import calls
from tests.patience import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
SESSION = """
import os, signal, time
from oda_widgets.workers.process_executor import ProcessExecutor
signal.signal(signal.SIGINT, signal.default_int_handler)  # a runner may have us ignore it
executor = ProcessExecutor(1)
print(executor.submit(os.getpid).result(), flush=True)
executor.submit(time.sleep, 0.5)
for _ in range(6000):
    time.sleep(0.1)  # short: a signal that comes just before a sleep is handled after it
"""


@pytest.fixture(scope="module")
def executor() -> Iterator[ProcessExecutor]:
    with ProcessExecutor(1) as executor:
        yield executor


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_process_answers_call_after_call(executor: ProcessExecutor) -> None:
    """Errors arrive as they were raised, and prints disturb nothing."""
    first = executor.submit(os.getpid).result()
    assert first != os.getpid()
    with pytest.raises(BadParameter, match="energy=3: too low"):
        executor.submit(calls.refuse).result()
    with pytest.raises(RuntimeError, match="Local: lost"):
        executor.submit(calls.fail_untold).result()
    assert executor.submit(print, "x" * 100).result() is None
    assert executor.submit(int, "ff", base=16).result() == 255
    assert executor.submit(os.getpid).result() == first


def test_progress_arrives_before_the_result(executor: ProcessExecutor) -> None:
    reported: list[object] = []
    assert executor.submit_reporting(reported.append, calls.count_aloud, 3).result() == 3
    assert reported == [0, 1, 2]


def test_the_call_of_a_killed_process_is_repeated_by_another(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    before = executor.submit(os.getpid).result()
    after = executor.submit(calls.die_once, tmp_path / "mark").result()
    assert after != before
    assert executor.submit(os.getpid).result() == after


def test_the_call_of_a_stopped_process_is_repeated_by_another(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    before = executor.submit(os.getpid).result()
    call = executor.submit(calls.stop_once, tmp_path / "mark")
    wait_until(lambda: is_stopped(before))
    for _ in range(SILENCE + 1):  # seconds, as they seem to it
        executor.look()
    assert call.result(PATIENCE) != before
    wait_until(lambda: not is_running(before))


def is_stopped(process_id: int) -> bool:
    state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "T"


def test_a_process_that_computes_for_longer_than_that_is_left_alone(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    process = executor.submit(os.getpid).result()
    call = executor.submit(calls.wait_for, tmp_path / "end")
    wait_until(lambda: not executor._idle)
    (computing,) = executor._processes
    for _ in range(SILENCE - 10):
        executor.look()
    wait_until(lambda: computing._silent < SILENCE - 10)  # it has given a sign of life
    (tmp_path / "end").touch()
    assert call.result(PATIENCE) == process


def test_a_call_that_kills_each_process_is_given_up(executor: ProcessExecutor) -> None:
    with pytest.raises(WorkerDied, match="exit status 3"):
        executor.submit(os._exit, 3).result()
    assert executor.submit(abs, -1).result() == 1


def test_stopping_ends_what_runs_and_nothing_else(executor: ProcessExecutor) -> None:
    executor.submit(abs, 1).result()
    endless = executor.submit(time.sleep, 600)
    wait_until(lambda: not executor._idle)
    executor.stop()
    with pytest.raises(WorkerDied, match="SIGKILL"):
        endless.result(PATIENCE)
    assert executor.submit(abs, -1).result() == 1


def test_stopping_a_call_leaves_those_of_others_alone(tmp_path: Path) -> None:
    with ProcessExecutor(2) as executor:
        endless = executor.submit(time.sleep, 600)
        other = executor.submit(calls.wait_for, tmp_path / "end")
        wait_until(lambda: len(executor._processes) == 2)
        waiting = executor.submit(abs, -1)
        executor.stop([endless])
        with pytest.raises(WorkerDied, match="SIGKILL"):
            endless.result(PATIENCE)
        assert waiting.result(PATIENCE) == 1
        (tmp_path / "end").touch()
        assert isinstance(other.result(PATIENCE), int)


def test_a_call_that_is_stopped_before_it_begins_is_not_begun(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    first = executor.submit(calls.wait_for, tmp_path / "end")
    second = executor.submit(abs, -1)
    executor.stop([second])
    (tmp_path / "end").touch()
    assert isinstance(first.result(PATIENCE), int)
    with pytest.raises(WorkerDied, match="before it began"):
        second.result(PATIENCE)


def test_no_process_outlives_its_executor() -> None:
    executor = ProcessExecutor(1)
    process = executor.submit(os.getpid).result()
    del executor
    wait_until(lambda: not is_running(process))


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT], ids=lambda end: end.name)
def test_no_process_outlives_a_session_that_is_ended(end: signal.Signals) -> None:
    command = [sys.executable, "-c", SESSION]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as session:
        assert session.stdout is not None
        process = int(session.stdout.readline())
        session.send_signal(end)
        assert session.wait(PATIENCE) != 0
        wait_until(lambda: not is_running(process))
