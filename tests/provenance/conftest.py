"""A store, and tasks whose computing is counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.run import Run
from oda_widgets.provenance.store import Store

GIGABYTE = 1 << 30


class Counted:
    """Makes tasks and counts how often each is computed."""

    def __init__(self) -> None:
        self.computed: list[str] = []

    def task(self, step: str, *inputs: Node, size: int = 100, **parameters: Any) -> Task:
        def compute() -> Payload:
            self.computed.append(step)
            return Payload({"step": step, "none": None}, {"values": np.arange(float(size))})

        return Task(Node(step, "1", parameters, inputs), compute)


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def new_store(tmp_path: Path) -> Callable[..., Store]:
    """Give the store as another process would open it: with nothing in memory."""

    def opened(most_bytes: int = GIGABYTE) -> Store:
        return Store(tmp_path / "store", most_bytes)

    return opened


def run_of(store: Store) -> Run:
    return Run(store, lambda: None, pytest.fail)
