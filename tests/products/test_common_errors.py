"""Errors that the bins of a science window share, in means, fits, longer bins and files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from oda_widgets.products.light_curve import LightCurve
from tests.products.examples import OBSERVATION, make_light_curve

OWN, COMMON = 4.0, 3.0


@pytest.fixture
def curve() -> LightCurve:
    """Give a light curve of six bins of one exposure, three in each of two science windows."""
    made = make_light_curve(6)
    return replace(
        made,
        error=np.full(6, np.hypot(OWN, COMMON)),
        exposed_fraction=np.full(6, 0.5),
        common_error=np.full(6, COMMON),
        window=np.repeat([0, 1], 3),
        observation=replace(OBSERVATION, science_windows=("first", "second")),
    )


def of_mean(bins: int, windows: int) -> float:
    """Return the error of the mean of bins of several windows with as many bins each."""
    return float(np.hypot(OWN / bins**0.5, COMMON / windows**0.5))


def test_the_mean_adds_by_amount_in_a_window_and_in_quadrature_between(curve: LightCurve) -> None:
    assert curve.mean()[1] == pytest.approx(of_mean(6, 2))
    assert curve.mean("variance")[1] == pytest.approx(of_mean(6, 2))
    first = curve.cut(stop=float(curve.edges[2, 1]))
    assert first.mean_rate[1] == pytest.approx(of_mean(3, 1))


def test_a_constant_has_the_error_of_the_mean(curve: LightCurve) -> None:
    fit = curve.fit("constant")
    assert fit.level_error == pytest.approx(of_mean(6, 2))
    assert fit.level == pytest.approx(curve.rate.mean())


def test_a_line_is_that_of_the_covariance_matrix(curve: LightCurve) -> None:
    same = curve.window[:, None] == curve.window  # type: ignore[index]
    inverse = np.linalg.inv(OWN**2 * np.eye(6) + COMMON**2 * same)
    fit = curve.fit("linear")
    columns = np.stack([np.ones(6), curve.time - fit.reference])
    covariance = np.linalg.inv(columns @ inverse @ columns.T)
    level, slope = covariance @ columns @ inverse @ curve.rate
    assert fit.level == pytest.approx(level)
    assert fit.slope == pytest.approx(slope)
    np.testing.assert_allclose([fit.level_error, fit.slope_error], covariance.diagonal() ** 0.5)
    residuals = curve.rate - fit.at(curve.time)
    assert fit.chi2 == pytest.approx(residuals @ inverse @ residuals)


def test_longer_bins_of_a_window_keep_what_they_share(curve: LightCurve) -> None:
    edges = [*curve.edges[[0, 2, 3], 0], float(curve.edges[-1, 1])]
    longer = curve.rebin(edges=edges)
    np.testing.assert_allclose(longer.error, [of_mean(2, 1), of_mean(1, 1), of_mean(3, 1)])
    np.testing.assert_allclose(longer.common_error, COMMON)
    assert longer.mean()[1] == pytest.approx(curve.mean()[1])


def test_a_bin_of_two_windows_shares_nothing_more(curve: LightCurve) -> None:
    whole = curve.rebin(days=1)
    assert whole.error[0] == pytest.approx(of_mean(6, 2))
    assert whole.common_error is not None
    assert whole.common_error[0] == 0
    assert whole.mean()[1] == pytest.approx(of_mean(6, 2))


def test_bins_as_significant_as_asked_count_what_they_share(curve: LightCurve) -> None:
    steady = replace(curve, rate=np.full(6, 10.0))
    longer = steady.rebin(min_snr=3.2)
    assert (longer.rate / longer.error >= 3.2).all()


def test_parts_joined_again_know_their_windows(curve: LightCurve) -> None:
    middle = float(curve.edges[1, 1])
    whole = curve.cut(start=middle).join(curve.cut(stop=middle))
    assert whole.mean()[1] == pytest.approx(curve.mean()[1])
    np.testing.assert_array_equal(whole.window, curve.window)


def test_files_keep_what_bins_share(curve: LightCurve, tmp_path: Path) -> None:
    curve.write(tmp_path / "curve.fits")
    read = LightCurve.read(tmp_path / "curve.fits")
    np.testing.assert_array_equal(read.window, curve.window)
    assert read.mean() == curve.mean()
