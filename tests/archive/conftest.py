"""Fixtures of the archive: a small science window and the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.request.science_windows import ScienceWindow
from tests.real_data import CUT_EVENTS

MakeWindow = Callable[..., RawWindow]


def build_window(identifier: str = "006600220010.001", **changes: Any) -> RawWindow:
    """Return a window of 200 events in 1000 s, two good time intervals; fields can be changed."""
    start = float(identifier[:4]) * 3 + 1000.0
    stop = start + 1000 / 86400
    rng = np.random.default_rng(int(identifier[:12]))
    raw = RawWindow(
        window=ScienceWindow(identifier, start, stop, 83.6, 22.0, 353.6, 0.0, good_time=0.0),
        time=np.sort(rng.uniform(start, stop, 200)),
        energy=rng.uniform(15, 1000, 200).astype(np.float32),
        dety=rng.integers(0, 130, 200).astype(np.uint8),
        detz=rng.integers(0, 134, 200).astype(np.uint8),
        select_flag=(rng.random(200) < 0.1).astype(np.uint8),
        intervals=np.array([[start, start + 400 / 86400], [start + 500 / 86400, stop]]),
    )
    changed = replace(raw, **changes)
    good_time = sum(interval.seconds for interval in changed.good_time)
    return replace(changed, window=replace(changed.window, good_time=good_time))


@pytest.fixture
def make_window() -> MakeWindow:
    """Give the function that makes small windows."""
    return build_window


@pytest.fixture(scope="session")
def real_file() -> Path:
    """Give a file of the ISDC, with some of the events of the bundled sample."""
    return CUT_EVENTS
