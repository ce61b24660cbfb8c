"""XSPEC's library is a guest that must not disturb: threads, NaN, terminal, environment."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.definitions import definitions
from oda_widgets.fitting.models.grid import Grid

pytestmark = pytest.mark.skipif(not library.available(), reason="no XSPEC library here")

GRID = Grid(np.geomspace(3.0, 300.0, 80))


def test_eight_threads_get_the_values_of_one() -> None:
    rng = np.random.default_rng(1)
    tasks = [
        (name, [low + rng.random() * (high - low) for low, high in ranges])
        for _ in range(30)
        for name, ranges in (
            ("compTT", [(0, 0), (0.1, 2), (3, 60), (0.3, 3), (1, 1)]),
            ("diskbb", [(0.5, 3)]),
            ("TBabs", [(0.1, 10)]),
            ("compbb", [(1, 3), (10, 60), (0.1, 1)]),
        )
    ]

    def evaluate(task: tuple[str, list[float]]) -> np.ndarray:
        return library.evaluate(definitions()[task[0]], GRID, task[1])

    alone = [evaluate(task) for task in tasks]
    with ThreadPoolExecutor(8) as pool:
        for one, other in zip(alone, pool.map(evaluate, tasks), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_do_not_reach_the_library(bad: float) -> None:
    """In XSPEC's cutoffpl it ends the process."""
    for name in ("cutoffpl", "compTT", "TBabs", "compPS"):
        model = definitions()[name]
        values = [parameter.value for parameter in model.parameters]
        values[0] = bad
        assert np.isnan(library.evaluate(model, GRID, values)).all()


@pytest.mark.parametrize(("name", "place", "value"), [("compPS", 6, 4.0), ("compTT", 1, -1.0)])
def test_values_that_crash_the_process_do_not_reach_the_library(
    name: str, place: int, value: float
) -> None:
    """Links give values that no check has seen before."""
    model = definitions()[name]
    values = [parameter.value for parameter in model.parameters]
    values[place] = value
    assert np.isnan(library.evaluate(model, GRID, values)).all()


def test_the_library_prints_nothing_and_leaves_the_environment_alone() -> None:
    code = (
        "import os; os.environ.pop('HEADAS', None)\n"
        "from tests.fitting.instruments import ngc_2110\n"
        "ngc_2110().fit('TBabs*compTT', energy=(22, 200), freeze={'nH': 1, 'T0': 0.1})\n"
        "assert 'HEADAS' not in os.environ"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_a_heasoft_of_the_user_stays_his() -> None:
    code = (
        "import os; os.environ['HEADAS'] = '/opt/heasoft'\n"
        "from oda_widgets.fitting.models import library\n"
        "assert library.available()\n"
        "assert os.environ['HEADAS'] == '/opt/heasoft'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
