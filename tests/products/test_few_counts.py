"""Light curves of few counts: a bin in which nothing was counted is a measurement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.energy import EnergyBand
from oda_widgets.views.curve_series import bins_of, series_of
from tests.products.examples import OBSERVATION, make_light_curve

SEEN = replace(OBSERVATION, ontime=1.0, live_time=1.0, instrument="PCA", telescope="XTE")


def of_counts(counts: np.ndarray, width: float = 1.0, fraction: float = 1.0) -> LightCurve:
    """Return the light curve of counts, with their roots as errors."""
    seconds, number = width * fraction, len(counts)
    whole = make_light_curve(number, width)
    return replace(
        whole,
        time=8000 + (np.arange(number) + 0.5) * width / 86400,
        rate=counts / seconds,
        error=np.sqrt(counts) / seconds,
        exposed_fraction=np.full(number, fraction),
        observation=SEEN,
    )


def drawn(mean: float, number: int = 3000, seed: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, number).astype(float)


@pytest.mark.parametrize("mean", [0.01, 0.1, 0.5, 2.0])
@pytest.mark.parametrize("fraction", [1.0, 0.4])
def test_every_mean_is_the_counts_over_the_exposure(mean: float, fraction: float) -> None:
    counts = drawn(mean)
    curve = of_counts(counts, fraction=fraction)
    seconds = fraction * len(counts)
    expected = counts.sum() / seconds, np.sqrt(counts.sum()) / seconds
    fit = curve.fit()
    for found in (curve.mean(), curve.mean("variance"), (fit.level, fit.level_error)):
        assert tuple(found) == pytest.approx(expected)
    assert fit.degrees == len(counts) - 1
    assert fit.chi2 / fit.degrees == pytest.approx(1.0, abs=0.3)
    assert abs(curve.fit("linear").slope) < 5 * curve.fit("linear").slope_error
    assert curve.excess_variance().value == pytest.approx(
        (counts.var(ddof=1) - counts.mean()) / counts.mean() ** 2
    )


def test_longer_bins_hold_all_counts_and_all_time() -> None:
    counts = drawn(0.1)
    curve = of_counts(counts)
    longer = curve.rebin(seconds=100)
    np.testing.assert_allclose(longer.rate * longer.exposure, counts.reshape(-1, 100).sum(axis=1))
    np.testing.assert_allclose(longer.exposure, 100.0)
    np.testing.assert_allclose(longer.error * 100, np.sqrt(counts.reshape(-1, 100).sum(axis=1)))
    significant = curve.rebin(min_snr=3)
    assert (significant.rate * significant.exposure).sum() == pytest.approx(counts.sum())
    assert (significant.rate >= 2.999 * significant.error).all()


def test_the_hardness_of_few_counts_is_that_of_all() -> None:
    soft, hard = drawn(0.8, seed=1), drawn(0.2, seed=2)
    bands = EnergyBand(2, 5), EnergyBand(5, 10)
    curves = [replace(of_counts(c), energy=b) for c, b in zip((soft, hard), bands, strict=True)]
    expected = (hard.sum() - soft.sum()) / (hard.sum() + soft.sum())
    found = curves[0].hardness(curves[1])
    assert found.of_means is not None
    assert found.of_means[0] == pytest.approx(expected)
    assert f"{expected:.3f}" in repr(found).replace("−", "-")
    one_sided = (soft > 0) & (hard == 0)
    assert (found.error[one_sided] > 0).all()
    longer = [curve.rebin(seconds=100) for curve in curves]
    assert len(longer[0].hardness(longer[1]).ratio) == 30


@pytest.mark.parametrize("level", [0.05, 2.0])
def test_bursts_stand_above_the_true_level(level: float) -> None:
    counts = drawn(level, 6000)
    assert of_counts(counts, 0.5).bursts() == ()
    counts[1000:1008] += 8
    (burst,) = of_counts(counts, 0.5).bursts()
    assert float(burst.level.at(np.array([0.0]))[0]) == pytest.approx(2 * level, rel=0.25)
    assert burst.counts.value == pytest.approx(64, abs=12)
    curve = of_counts(counts, 0.5)
    given = curve.burst(curve.times[998], curve.times[1010])
    assert given.counts.value == pytest.approx(64, abs=25)


def test_bins_without_counts_are_drawn_and_joined_by_their_counts() -> None:
    counts = drawn(0.1, 20_000)
    curve = of_counts(counts)
    (series,) = series_of(curve)
    assert len(series) == len(counts)
    assert (series.error > 0).all()
    bins = bins_of(series, 8000.0, 200)
    seconds = bins.stop - bins.start
    assert (bins.rate * seconds).sum() / seconds.sum() == pytest.approx(counts.mean(), rel=0.01)
    assert np.median(bins.error) == pytest.approx(np.sqrt(0.1 / np.median(seconds)), rel=0.2)


def test_a_bin_without_counts_is_below_a_limit_by_one_count() -> None:
    counts = np.array([0.0, 9, 16, 0])
    curve = of_counts(counts)
    assert len(curve.intervals(below=3.0, significance=2)) == 2
    assert curve.intervals(below=3.0, significance=4) == ()
    assert curve.brightest[0] == 16


def test_nothing_counted_in_any_bin_is_a_rate_of_zero_with_the_error_of_one_count() -> None:
    curve = of_counts(np.zeros(20))
    assert tuple(curve.mean()) == pytest.approx((0.0, 1 / 20))
    assert (curve.fit().level, curve.fit().level_error) == pytest.approx((0.0, 1 / 20))
    assert len(curve.rebin(seconds=10)) == 2
    assert np.isnan(curve.fractional_variability().value)
    assert curve.bursts() == ()


def test_a_rate_and_an_error_of_zero_among_other_errors_say_nothing() -> None:
    curve = make_light_curve()
    rate, error = curve.rate.copy(), curve.error.copy()
    rate[2] = error[2] = 0.0
    part = replace(curve, rate=rate, error=error)
    assert part.measured.tolist() == [True, True, False, True, True, True, True]
    assert (part.expected_errors.error == error).all()


def test_bins_without_exposure_hold_no_measurement() -> None:
    curve = of_counts(drawn(0.5, 20))
    fraction = np.where(np.arange(20) < 10, 1.0, 0.0)
    part = replace(
        curve,
        exposed_fraction=fraction,
        rate=np.where(fraction > 0, curve.rate, 0.0),
        error=np.where(fraction > 0, curve.error, 0.0),
    )
    assert part.measured.sum() == 10


def test_a_file_keeps_the_bins_without_counts(tmp_path: Path) -> None:
    curve = of_counts(drawn(0.1, 200))
    curve.save(tmp_path / "few.fits")
    again = oda.LightCurve.read(tmp_path / "few.fits")
    assert again.measured.all()
    assert tuple(again.mean()) == pytest.approx(tuple(curve.mean()))
