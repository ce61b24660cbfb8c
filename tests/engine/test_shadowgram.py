"""Counts of pixels in bands of energy and intervals of time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.engine.shadowgram import channel_counts, live_seconds, shadowgram
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import TimeInterval

EDGES = np.array([28.0, 35.0, 50.0, 80.0])


@pytest.fixture(scope="module")
def part(burst_window: WindowEvents) -> tuple[TimeInterval, ...]:
    """Give two pieces of the window, 90 s together."""
    start = burst_window.window.start
    days = [(start + a / 86400, start + b / 86400) for a, b in ((10, 60), (200, 240))]
    return tuple(TimeInterval(*pair) for pair in days)


def test_each_event_is_counted_where_it_belongs(
    burst_window: WindowEvents, band: EnergyBand, part: tuple[TimeInterval, ...]
) -> None:
    image = shadowgram(burst_window, band, part)
    expected = np.zeros(image.counts.shape)
    for event in range(len(burst_window)):
        time, energy = burst_window.time[event], burst_window.energy[event]
        if 28 <= energy < 80 and any(i.start <= time < i.stop for i in part):
            expected[burst_window.detz[event], burst_window.dety[event]] += 1
    np.testing.assert_array_equal(image.counts, expected)
    assert image.seconds == pytest.approx(90)


def test_channels_add_up_to_the_band(
    burst_window: WindowEvents, band: EnergyBand, part: tuple[TimeInterval, ...]
) -> None:
    channels = channel_counts(burst_window, EDGES, part)
    image = shadowgram(burst_window, band, part).counts
    np.testing.assert_array_equal(channels.sum(axis=0), image.ravel())
    middle = shadowgram(burst_window, EnergyBand(35, 50), part).counts
    np.testing.assert_array_equal(channels[1], middle.ravel())


def test_energies_on_an_edge_belong_to_the_channel_above(
    burst_window: WindowEvents, part: tuple[TimeInterval, ...]
) -> None:
    """Edges of many widths, at energies that occur and just below: as a histogram has them."""
    energy = np.unique(burst_window.energy[burst_window.energy < 900])[::40].astype(float)
    below = np.nextafter(energy, 0)
    edges = np.append(np.where(np.arange(len(energy)) % 2, energy, below), 1000.0)
    channels = channel_counts(burst_window, edges, part)
    inside = np.zeros(len(burst_window), bool)
    for piece in part:
        inside |= (burst_window.time >= piece.start) & (burst_window.time < piece.stop)
    expected = np.histogram(burst_window.energy[inside].astype(float), edges)[0]
    np.testing.assert_array_equal(channels.sum(axis=1)[:-1], expected[:-1])


def test_pieces_add_up_to_the_whole(
    burst_window: WindowEvents, band: EnergyBand, part: tuple[TimeInterval, ...]
) -> None:
    first, second = (shadowgram(burst_window, band, [piece]) for piece in part)
    both = shadowgram(burst_window, band, part)
    np.testing.assert_array_equal((first + second).counts, both.counts)
    assert (first + second).seconds == pytest.approx(both.seconds)


def test_dead_time_shortens_the_live_time(
    burst_window: WindowEvents, part: tuple[TimeInterval, ...]
) -> None:
    assert live_seconds(replace(burst_window, live_fraction=0.7), part) == pytest.approx(63)
