"""Two minima that are nearly as low: both are known, and profiles lead into both."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.arrays import Floats
from oda_widgets.fitting.chains.sampling import first_points
from oda_widgets.fitting.errors.search import Search
from oda_widgets.fitting.fit import minima_of
from oda_widgets.fitting.guess import guess
from oda_widgets.fitting.models.choices import Choices
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.problem import Problem
from oda_widgets.fitting.result import Fit
from tests.fitting.instruments import isgri, ngc_2110, simulated

FIRST, SECOND = 60.0, 90.0  # keV


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Give a power law with one line for data with two, the second a little clearer."""
    truth = {
        "PhoIndex": 2.0, "powerlaw.norm": 1.0,
        "gaussian.LineE": FIRST, "gaussian.Sigma": 1.0, "gaussian.norm": 4e-4,
        "gaussian#2.LineE": SECOND, "gaussian#2.Sigma": 1.0, "gaussian#2.norm": 7e-4,
    }  # fmt: skip
    drawn = simulated(isgri(50_000, 4), "powerlaw + gaussian + gaussian", truth, 1)
    choices = Choices(freeze={"Sigma": 1.0, "PhoIndex": 2.0})
    return Problem(prepare(drawn, "powerlaw + gaussian", (20, 200), choices=choices))


def test_a_fit_tells_of_the_other_minimum(problem: Problem) -> None:
    minima = minima_of(problem, starts())
    [note] = (note for note in Fit(problem.recipe, minima, problem).notes if "minimum" in note)
    assert "Second minimum at delta chi2 = 4." in note
    assert "LineE=60.46" in note


def starts() -> list[Floats]:
    return [np.array([1.0, energy, 1e-3]) for energy in (FIRST, SECOND, FIRST + 0.5)]


def test_the_lowest_is_taken_and_the_next_remembered_once(problem: Problem) -> None:
    minima = minima_of(problem, starts())
    assert [round(minimum.values[1]) for minimum in minima] == [SECOND, FIRST]
    assert minima[0].statistic < minima[1].statistic < minima[0].statistic + 9


def test_a_profile_leads_into_the_other_minimum(problem: Problem) -> None:
    """With the line held as weak as the first one, it is best there."""
    best, other = minima_of(problem, starts())
    weak = other.values[2]
    expected = other.statistic - best.statistic
    assert Search(problem, best, other).rise(2, weak) == pytest.approx(expected, abs=0.01)
    assert Search(problem, best).rise(2, weak) > expected + 5


def test_a_chain_starts_around_each_minimum_as_often_as_it_is_likely(problem: Problem) -> None:
    """The other minimum is higher by 4.2, and so 0.12 times as likely: 2 walkers of 20."""
    points = first_points(problem.recipe, minima_of(problem, starts()), 20, seed=1)
    assert np.count_nonzero(np.abs(points[:, 1] - FIRST) < 5) == 2
    assert np.count_nonzero(np.abs(points[:, 1] - SECOND) < 5) == 18


def test_each_value_that_is_typical_is_in_a_start() -> None:
    """The best starts of all are neighbours: of compTT they have missed the lowest minimum."""
    problem = Problem(prepare(ngc_2110(), "cutoffpl", (22, 200)), interpolated=0)
    found = np.array(guess(problem, ()))
    assert {1.5, 2.1, 3.0} <= set(found[:, 0])
    assert {20.0, 80.0, 250.0} <= set(found[:, 1])
    statistics = [problem.statistic(start) for start in found]
    assert statistics == sorted(statistics)
