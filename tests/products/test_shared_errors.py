"""Errors that the channels of a spectrum share, in sums of channels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_data import BAD, DUBIOUS, GOOD
from tests.products.examples import make_spectrum


@pytest.fixture
def shared() -> Spectrum:
    """Give a spectrum with two errors that channels share, and a channel without data."""
    made = make_spectrum()
    n_channels = len(made.rate)
    rows = np.zeros((2, n_channels))
    rows[0, :3], rows[1, 3:] = 0.3, 0.4
    error, quality = np.full(n_channels, 0.5), 0 * made.quality
    error[-1], quality[-1] = np.inf, BAD
    return replace(made, error=error, quality=quality, common_error=rows)


def test_channels_of_one_group_add_what_they_share_by_its_amount(shared: Spectrum) -> None:
    joined = shared.joined(np.array([0, 3]))
    assert joined.error[0] == pytest.approx(np.hypot(np.sqrt(3 * (0.25 - 0.09)), 3 * 0.3))


def test_errors_of_different_rows_are_independent(shared: Spectrum) -> None:
    joined = shared.joined(np.array([0, 2, 4]))
    own = (0.25 - 0.09) + (0.25 - 0.16)
    assert joined.error[1] == pytest.approx(np.sqrt(own + 0.3**2 + 0.4**2))


def test_grouping_twice_is_grouping_once(shared: Spectrum) -> None:
    once = shared.joined(np.array([0, 4]))
    twice = shared.joined(np.array([0, 2, 4])).joined(np.array([0, 2]))
    np.testing.assert_allclose(once.error, twice.error)


def test_the_mean_rate_leaves_out_channels_without_data(shared: Spectrum) -> None:
    good = len(shared.rate) - 1
    own = 3 * (0.25 - 0.09) + (good - 3) * (0.25 - 0.16)
    _, error = shared.mean_rate
    assert error == pytest.approx(np.sqrt(own + (3 * 0.3) ** 2 + ((good - 3) * 0.4) ** 2))


def test_prints_give_the_rate_of_a_band_that_the_spectrum_measures() -> None:
    low = np.arange(16.0, 200.0, 2.0)
    made = make_spectrum()
    edges = {"channel_low": low, "channel_high": low + 2.0}
    response = replace(
        made.response, redistribution=np.ones((len(made.response.area), 92)), **edges
    )
    ones, quality = np.ones(92), np.zeros(92, np.int16)
    whole = replace(
        made, rate=ones, error=ones, quality=quality, systematic_error=ones, response=response
    )
    assert "10.0 ± 3.2 counts/s in 20–40 keV" in repr(whole)
    assert whole.shown_rate == whole.rate_in(20, 40) == (10.0, pytest.approx(10**0.5))
    assert str(whole.mean_rate) == "92.0 ± 9.6 counts/s in 16–200 keV"
    assert str(whole.rate_in(30, 61)) == "15.0 ± 3.9 counts/s in 30–60 keV"
    with pytest.raises(EmptySelection, match="no good channel in 300 to 400 keV"):
        whole.rate_in(300, 400)
    with pytest.raises(BadParameter, match="the lower edge must be below the upper edge"):
        whole.rate_in(40, 20)
    late = replace(whole, quality=np.where(low < 31, DUBIOUS, GOOD).astype(np.int16))
    assert "24.0 ± 4.9 counts/s in 32–80 keV" in repr(late)
    holes = replace(late, quality=np.where((low < 31) | (low == 50), BAD, 0).astype(np.int16))
    assert "counts/s in 32–200 keV" in repr(holes)
