"""Groups of energies that are fitted as one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.engine.energy_groups import groups_of_band, groups_of_channels
from oda_widgets.instruments.isgri.response import isgri_response
from oda_widgets.request.energy import EnergyBand


@given(st.tuples(st.floats(15, 1000), st.floats(15, 1000)).filter(lambda pair: pair[0] < pair[1]))
def test_groups_tile_a_band(pair: tuple[float, float]) -> None:
    groups = groups_of_band(EnergyBand(*pair))
    assert (groups[0].low, groups[-1].high) == pair
    assert all(first.high == second.low for first, second in pairwise(groups))


def test_every_channel_is_in_one_group() -> None:
    response = isgri_response()
    edges = np.append(response.channel_low, response.channel_high[-1])
    numbers = np.arange(len(response.channel_low))
    grouped = np.concatenate([numbers[channels] for _, channels in groups_of_channels(edges)])
    usable = (response.channel_low >= 15) & (response.channel_high <= 1000)
    np.testing.assert_array_equal(grouped, numbers[usable])


def test_light_curves_and_spectra_share_their_groups() -> None:
    """In a band that ends with channels; otherwise they would not add up to the same."""
    response = isgri_response()
    edges = np.append(response.channel_low, response.channel_high[-1])
    of_channels = {band for band, _ in groups_of_channels(edges)}
    assert set(groups_of_band(EnergyBand(28, 150))) <= of_channels
