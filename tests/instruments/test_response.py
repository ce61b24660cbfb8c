"""The response of ISGRI."""

from __future__ import annotations

import numpy as np

from oda_widgets.instruments.response import isgri_response


def test_the_crab_gives_the_rates_known_for_this_response() -> None:
    """9.7 E^-2.1 folded: 188 counts/s in 20-40 keV, 182 in 28-80, 16.8 in 100-300."""
    response = isgri_response()
    low, high = response.energy_low, response.energy_high
    photons = 9.7 / 1.1 * (low**-1.1 - high**-1.1)
    rate = response.fold(photons)
    for band, expected in (((20, 40), 188), ((28, 80), 182), ((100, 300), 16.8)):
        middle = (response.channel_low + response.channel_high) / 2
        inside = (middle > band[0]) & (middle < band[1])
        assert abs(rate[inside].sum() / expected - 1) < 0.02


def test_channels_adjoin_and_rows_are_probabilities() -> None:
    response = isgri_response()
    assert np.array_equal(response.channel_high[:-1], response.channel_low[1:])
    sums = response.redistribution.sum(axis=1)
    assert sums.max() <= 1 + 1e-6
    assert 1000 < response.area.max() < 1400
