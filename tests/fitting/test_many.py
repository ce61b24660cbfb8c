"""Many points at once give what they give one by one."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.fitting.chains.walk import log_likelihood
from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.choices import Choices
from oda_widgets.fitting.models.expression import parse
from oda_widgets.fitting.models.grid import Grid
from oda_widgets.fitting.models.many import evaluator_of_many
from oda_widgets.fitting.models.model import Varying, evaluator
from oda_widgets.fitting.models.numpy_models import COLUMNS, NUMPY_MODELS
from oda_widgets.fitting.prepare import prepare
from oda_widgets.fitting.problem import Problem
from oda_widgets.fitting.statistics import (
    Cash,
    ChiSquare,
    PoissonGaussian,
    ProfiledCash,
    SmoothedCash,
    Statistic,
)
from tests.fitting.instruments import ngc_2110

RANGE = (22, 200)
RNG = np.random.default_rng(11)
COUNTS, EXPOSURE, BEHIND = RNG.poisson(6.0, 12).astype(float), np.full(12, 100.0), np.ones(12)


def points_of(problem: Problem, number: int = 7) -> np.ndarray:
    """Return points around the start values, within the limits."""
    start = problem.links.start
    scatter = 1 + 0.1 * np.random.default_rng(5).standard_normal((number, len(start)))
    return np.clip(start * scatter, problem.links.low, problem.links.high)


@pytest.mark.parametrize(
    "model",
    [
        "powerlaw", "cutoffpl", "grbm", "bknpower", "bbody + bbodyrad", "constant*(bbody+powerlaw)",
        "highecut*expabs*powerlaw", "wabs(powerlaw + gaussian)", "cflux*powerlaw",
        "constant*cpflux(wabs*cutoffpl)",
    ],
)  # fmt: skip
def test_every_kind_of_model(model: str) -> None:
    problem = Problem(prepare(ngc_2110(), model, energy=RANGE))
    points = points_of(problem)
    expected = [problem.statistic(point) for point in points]
    np.testing.assert_allclose(problem.statistics_at(points), expected, rtol=1e-11)


@pytest.mark.skipif(not library.available(), reason="no XSPEC library here")
def test_models_of_the_library_beside_others() -> None:
    problem = Problem(prepare(ngc_2110(), "constant*(diskbb + powerlaw)", energy=RANGE))
    points = points_of(problem)
    expected = [problem.statistic(point) for point in points]
    np.testing.assert_allclose(problem.statistics_at(points), expected, rtol=1e-9)


def test_linked_parameters_follow_at_every_point() -> None:
    choices = Choices(links={"bbody.kT": "2*PhoIndex + 1"})
    problem = Problem(prepare(ngc_2110(), "bbody + powerlaw", energy=RANGE, choices=choices))
    points = points_of(problem)
    expected = [problem.statistic(point) for point in points]
    np.testing.assert_allclose(problem.statistics_at(points), expected, rtol=1e-11)


def test_several_spectra_are_added() -> None:
    spectra = [ngc_2110(), ngc_2110()]
    problem = Problem(prepare(spectra, "constant*powerlaw", energy=RANGE))
    points = points_of(problem)
    expected = [problem.statistic(point) for point in points]
    np.testing.assert_allclose(problem.statistics_at(points), expected, rtol=1e-11)


@pytest.mark.parametrize("index", [1.0, 1.0 + 1e-14, 2.0, -3.0])
def test_a_power_law_of_any_index_beside_others(index: float) -> None:
    grid, tree = Grid(np.geomspace(15.0, 500.0, 60)), parse("powerlaw")
    points = np.array([[1.7, 1.0], [index, 2.0], [0.5, 3.0]])
    found = evaluator_of_many(tree, grid, Varying())(points)
    one_by_one = [evaluator(tree, grid)(point) for point in points]
    np.testing.assert_allclose(found, one_by_one, rtol=1e-12)


def test_points_outside_the_limits_have_no_likelihood_and_others_keep_theirs() -> None:
    problem = Problem(prepare(ngc_2110(), "powerlaw", energy=RANGE))
    points = points_of(problem)
    alone = log_likelihood(problem, points)
    points[3] = problem.links.high * 2
    expected = np.where(np.arange(len(points)) == 3, -np.inf, alone)
    np.testing.assert_allclose(log_likelihood(problem, points), expected, rtol=1e-11)
    assert (log_likelihood(problem, points[3:4]) == -np.inf).all()


@pytest.mark.parametrize(
    "statistic",
    [
        ChiSquare(COUNTS / EXPOSURE, 0.01 * BEHIND),
        Cash(COUNTS, EXPOSURE),
        ProfiledCash(COUNTS, EXPOSURE, COUNTS[::-1], 2 * EXPOSURE),
        SmoothedCash(COUNTS, EXPOSURE, COUNTS[::-1], 2 * EXPOSURE, np.array([0, 4, 9])),
        PoissonGaussian(COUNTS, EXPOSURE, 2 * BEHIND, BEHIND),
    ],
    ids=lambda statistic: type(statistic).__name__,
)
def test_every_statistic(statistic: Statistic) -> None:
    models = RNG.uniform(0.0, 0.2, (5, len(COUNTS)))
    expected = [statistic.values(model).sum() for model in models]
    np.testing.assert_allclose(statistic.totals(models), expected, rtol=1e-13)


def test_what_takes_columns_is_a_model_of_ours() -> None:
    assert set(NUMPY_MODELS) >= COLUMNS
