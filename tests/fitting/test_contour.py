"""Levels of two parameters are closed lines of many points, however correlated the two are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from contourpy import contour_generator

import oda_widgets as oda
from oda_widgets.fitting.errors.contour import LEVELS, Contour
from tests.fitting.instruments import isgri, ngc_2110, simulated

RANGE = (22, 200)
MANY = 50  # points within the lowest level, of 441


def lines(contour: Contour, level: float) -> list[np.ndarray]:
    fine = contour.finer()
    return contour_generator(fine.x, fine.y, fine.rise).lines(level)


def area(line: np.ndarray) -> float:
    x, y = line.T
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2


@pytest.fixture(scope="module")
def power_law() -> oda.Fit:
    return ngc_2110().fit("powerlaw", energy=RANGE)


@pytest.mark.parametrize("pair", [("PhoIndex", "norm"), ("norm", "PhoIndex")])
def test_levels_of_a_power_law_are_one_closed_line_each(
    power_law: oda.Fit, pair: tuple[str, str]
) -> None:
    found = power_law.contour(*pair)
    assert found.inside["68 %"] > MANY
    assert found.closure == "all closed"
    for level in LEVELS.values():
        [line] = lines(found, level)
        np.testing.assert_array_equal(line[0], line[-1])


def test_levels_end_where_the_profile_says(power_law: oda.Fit) -> None:
    [line] = lines(power_law.contour("PhoIndex", "norm"), 1.0)
    for place, name in enumerate(("PhoIndex", "norm")):
        ends = power_law.errors(name).first
        reached = line[:, place]
        assert reached.min() == pytest.approx(ends.low, abs=0.02 * (ends.value - ends.low))
        assert reached.max() == pytest.approx(ends.high, abs=0.02 * (ends.high - ends.value))


def test_levels_of_gaussian_errors_are_the_ellipse_of_the_covariance() -> None:
    indices = {"powerlaw.PhoIndex": 2.0, "powerlaw#2.PhoIndex": 2.4}
    truth = {**indices, "powerlaw.norm": 5.0, "powerlaw#2.norm": 20.0}
    drawn = simulated(isgri(1e5), "powerlaw + powerlaw", truth, seed=3)
    fit = drawn.fit("powerlaw + powerlaw", energy=(30, 200), statistic="chi2", start=truth,
                    freeze=tuple(indices))  # fmt: skip
    found = fit.contour(*fit.parameters.free)
    covariance = fit.minimum.covariance
    off = np.stack([found.x - found.best[0], found.y - found.best[1]])
    expected = np.einsum("i...,ij,j...->...", off, np.linalg.inv(covariance), off)
    np.testing.assert_allclose(found.rise, expected, rtol=1e-3, atol=1e-3)
    for level in LEVELS.values():
        [line] = lines(found, level)
        ellipse = np.pi * level * np.sqrt(np.linalg.det(covariance))
        assert area(line) == pytest.approx(ellipse, rel=0.01)


def test_a_level_that_a_limit_cuts_is_said_to_be_open_there() -> None:
    found = ngc_2110().fit("cutoffpl", energy=RANGE).contour("PhoIndex", "HighECut")
    assert found.inside["68 %"] > MANY
    assert dict(found.open_at) == dict.fromkeys(LEVELS, ("HighECut 500 keV",))
    assert repr(found).endswith("68 %, 90 %, 99 % open at HighECut 500 keV")


def test_a_contour_is_drawn_and_saved(power_law: oda.Fit, tmp_path: Path) -> None:
    found = power_law.contour("PhoIndex", "norm", points=7)
    assert found.figure().axes[0].get_xlabel() == "PhoIndex"
    found.save(tmp_path / "contour.csv")
    rows = np.loadtxt(tmp_path / "contour.csv", delimiter=",", skiprows=1)
    np.testing.assert_allclose(rows[:, 2].reshape(7, 7), found.rise, rtol=1e-6)
    found.save(tmp_path / "contour.svg")
    assert "photons/keV/cm²/s" in (tmp_path / "contour.svg").read_text().replace("\n", "")
