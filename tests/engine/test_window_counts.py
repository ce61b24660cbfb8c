"""Counts of a window give the images that its events give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.engine.pauses import paused_pixels
from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.engine.shadowgram import channel_counts, shadowgram, window_counts
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.channels import channel_edges
from oda_widgets.instruments.isgri.window_counts import (
    PackedCounts,
    WindowCounts,
    count_edges,
    on_edges,
)
from oda_widgets.request.energy import EnergyBand


@pytest.fixture(scope="module")
def events(burst_window: WindowEvents) -> WindowEvents:
    """Give events of which some lie on edges, some outside all ranges, and many in one pixel."""
    energy = burst_window.energy.copy()
    energy[:1000] = np.resize(count_edges().astype(np.float32), 1000)
    energy[1000:1010], energy[1010:1020] = 5.0, 2000.0
    dety, detz = burst_window.dety.copy(), burst_window.detz.copy()
    energy[2000:2700], dety[2000:2700], detz[2000:2700] = 30.25, 7, 9
    return replace(burst_window, energy=energy, dety=dety, detz=detz)


@pytest.fixture(scope="module")
def counts(events: WindowEvents) -> WindowCounts:
    return window_counts(events, paused_pixels(events))


@pytest.mark.parametrize("band", [(20, 40), (28, 80), (12.5, 1029.5), (99.5, 100), (299, 300)])
def test_bands_have_the_counts_of_the_events(
    events: WindowEvents, counts: WindowCounts, band: tuple[float, float]
) -> None:
    one, other = (
        shadowgram(recorded, EnergyBand(*band), events.good_time) for recorded in (counts, events)
    )
    np.testing.assert_array_equal(one.counts, other.counts)
    assert one.seconds == other.seconds


@pytest.mark.parametrize("edges", [channel_edges(), [15, 20, 24, 39.5, 201], [20.0, 40.0]])
def test_channels_have_the_counts_of_the_events(
    events: WindowEvents, counts: WindowCounts, edges: list[float]
) -> None:
    expected = channel_counts(events, np.array(edges), events.good_time)
    np.testing.assert_array_equal(
        channel_counts(counts, np.array(edges), events.good_time), expected
    )
    assert expected.max() >= 700
    assert not channel_counts(counts, np.array(edges), ()).any()


def test_pixels_are_judged_alike(events: WindowEvents, counts: WindowCounts) -> None:
    one, other = pixel_health(counts), pixel_health(events)
    np.testing.assert_array_equal(one.used, other.used)
    np.testing.assert_array_equal(one.totals, other.totals)
    assert (one.dead, one.working) == (other.dead, other.working)
    assert len(counts) == len(events)


def test_edges_are_numbers_that_energies_can_have_exactly() -> None:
    assert (count_edges().astype(np.float32) == count_edges()).all()
    assert on_edges(20, 40)
    assert on_edges(*channel_edges())
    assert not on_edges(20.3, 40)
    assert not on_edges(20, 1100)


@pytest.mark.parametrize(("most", "pixels"), [(15, 50), (15, 51), (16, 50), (70_000, 50)])
def test_any_counts_come_back(most: int, pixels: int) -> None:
    numbers = np.random.default_rng(2).poisson(2.0, (70, pixels)).astype(np.uint32)
    numbers[40, 3] = most
    packed = PackedCounts.of(numbers)
    for first, last in ((0, 70), (31, 33), (40, 41), (69, 70)):
        np.testing.assert_array_equal(packed.ranges(first, last, pixels), numbers[first:last])
