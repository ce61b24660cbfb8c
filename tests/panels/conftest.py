"""A workbench over a site that answers at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oda_widgets.panels.workbench import Workbench
from tests.panels.fake_site import FakeSite
from tests.panels.turns import in_turns, wait_for_threads


@pytest.fixture(autouse=True)
def turns() -> Iterator[None]:
    """Let other threads change widgets only while the test waits."""
    with in_turns():
        yield


@pytest.fixture
def site() -> FakeSite:
    return FakeSite()


@pytest.fixture
def bench(site: FakeSite) -> Workbench:
    """Return a workbench whose first light curve is there."""
    made = Workbench(site)
    wait_for_threads("oda-workbench")
    assert made.results.curve_view is not None
    return made


@pytest.fixture(autouse=True)
def no_defects(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail if a defect was turned into a message: an error that is not one of ours."""
    yield
    assert [r.getMessage() for r in caplog.get_records("call") if r.levelname == "ERROR"] == []
