"""A workbench over a site that answers at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from oda_widgets.panels.workbench import Workbench
from tests.panels.fake_site import FakeSite


def wait_until(true: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def site() -> FakeSite:
    return FakeSite()


@pytest.fixture
def bench(site: FakeSite) -> Workbench:
    """Return a workbench whose first light curve is there."""
    made = Workbench(site)
    for thread in threading.enumerate():
        if thread.name == "oda-workbench":
            thread.join(20)
    assert made.results.curve_view is not None
    return made


@pytest.fixture(autouse=True)
def no_defects(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail if a defect was turned into a message: an error that is not one of ours."""
    yield
    assert [r.getMessage() for r in caplog.get_records("call") if r.levelname == "ERROR"] == []
