"""A process that is told to stop ends within a stated time, whatever it is waiting for."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from oda_widgets.server.job_process import _StopSignal
from oda_widgets.server.told_to_stop import DEADLINE, stopped_by_signals
from tests.patience import PATIENCE, wait_until

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_STUCK = """
import threading
from oda_widgets.server.told_to_stop import stopped_by_signals

def wait_for_ever():
    threading.Event().wait()

with stopped_by_signals(lambda: None, lambda: print("children ended", flush=True), deadline=0.3):
    print("begun", flush=True)
    wait_for_ever()
"""


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put the handlers of signals back after the test."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", _SIGNALS)
def test_a_process_that_is_stuck_ends_at_the_deadline_and_says_where(
    number: signal.Signals,
) -> None:
    words = [sys.executable, "-c", _STUCK]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        try:
            output, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 0
    assert output == "children ended\n"
    assert "did not end within 0.3 s" in errors
    assert "wait_for_ever" in errors


def test_the_deadline_leaves_time_before_systems_kill() -> None:
    """Docker kills after ten seconds."""
    assert DEADLINE < 10


@pytest.mark.usefixtures("handlers")
def test_without_a_signal_nothing_is_left_behind() -> None:
    handler = signal.getsignal(signal.SIGTERM)
    with stopped_by_signals(pytest.fail, pytest.fail, deadline=0):
        pass
    assert signal.getsignal(signal.SIGTERM) is handler
    wait_until(lambda: all(thread.name != "oda-deadline" for thread in threading.enumerate()))


class _Cancelled:
    """A job that counts how often it was cancelled."""

    def __init__(self) -> None:
        self.cancelled = 0

    def cancel(self) -> None:
        self.cancelled += 1


@pytest.mark.usefixtures("handlers")
def test_a_job_that_begins_after_the_signal_is_cancelled_at_once() -> None:
    stop, early, late = _StopSignal(), _Cancelled(), _Cancelled()
    stop.cancel_on_stop(early)  # type: ignore[arg-type]
    assert not early.cancelled
    signal.raise_signal(signal.SIGTERM)
    assert early.cancelled == 1
    stop.cancel_on_stop(late)  # type: ignore[arg-type]
    assert late.cancelled == 1
