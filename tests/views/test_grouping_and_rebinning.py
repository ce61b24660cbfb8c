from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.views.grouping import channel_groups, group_spectrum
from oda_widgets.views.rebin import rebin
from tests.views import handmade


def test_groups_reach_the_wanted_significance_or_are_wide() -> None:
    grouped = group_spectrum(handmade.spectrum(), 5)
    wide = grouped.high >= 1.5 * grouped.low
    last = np.arange(len(grouped.rate)) == len(grouped.rate) - 1
    assert np.all((grouped.significance >= 5) | wide | last)


def test_grouping_keeps_the_counts() -> None:
    spectrum = handmade.spectrum()
    grouped = group_spectrum(spectrum, 5)
    counts = (grouped.rate * (grouped.high - grouped.low)).sum()
    assert counts == pytest.approx(np.nansum(spectrum.rate[spectrum.quality == 0]))


def test_what_is_left_at_the_end_of_a_range_is_no_narrow_group() -> None:
    spectrum = handmade.spectrum()
    low, high = spectrum.channel_low, spectrum.channel_high
    groups = channel_groups(spectrum, 5)
    widths = [np.log(high[last - 1] / low[first]) for first, last in groups]
    for number in range(1, len(groups)):
        after_gap = groups[number - 1][1] < groups[number][0]
        assert after_gap or widths[number] >= 0.49 * widths[number - 1]


def test_zero_keeps_every_positive_channel() -> None:
    spectrum = handmade.spectrum()
    positive = replace(spectrum, rate=np.abs(spectrum.rate))
    assert len(group_spectrum(positive, 0).rate) == 58


def test_no_group_spans_a_bad_channel() -> None:
    spectrum = handmade.spectrum()
    quality = spectrum.quality.copy()
    quality[30] = 3
    grouped = group_spectrum(replace(spectrum, quality=quality), 50)
    bad = (spectrum.channel_low[30] + spectrum.channel_high[30]) / 2
    assert not np.any((grouped.low < bad) & (grouped.high > bad))


def test_a_short_light_curve_is_drawn_as_it_is() -> None:
    edges = np.arange(11.0)
    rate = np.arange(10.0)
    drawn = rebin(edges[:-1], edges[1:], rate, np.ones(10))
    assert drawn.factor == 1
    np.testing.assert_array_equal(drawn.rate, rate)


def test_a_long_light_curve_fits_the_screen_and_loses_no_burst() -> None:
    count = 100_000
    edges = np.arange(count + 1.0)
    rate = np.zeros(count)
    rate[77_777] = 500
    drawn = rebin(edges[:-1], edges[1:], rate, np.ones(count), most=4000)
    assert len(drawn.rate) <= 4000
    assert drawn.peak.max() == 500
    assert drawn.error[0] == pytest.approx(1 / np.sqrt(drawn.factor))
    assert drawn.stop[-1] == count


def test_bins_without_an_error_are_left_out() -> None:
    edges = np.arange(4.0)
    drawn = rebin(edges[:-1], edges[1:], np.ones(3), np.array([1, np.inf, 0]))
    assert drawn.start.tolist() == [0]


def test_no_drawn_bin_spans_a_gap_and_noise_has_no_peaks() -> None:
    pieces = [np.arange(3000.0), 5e6 + np.arange(3000.0)]
    start = np.concatenate(pieces)
    rate = np.random.default_rng(1).normal(200, 60, len(start))
    drawn = rebin(start, start + 1, rate, np.full(len(start), 60.0))
    assert len(drawn.rate) <= 8
    assert np.all(drawn.stop - drawn.start <= 3000)
    assert drawn.gap_after.sum() == 1
    np.testing.assert_array_equal(drawn.peak, drawn.rate)
    assert np.all(np.abs(drawn.rate - 200) < 5 * drawn.error)
