"""How long tests wait for what other threads and processes do."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import SystemRandom
from threading import Event
from typing import Any

import pytest

import oda_widgets as oda

PATIENCE = 300.0
"""Seconds that a test waits for what takes milliseconds: how busy a machine is says nothing."""

# Below the ports that systems give to clients, any of which could take one that was just found.
_PORTS = range(15_000, 32_000, 8)


def wait_until(met: Callable[[], object]) -> None:
    """Wait for what another thread or process does."""
    until = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < until, f"this did not come in {PATIENCE:g} s"
        time.sleep(0.01)


@contextmanager
def held(site: oda.Site) -> Iterator[None]:
    """Let jobs that are submitted meanwhile begin at the end: whoever listens hears all of them."""
    go, run = Event(), site._backend.run

    def run_later(query: Any, monitor: Any) -> Any:
        go.wait(PATIENCE)
        return run(query, monitor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site._backend, "run", run_later)
        yield
    go.set()


def free_port() -> int:
    """Return a free port that no other process of this run of the tests is given."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    ours = int(worker) % _PORTS.step
    while True:
        port = SystemRandom().choice(_PORTS) + ours
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
