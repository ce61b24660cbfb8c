"""Spectra added up or averaged to one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.products.counts import Counts
from oda_widgets.products.spectrum_data import BAD, DUBIOUS, GOOD, Background
from tests.fitting.counted import SECONDS, counted, drawn, response


def rates(rate: float, error: float, seconds: float = 100.0, **parts: Any) -> oda.Spectrum:
    """Return a spectrum of 24 equal rates with errors of their own."""
    made = oda.fakeit("powerlaw", response(), seconds, parameters={"norm": 0.0})
    values = {"rate": np.full(24, rate), "error": np.full(24, error), "counts": None}
    return replace(made, **{**values, **parts})


def test_counts_and_exposures_add_up() -> None:
    one = counted(background=True)
    whole = one.stack(one, one)
    assert whole.counts is not None
    assert one.counts is not None
    np.testing.assert_array_equal(whole.counts.number, 3 * one.counts.number)
    np.testing.assert_array_equal(whole.counts.exposure, np.full(24, 3 * SECONDS))
    np.testing.assert_allclose(whole.rate, one.rate)
    np.testing.assert_allclose(whole.error, one.error / 3**0.5)
    assert whole.observation.live_time == 3 * SECONDS


def test_counts_of_the_background_keep_its_rate_and_its_ratio() -> None:
    one = counted(background=True)
    whole = one.stack(one)
    assert one.background is not None
    assert whole.background is not None
    assert whole.background.counts is not None
    np.testing.assert_allclose(whole.background.rate, one.background.rate)
    ratio = whole.background.counts.exposure / whole.counts.exposure  # type: ignore[union-attr]
    np.testing.assert_allclose(ratio, 10.0)


def test_a_background_of_another_ratio_is_scaled_to_each_spectrum() -> None:
    """20 counts expected behind the first spectrum, 40 behind the second."""
    one = counted(background=False)
    few, many = (Counts(np.full(24, n), np.full(24, s)) for n, s in ((10.0, 100.0), (60.0, 300.0)))
    parts = [replace(one, background=Background(b.rate, b.error, b)) for b in (few, many)]
    whole = parts[0].stack(parts[1])
    assert whole.background is not None
    np.testing.assert_allclose(whole.background.rate * 2 * SECONDS, 60.0)
    np.testing.assert_allclose(whole.background.counts.rate, whole.background.rate)  # type: ignore[union-attr]


def test_a_fit_of_the_whole_finds_what_a_joint_fit_finds() -> None:
    """The likelihood of Poisson counts of one model depends on their sum alone."""
    parts = [drawn(700, 0.0, 1.0, seed) for seed in range(4)]
    whole = parts[0].stack(*parts[1:]).fit("powerlaw")
    joint = oda.fit(parts, "powerlaw")
    for name in ("PhoIndex", "norm"):
        one, other = whole.parameters[name], joint.parameters[name]
        assert one.value == pytest.approx(other.value, rel=1e-3)
        assert one.sigma == pytest.approx(other.sigma, rel=1e-2)


def test_rates_are_weighted_by_exposure_unless_told_otherwise() -> None:
    first, second = rates(1.0, 0.3, 100.0), rates(4.0, 0.1, 300.0)
    mean = first.stack(second)
    np.testing.assert_allclose(mean.rate, 3.25)
    np.testing.assert_allclose(mean.error, np.hypot(0.3 / 4, 0.1 * 3 / 4))
    best = first.stack(second, weights="variance")
    np.testing.assert_allclose(best.rate, 3.7)
    np.testing.assert_allclose(best.error, 0.3 / 10**0.5)
    assert "weighted by variance" in best.observation.weights_note


@given(st.lists(st.floats(1.0, 1000.0), min_size=2, max_size=5), st.floats(-4.0, 1.0))
def test_the_mean_response_folds_to_the_mean_of_what_each_folds_to(
    seconds: list[float], index: float
) -> None:
    base = response()
    bent = np.linspace(0.5, 2.0, len(base.area))
    parts = [
        rates(
            1.0,
            1.0,
            length,
            response=replace(
                base,
                area=base.area * bent ** (number - 1),
                redistribution=base.redistribution * (1 + number) / 8,
            ),
        )
        for number, length in enumerate(seconds)
    ]
    flux = base.energy_low**index
    mean = np.average([one.response.fold(flux) for one in parts], axis=0, weights=seconds)
    np.testing.assert_allclose(parts[0].stack(*parts[1:]).response.fold(flux), mean)


def test_a_channel_is_as_good_as_in_the_best_spectrum_and_comes_from_there() -> None:
    quality = np.full((2, 24), GOOD, np.int16)
    quality[0, :3], quality[1, 1:4] = BAD, (DUBIOUS, BAD, DUBIOUS)
    first = rates(1.0, 1.0, quality=quality[0])
    rate = np.full(24, 1.0)
    rate[:3] = np.nan
    first = replace(first, rate=rate)
    whole = first.stack(rates(3.0, 1.0, quality=quality[1]))
    assert whole.quality.tolist() == [GOOD, DUBIOUS, BAD, *[GOOD] * 21]
    np.testing.assert_allclose(whole.rate[[0, 1, 3, 4]], [3.0, 3.0, 1.0, 2.0])


def test_errors_that_channels_share_stay_apart_for_each_spectrum() -> None:
    """Two spectra with a common error of 0.3 have 0.3 / sqrt(2) in the mean, of every sum."""
    one = rates(1.0, 0.5, common_error=np.full((1, 24), 0.3), systematic_error=np.full(24, 0.02))
    whole = one.stack(one)
    assert whole.common_error is not None
    assert whole.common_error.shape == (2, 24)
    np.testing.assert_allclose(whole.systematic_error, 0.02)
    own, common = np.hypot(0.4 * 24**0.5, 0) / 2**0.5, 24 * 0.3 / 2**0.5
    assert whole.mean_rate[1] == pytest.approx(np.hypot(own, common))


def test_a_grouping_stays_that_all_have() -> None:
    flags = np.tile(np.array([1, -1], np.int16), 12)
    one, other = rates(1.0, 1.0, grouping=flags), rates(1.0, 1.0)
    assert one.stack(one).grouping is not None
    assert one.stack(other).grouping is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"background": Background(np.zeros(24), np.zeros(24))}, "only some .* background=False"),
        ({"observation": "jemx1"}, "instrument is not isgri"),
        ({"response": "channel_low"}, r"channels are not .* oda\.fit"),
        ({"response": "energy_low"}, "photon energies"),
    ],
)
def test_spectra_that_cannot_be_added_are_refused(change: dict[str, Any], message: str) -> None:
    one = rates(1.0, 1.0)
    if change.get("observation"):
        change = {"observation": replace(one.observation, instrument="jemx1")}
    elif change.get("response"):
        name = change["response"]
        moved = replace(one.response, **{name: getattr(one.response, name) * 0.99})
        change = {"response": moved}
    with pytest.raises(BadParameter, match=message):
        one.stack(replace(one, **change))


def test_weights_that_do_not_apply_are_refused() -> None:
    with pytest.raises(BadParameter, match="counts, which add up"):
        counted(background=False).stack(counted(background=False), weights="variance")
    unknown = rates(1.0, 1.0)
    unknown = replace(unknown, observation=replace(unknown.observation, live_time=0.0))
    with pytest.raises(BadParameter, match=r'exposure .* is not known.*weights="variance"'):
        unknown.stack(unknown)
    with pytest.raises(BadParameter, match="exposure, variance"):
        unknown.stack(unknown, weights="mean")
    with pytest.raises(BadParameter, match="not a spectrum"):
        unknown.stack("crab.fits")  # type: ignore[arg-type]
