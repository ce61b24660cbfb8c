"""Fixtures of the simulated mission: one window that sees the Crab."""

from __future__ import annotations

import pytest

from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.select import select
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source
from oda_widgets.request.window_query import WindowQuery

CRAB = Source("Crab", 83.63321, 22.01447, "")


@pytest.fixture(scope="session")
def mission() -> SimulatedArchive:
    """Give the simulated mission."""
    return SimulatedArchive()


@pytest.fixture(scope="session")
def crab_window(mission: SimulatedArchive) -> ScienceWindow:
    """Give an early window that points within 4 degrees of the Crab."""
    found = select(mission.science_windows(), WindowQuery(source=CRAB, radius=4.0, stop=2500.0))
    return found[0]


@pytest.fixture(scope="session")
def crab_raw(mission: SimulatedArchive, crab_window: ScienceWindow) -> RawWindow:
    """Give its events."""
    return mission.raw(crab_window.id)
