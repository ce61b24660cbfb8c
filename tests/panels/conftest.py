"""A workbench over a site that answers at once."""

from __future__ import annotations

import time
from collections.abc import Callable

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
    wait_until(lambda: made.results.curve_view is not None and made.form.code.text)
    return made
