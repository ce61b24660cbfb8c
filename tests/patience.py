"""How long tests wait for what other threads and processes do."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from random import SystemRandom

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
