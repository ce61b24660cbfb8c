"""The simulated JEM-X: rates, dead anodes, and the same events every time."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.archive.simulated.jemx.anodes import living_anodes
from oda_widgets.archive.simulated.jemx.beam import photon_rate, source_hits
from oda_widgets.archive.simulated.jemx.window import jemx_events
from oda_widgets.archive.simulated.light_curves import Passage, Steady
from oda_widgets.archive.simulated.plan import windows_by_stem
from oda_widgets.archive.simulated.sky import sky
from oda_widgets.instruments.jemx.detector import inside
from oda_widgets.request.science_windows import ScienceWindow

CRAB = next(source for source in sky() if source.name == "Crab")
ALL_ALIVE = np.ones(210, bool)
DAY = 1 / 86400


@pytest.fixture(scope="module")
def window() -> ScienceWindow:
    return windows_by_stem()["083500090010"]


def test_the_crab_is_as_bright_as_it_was_measured() -> None:
    """A real light curve has 136 counts/s, in which are 6 of background."""
    (component,) = CRAB.components
    assert component.spectrum.column_density == 0.26
    photons = photon_rate(component.spectrum, 1)
    low, high = np.interp([3.04, 34.88], photons.edges, photons.below)
    assert high - low == pytest.approx(128, rel=0.06)


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.03, -0.02), (0.0, 0.11)])
def test_counts_of_a_source_fall_with_the_collimator_and_the_mask(
    place: tuple[float, float],
) -> None:
    (component,) = CRAB.components
    passage = Passage.of(Steady(), 1000.0, 1000.0 + 500 * DAY)
    random = np.random.default_rng(1)
    hits = source_hits(place, component, passage, 1.0, ALL_ALIVE, 1, random)
    used = np.hypot(hits.y, hits.z) < 105
    passes = 1 - np.hypot(*place) / np.tan(np.radians(6.6))
    on_axis = photon_rate(component.spectrum, 1).rate * 500 * passes
    if place[1] > 0.1:  # beside the mask
        assert used.sum() < 0.02 * on_axis
    else:
        assert used.sum() == pytest.approx(on_axis, rel=0.07)  # a shadow holds 25 % and some


def test_events_are_the_same_each_time(window: ScienceWindow) -> None:
    first, second = (jemx_events(window, 0, 1) for _ in range(2))
    np.testing.assert_array_equal(first.time, second.time)
    np.testing.assert_array_equal(first.energy, second.energy)
    other = jemx_events(window, 0, 2)
    assert len(other) != len(first)


def test_events_are_usable(window: ScienceWindow) -> None:
    events = jemx_events(window, 0, 1)
    assert np.all(np.diff(events.time) >= 0)
    assert inside()[events.detz, events.dety].all()
    for interval in events.good_time:
        assert window.start <= interval.start < interval.stop <= window.stop
    assert np.median(events.energy) == pytest.approx(7, abs=2)
    assert events.living is not None
    assert not np.bincount(events.dety, minlength=210)[~events.living.any(axis=0)].mean() > (
        0.6 * np.bincount(events.dety, minlength=210).mean()
    )


def test_anodes_that_died_stay_dead() -> None:
    early, late = (living_anodes(0, 1, ijd) for ijd in (1500.0, 8000.0))
    assert (~early).sum() < (~late).sum() < 30
    assert np.all(late <= early)
    assert np.any(late != living_anodes(0, 2, 8000.0))
